"""Blocking verbs in a process that gevent has patched: while they wait, other greenlets run."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers import KEYSPACE, Server

_SECONDS = 120  # over this, something hangs

_PATCHED = """
    from gevent import monkey
    monkey.patch_all()
    import gevent, logging, sys
    import langchain_bytestore
    from langchain_bytestore import CassandraByteStore, LmdbByteStore, RocksDBByteStore
    langchain_bytestore._native.warn_of_leaks()
    logging.getLogger("langchain_bytestore").setLevel(logging.ERROR)  # retries are not failures
    patience = {"connect_timeout": 100, "attempt_timeout": 100, "give_up_after": 100}

    def say_and_hear(word):
        print(word, flush=True)
        sys.stdin.readline()

    def ticks_until(call):
        ticks = 0
        while not call.ready():
            gevent.sleep(0)
            ticks += 1
        return ticks
    """


class _Program:
    """A process that says a word for each thing that it wants to be done, and waits for it."""

    def __init__(self, *code: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-c", "".join(map(textwrap.dedent, code))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def answer(self, word: str, act: Callable[[], object]) -> None:
        assert self._process.stdout and self._process.stdin
        said = self._process.stdout.readline()
        assert said == word + "\n", said + self._rest()
        act()
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def end(self) -> None:
        said, complained = self._process.communicate(timeout=_SECONDS)
        assert (self._process.returncode, said, complained) == (0, "end\n", "")

    def _rest(self) -> str:
        said, complained = self._process.communicate(timeout=_SECONDS)
        return said + complained


@pytest.fixture
def mortal(server: Server) -> Iterator[Server]:
    """The server, for a test that pauses it."""
    yield server
    server.mend()


@pytest.fixture
def on_cassandra(server: Server, table: str) -> str:
    """The lines by which a program makes its store."""
    return f"""
        points, port = {json.dumps(server.told["contact_points"])}, {server.told["port"]}
        session = langchain_bytestore.connect(points, port=port, keyspace={KEYSPACE!r}, **patience)
        store = CassandraByteStore({table!r}, session=session)
        """


@pytest.fixture(params=["memory", "rocksdb", "lmdb", "cassandra"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "cassandra":
        lines: str = request.getfixturevalue("on_cassandra")
        return lines
    if request.param == "memory":
        return "\nstore = langchain_bytestore.open('memory:')\n"
    kind = {"rocksdb": "RocksDBByteStore", "lmdb": "LmdbByteStore"}[request.param]
    return f"\nstore = {kind}({str(tmp_path / 'store')!r})\n"


def test_greenlets_run_while_a_server_is_paused(mortal: Server, on_cassandra: str) -> None:
    program = _Program(
        _PATCHED,
        on_cassandra,
        """
        store.mset([("a", b"1")])
        say_and_hear("pause")
        calls = [
            gevent.spawn(store.mget, ["a"]),
            gevent.spawn(store.mset, [("b", b"2")]),
            gevent.spawn(store.mdelete, ["c"]),
            gevent.spawn(lambda: list(store.yield_keys())),
            gevent.spawn(store.estimate_keys),
            gevent.spawn(langchain_bytestore.connect, points, port=port, **patience),
        ]
        for _ in range(20):
            gevent.sleep(0.001)
        assert not any(call.ready() for call in calls)
        say_and_hear("resume")
        gevent.joinall(calls, raise_error=True)
        assert calls[0].value == [b"1"]
        assert store.mget(["b"]) == [b"2"]
        store.close()
        print("end")
        """,
    )
    program.answer("pause", lambda: mortal.launcher("pause", 1))
    program.answer("resume", lambda: mortal.launcher("resume", 1))
    program.end()


def test_a_greenlet_that_is_killed_or_timed_out_while_it_waits(
    mortal: Server, on_cassandra: str
) -> None:
    program = _Program(
        _PATCHED,
        on_cassandra,
        """
        store.mset([("a", b"1")])

        def hurried():
            with gevent.Timeout(0.01, False):
                store.mget(["a"])
                return "too early"
            return "timed out"

        say_and_hear("pause")
        killed = [gevent.spawn(store.mset, [("a", b"%d" % i)]) for i in range(20)]
        listing = gevent.spawn(lambda: list(store.yield_keys()))
        opening = gevent.spawn(CassandraByteStore, "another", session=session)
        gevent.sleep(0)
        hurried = [gevent.spawn(hurried) for _ in range(20)]
        gevent.joinall(hurried)
        gevent.killall([*killed, listing, opening])
        say_and_hear("resume")
        assert {each.value for each in hurried} == {"timed out"}
        assert all(isinstance(each.value, gevent.GreenletExit) for each in killed)
        store.mset([("a", b"last")])
        assert store.mget(["a"]) == [b"last"]
        assert list(store.yield_keys()) == ["a"]
        store.close()
        gevent.get_hub().join(timeout=60)
        print("end")
        """,
    )
    program.answer("pause", lambda: mortal.launcher("pause", 1))
    program.answer("resume", lambda: mortal.launcher("resume", 1))
    program.end()


def test_greenlets_run_while_each_kind_of_store_works(opened: str) -> None:
    """A call may be over before anything else gets to run, but not each time."""
    program = _Program(
        _PATCHED,
        opened,
        """
        import itertools
        entries = [(str(i), bytes(100)) for i in range(5_000)]
        keys = [key for key, _ in entries]

        def until_others_ran(*call):
            while True:
                greenlet = gevent.spawn(*call)
                if ticks_until(greenlet) > 2:
                    return greenlet.get()

        until_others_ran(store.mset, entries)
        assert until_others_ran(store.mget, keys) == [bytes(100)] * len(keys)
        assert until_others_ran(store.mget, ["1", "absent"]) == [bytes(100), None]
        assert sorted(until_others_ran(lambda: list(store.yield_keys()))) == sorted(keys)
        assert until_others_ran(store.estimate_keys) >= 0
        until_others_ran(store.mdelete, keys)
        assert list(store.yield_keys()) == []
        store.close()
        gevent.get_hub().join()
        print("end")
        """,
    )
    program.end()


@pytest.mark.parametrize("opened", ["rocksdb", "cassandra"], indirect=True)
def test_errors_orders_and_threads_are_as_without_gevent(opened: str) -> None:
    program = _Program(
        _PATCHED,
        opened,
        """
        import threading

        def raised(kind, *call):
            try:
                call[0](*call[1:])
            except kind:
                return True

        assert raised(TypeError, store.mset, [("a", None)])
        assert raised(ValueError, store.mget, [""])
        store.mset(iter([("a", b"0")]))
        calls = [gevent.spawn(store.mset, [("a", b"%d" % i)]) for i in range(1, 50)]
        gevent.joinall(calls, raise_error=True)
        assert store.mget(["a"]) == [b"49"]

        # A thread of the system, without greenlets; and one that becomes a greenlet.
        in_thread = []
        begin = monkey.get_original("_thread", "start_new_thread")
        begin(lambda: in_thread.append(store.mget(["a"])), ())
        while not in_thread:
            gevent.sleep(0.001)
        assert in_thread == [[b"49"]]
        thread = threading.Thread(target=store.mset, args=([("a", b"thread")],))
        thread.start()
        thread.join()
        assert gevent.get_hub().threadpool.apply(store.mget, (["a"],)) == [b"thread"]

        # The hub itself cannot wait through itself.
        of_hub = []
        gevent.get_hub().loop.run_callback(lambda: of_hub.append(store.mget(["a"])))
        gevent.sleep(0.001)
        assert of_hub == [[b"thread"]]

        keys = store.yield_keys()
        next(keys)
        keys.close()
        store.close()
        assert raised(langchain_bytestore.OperationCancelledError, store.mget, ["a"])
        print("end")
        """,
    )
    program.end()


def test_a_process_that_was_forked_while_a_greenlet_waits(
    mortal: Server, on_cassandra: str
) -> None:
    program = _Program(
        _PATCHED,
        on_cassandra,
        """
        import os

        def read():
            try:
                return store.mget(["a"])
            except RuntimeError as error:
                return str(error)

        say_and_hear("pause")
        call = gevent.spawn(read)
        gevent.sleep(0)
        # By itself gevent looks out for children only after the first fork, and misses one that has
        # ended by then.
        gevent.get_hub().loop.install_sigchld()
        child = os.fork()
        if child == 0:
            os._exit(7 if "forked during the call" in call.get() else 8)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        say_and_hear("resume")
        assert call.get() == [None]
        print("end")
        """,
    )
    program.answer("pause", lambda: mortal.launcher("pause", 1))
    program.answer("resume", lambda: mortal.launcher("resume", 1))
    program.end()


def test_a_process_that_imports_gevent_and_is_not_patched(tmp_path: Path) -> None:
    program = _Program(
        f"""
        import gevent.monkey
        from langchain_bytestore import RocksDBByteStore
        store = RocksDBByteStore({str(tmp_path / "store")!r})
        call = gevent.spawn(store.mset, [("a", b"1")])
        gevent.sleep(0)
        assert call.ready() and store.mget(["a"]) == [b"1"]
        print("end")
        """,
    )
    program.end()
