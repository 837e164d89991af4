"""The ends of processes, and forks."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from servers import KEYSPACE, Server

_SECONDS = 60  # over this, something hangs


def _script(store: str, code: str) -> list[str]:
    return [
        sys.executable,
        "-W",
        "default",
        "-X",
        "faulthandler",
        "-c",
        textwrap.dedent(store) + textwrap.dedent(code),
    ]


@pytest.fixture(params=["rocksdb", "lmdb", "cassandra"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The lines by which a script makes its store."""
    in_folders = {"rocksdb": "RocksDBByteStore", "lmdb": "LmdbByteStore"}
    if kind := in_folders.get(request.param):
        return f"""
            from langchain_bytestore import {kind}
            store = {kind}({str(tmp_path / "store")!r}, sync=False)
            """
    server: Server = request.getfixturevalue("server")
    table = request.getfixturevalue("table")
    points, port = json.dumps(server.told["contact_points"]), server.told["port"]
    return f"""
        import langchain_bytestore
        from langchain_bytestore import CassandraByteStore
        session = langchain_bytestore.connect({points}, port={port}, keyspace={KEYSPACE!r})
        store = CassandraByteStore({table!r}, session=session)
        """


def _run(store: str, code: str) -> str:
    done = subprocess.run(
        _script(store, code), capture_output=True, text=True, check=False, timeout=_SECONDS
    )
    assert done.returncode == 0, (done.returncode, done.stderr)
    assert done.stderr == ""
    return done.stdout


def test_a_process_ends_without_closing(store: str) -> None:
    assert _run(store, "store.mset([('a', b'1')])\nprint(store.mget(['a']))") == "[b'1']\n"


def test_nothing_is_left_at_the_end(store: str) -> None:
    code = """
        import asyncio, langchain_bytestore
        langchain_bytestore._native.warn_of_leaks()
        entries = [(str(i), bytes(1_000)) for i in range(2_000)]

        async def use():
            await store.amset(entries)
            await store.amget([key for key, _ in entries])
            assert len([key async for key in store.ayield_keys()]) == 2_000
            cancelled = asyncio.ensure_future(store.amset(entries))
            await asyncio.sleep(0)
            cancelled.cancel()
            await asyncio.wait([cancelled])
            await store.amdelete(["1"])

        with store:
            store.mset(entries)
            next(store.yield_keys())
            try:
                store.mset([("a", None)])
            except TypeError:
                pass
            asyncio.run(use())
        """
    assert _run(store, code) == ""


@pytest.mark.parametrize(
    "calls",
    ["store.mset(entries)", "store.mget(['a']), list(store.yield_keys())"],
    ids=["long", "short"],
)
def test_a_process_ends_with_calls_of_threads_under_way(store: str, calls: str) -> None:
    code = f"""
        import threading
        entries = [(str(i), bytes(1_000)) for i in range(2_000)]
        begun = threading.Semaphore(0)
        def call():
            while True:
                {calls}
                begun.release()
        threads = [threading.Thread(target=call, daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in threads:
            begun.acquire()
        print("end")
        """
    for _ in range(5):
        assert _run(store, code) == "end\n"


def test_a_loop_that_is_closed_with_a_call_under_way(store: str) -> None:
    code = """
        import asyncio, gc
        loop = asyncio.new_event_loop()
        task = loop.create_task(store.amset([(str(i), bytes(1_000)) for i in range(2_000)]))
        task._log_destroy_pending = False  # asyncio's own complaint
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        del task
        gc.collect()
        print("end")
        """
    assert _run(store, code) == "end\n"


def test_a_process_ends_with_asynchronous_calls_under_way(store: str) -> None:
    code = """
        import asyncio
        entries = [(str(i), bytes(1_000)) for i in range(2_000)]
        loop = asyncio.new_event_loop()
        tasks = [loop.create_task(store.amset(entries)) for _ in range(20)]
        loop.run_until_complete(asyncio.sleep(0.01))
        print("end", flush=True)
        import io, sys
        sys.stderr = io.StringIO()  # asyncio tells of tasks that were never awaited
        """
    for _ in range(3):
        assert _run(store, code) == "end\n"


def test_a_process_ends_while_a_large_answer_is_delivered() -> None:
    """Which is copied without the interpreter lock."""
    code = """
        import asyncio, langchain_bytestore
        store = langchain_bytestore.open("memory:")
        store.mset([("a", bytes(100_000_000))])
        loop = asyncio.new_event_loop()
        task = loop.create_task(store.amget(["a"] * 3))
        loop.run_until_complete(asyncio.sleep(0.02))
        print("end", flush=True)
        import os
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # of the task that was never awaited
        """
    for _ in range(5):
        assert _run("", code) == "end\n"


def test_calls_after_the_interpreter_has_begun_to_end() -> None:
    """In functions of atexit that are older than the package."""
    code = """
        import atexit, threading
        ending = threading.Event()
        def of_thread():
            ending.wait()
            try:
                store.mget(["a"])
            except SystemExit as error:  # it is a daemon
                print(error)
        thread = threading.Thread(target=of_thread, daemon=True)
        def last():
            import asyncio
            print(store.mget(["a"]))
            try:
                asyncio.run(store.amget(["a"]))
            except RuntimeError as error:
                print(error)
            ending.set()
            thread.join()
        atexit.register(last)
        import langchain_bytestore
        store = langchain_bytestore.open("memory:")
        store.mset([("a", b"1")])
        thread.start()
        """
    told = "the interpreter is ending\n"
    assert _run("", code) == f"[b'1']\n{told}{told}"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python itself refuses such threads")
def test_a_thread_that_is_begun_after_the_interpreter_has_begun_to_end() -> None:
    code = """
        import atexit, threading
        def of_thread():
            try:
                store.mget(["a"])
            except RuntimeError as error:
                print(error)
        def last():
            thread = threading.Thread(target=of_thread)
            thread.start()
            thread.join()
        atexit.register(last)
        import langchain_bytestore
        store = langchain_bytestore.open("memory:")
        """
    assert _run("", code) == "the interpreter is ending\n"


def test_a_fork_in_a_signal_handler_during_a_call() -> None:
    code = """
        import os, signal, threading, time
        import langchain_bytestore
        store = langchain_bytestore.open("memory:")
        entries = [(str(i), bytes(1_000)) for i in range(200_000)]
        child = None
        def fork(*_):
            global child
            child = os.fork()
        signal.signal(signal.SIGALRM, fork)
        while child is None:
            signal.setitimer(signal.ITIMER_REAL, 0.01)
            try:
                store.mset(entries)
            except Exception as error:
                if child == 0:
                    os._exit(7)
                raise
        if child == 0:
            os._exit(7)  # it forked between two calls
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
    assert _run("import warnings\nwarnings.simplefilter('ignore')\n", code) == "7\n"


def test_a_process_ends_with_a_listing_begun(store: str) -> None:
    code = """
        store.mset([(str(i), b"") for i in range(5_000)])
        keys = store.yield_keys()
        next(keys)
        print("end")
        """
    assert _run(store, code) == "end\n"


def test_a_child_that_was_forked_does_not_hang(store: str) -> None:
    code = """
        import os, warnings
        warnings.simplefilter("ignore")  # Python's own, of forks and threads
        store.mset([("a", b"1")])
        child = os.fork()
        if child == 0:
            try:
                print(store.mget(["a"]))
            except Exception as error:
                print(type(error).__name__, error)
            try:
                store.close()
            except Exception as error:
                pass
            import sys
            sys.exit(7)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        print(store.mget(["a"]))
        """
    said = _run(store, code).splitlines()
    assert "fork" in said[0]
    assert said[1:] == ["7", "[b'1']"]


def test_a_child_that_was_forked_in_the_middle(store: str) -> None:
    """Other threads are in calls meanwhile."""
    code = """
        import os, threading, warnings
        warnings.simplefilter("ignore")
        done = threading.Event()
        entries = [(str(i), bytes(1_000)) for i in range(500)]
        def write():
            while not done.is_set():
                store.mset(entries)
        threads = [threading.Thread(target=write) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(20):
            child = os.fork()
            if child == 0:
                try:
                    store.mset(entries)
                except Exception as error:
                    os._exit(7)
                os._exit(8)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        done.set()
        for thread in threads:
            thread.join()
        print("end")
        """
    assert _run(store, code) == "end\n"


def test_ctrl_c_ends_a_call(store: str) -> None:
    code = """
        import sys
        entries = [(str(i), bytes(1_000)) for i in range(2_000)]
        print("ready", flush=True)
        try:
            while True:
                store.mset(entries)
        except KeyboardInterrupt:
            store.mset([("a", b"1")])
            print(store.mget(["a"]))
        """
    process = subprocess.Popen(
        _script(store, code), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.05)  # anywhere in the call or between two
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=_SECONDS)
    assert (process.returncode, out, err) == (0, "[b'1']\n", "")


def test_a_sub_interpreter_is_refused() -> None:
    code = """
        import sys
        try:
            import _interpreters as interpreters  # from Python 3.13 on
        except ImportError:
            import _xxsubinterpreters as interpreters
        lines = f"import sys; sys.path[:] = {sys.path}; import langchain_bytestore"
        try:
            print(interpreters.run_string(interpreters.create(), lines))
        except Exception as error:
            print(error)
        """
    # From Python 3.12 on Python asks the module before it is begun.
    refused = (
        "main interpreter only" if sys.version_info < (3, 12) else "not support loading in sub"
    )
    assert refused in _run("", code)


def test_a_child_that_was_forked_in_the_middle_of_a_listing(store: str) -> None:
    """What the parent reads ahead never comes in the child."""
    code = """
        import os, warnings
        from langchain_bytestore import UnavailableError
        warnings.simplefilter("ignore")  # Python's own, of forks and threads
        store.mset([(f"{i:05}", b"") for i in range(20_000)])
        for _ in range(20):
            keys = store.yield_keys()
            for _ in range(10_000):
                next(keys)
            child = os.fork()
            if child == 0:
                try:
                    for key in keys:
                        pass
                except UnavailableError:
                    os._exit(7)
                os._exit(1)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
            assert len(list(keys)) == 10_000
        print("listed")
        """
    assert _run(store, code) == "listed\n"
