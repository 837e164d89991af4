"""Ctrl-C and cancellation while sessions connect, tables are set up, and stores close."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Callable, Optional

import pytest
from conftest import InFolder
from servers import KEYSPACE, Server

import langchain_bytestore
from langchain_bytestore import (
    BatchError,
    CassandraByteStore,
    OperationCancelledError,
    Session,
    _native,
)

_HOUR = 3_600.0
_SECONDS = 30  # over this it was not cut short, but gave up by itself


class SilentServer:
    """Takes connections and never says a word."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self._connections: list[socket.socket] = []
        self.port: int = listening.getsockname()[1]

    def accept(self) -> None:
        self._connections.append(self._listening.accept()[0])

    def wait_for_the_end(self) -> None:
        """Of all connections."""
        for connection in self._connections:
            while connection.recv(1_000):
                pass


@pytest.fixture
def silent_server() -> Iterator[SilentServer]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield SilentServer(listening)


@contextmanager
def ctrl_c_after(wait: Callable[[], object]) -> Iterator[None]:
    """Interrupts the main thread once `wait` has returned; that must end the body."""

    interrupted_at = 0.0

    def interrupt() -> None:
        nonlocal interrupted_at
        wait()
        interrupted_at = time.monotonic()
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        yield
    thread.join()
    assert time.monotonic() - interrupted_at < _SECONDS


class StallingProxy:
    """Stands before a server, whose answers it holds back once it is told to."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self._server = (host, port)
        self._listening = socket.create_server((host, 0))
        self.port: int = self._listening.getsockname()[1]
        self._sockets = [self._listening]
        self._stalled = threading.Event()
        self.asked_in_vain = threading.Event()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def stall(self) -> None:
        self._stalled.set()

    def close(self) -> None:
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(self._server)
                self._sockets += [client, server]
                for way in ((client, server, False), (server, client, True)):
                    self._threads.append(threading.Thread(target=self._pass_on, args=way))
                    self._threads[-1].start()

    def _pass_on(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while passed := source.recv(65_536):
                if not self._stalled.is_set():
                    target.sendall(passed)
                elif not answers:
                    self.asked_in_vain.set()


@pytest.fixture
def proxy(server: Server) -> Iterator[StallingProxy]:
    host = server.told["contact_points"][0]
    proxy = StallingProxy(host, server.told["port"])
    yield proxy
    proxy.close()


def test_ctrl_c_ends_connecting(silent_server: SilentServer) -> None:
    with ctrl_c_after(silent_server.accept):
        langchain_bytestore.connect(
            "127.0.0.1", port=silent_server.port, connect_timeout=_HOUR, attempt_timeout=_HOUR
        )
    silent_server.wait_for_the_end()


def test_ctrl_c_ends_the_opening_of_a_uri(silent_server: SilentServer) -> None:
    with ctrl_c_after(silent_server.accept):
        langchain_bytestore.open(
            f"cassandra://127.0.0.1:{silent_server.port}/app?table=kv"
            "&connect_timeout=3600s&attempt_timeout=3600s"
        )
    silent_server.wait_for_the_end()


def test_signals_are_handled_while_large_values_are_read(
    tmp_path: Path, in_folder: InFolder
) -> None:
    """A batch that is done on the calling thread has none handled before its end."""
    value = random.Random(1).randbytes(4_000_000)
    keys = [f"{i}" for i in range(100)]
    handled_before_the_end = False

    def handle(_: int, frame: Optional[FrameType]) -> None:
        nonlocal handled_before_the_end
        has_begun = frame is not None and frame.f_code.co_name == "mget"
        has_ended = any(
            type(each) is list and len(each) >= len(keys) and isinstance(each[0], bytes)
            for each in gc.get_objects()
        )
        handled_before_the_end = has_begun and not has_ended

    def read(times: int) -> None:
        asked = keys * times
        signal.setitimer(signal.ITIMER_REAL, 0.001)
        assert store.mget(asked) == [value] * len(asked)

    with in_folder(tmp_path / "store", sync=False) as store:
        store.mset([(key, value) for key in keys])
        before = signal.signal(signal.SIGALRM, handle)
        try:
            for _ in range(2):  # the second time their size is known
                handled_before_the_end = False
                # A signal may wait for 50 ms, in which fast memory gives much.
                for times in (1, 2, 4):
                    if not handled_before_the_end:
                        read(times)
                assert handled_before_the_end
        finally:
            signal.signal(signal.SIGALRM, before)


def test_ctrl_c_ends_a_listing(tmp_path: Path, in_folder: InFolder) -> None:
    with in_folder(tmp_path / "store", sync=False) as store:
        store.mset([(f"{i}", b"") for i in range(50_000)])
        listed = threading.Event()
        with ctrl_c_after(listed.wait):
            while True:
                assert len(list(store.yield_keys())) == 50_000
                listed.set()
        assert store.mget(["1"]) == [b""]


def test_ctrl_c_ends_the_set_up_of_a_constructor(proxy: StallingProxy, table: str) -> None:
    session = langchain_bytestore.connect(
        proxy.host, port=proxy.port, keyspace=KEYSPACE, attempt_timeout=2, give_up_after=_HOUR
    )
    proxy.stall()
    with ctrl_c_after(proxy.asked_in_vain.wait):
        CassandraByteStore(table, session=session)


def test_ctrl_c_ends_the_calls_that_a_close_waits_for(cassandra_store: CassandraByteStore) -> None:
    failure: Optional[Exception] = None

    def write() -> None:
        nonlocal failure
        try:
            cassandra_store.mset([(f"{i}", bytes(20_000)) for i in range(20_000)])
        except BatchError as error:
            failure = error

    def wait_until_it_closes() -> None:
        with suppress(OperationCancelledError):
            while True:
                cassandra_store.stats()

    writing = threading.Thread(target=write)
    writing.start()
    while cassandra_store.stats().mset.requests == 0:
        pass
    with ctrl_c_after(wait_until_it_closes):
        cassandra_store.close()
    writing.join()
    assert isinstance(failure, BatchError)
    assert {each.code for each in failure.failures} == {"cancelled"}


def test_a_cancelled_connecting_is_ended(silent_server: SilentServer) -> None:
    """Not only its awaiting is."""
    errors: list[Optional[BaseException]] = []

    async def connect() -> None:
        settled = asyncio.Event()

        def settle(_session: Optional[Session], error: Optional[BaseException]) -> None:
            errors.append(error)
            settled.set()

        options = {
            "contact_points": ["127.0.0.1"],
            "port": silent_server.port,
            "connect_timeout": _HOUR,
        }
        operation = _native.aconnect(options, asyncio.get_running_loop(), settle)
        await asyncio.to_thread(silent_server.accept)
        operation.cancel()
        await settled.wait()

    asyncio.run(connect())
    assert [type(error) for error in errors] == [OperationCancelledError]
    silent_server.wait_for_the_end()


def test_a_cancelled_task_that_connects(silent_server: SilentServer) -> None:
    async def connect() -> None:
        connecting = asyncio.ensure_future(
            langchain_bytestore.aconnect(
                "127.0.0.1", port=silent_server.port, connect_timeout=_HOUR
            )
        )
        await asyncio.to_thread(silent_server.accept)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting

    asyncio.run(connect())
    silent_server.wait_for_the_end()


def test_letting_go_of_a_store_waits_for_no_server(proxy: StallingProxy, table: str) -> None:
    """It would be a server that answers to nothing, and the event loop would stand still."""
    session = langchain_bytestore.connect(
        proxy.host, port=proxy.port, keyspace=KEYSPACE, attempt_timeout=_SECONDS + 10
    )

    async def call_in_vain() -> None:
        store = CassandraByteStore(table, session=session)
        proxy.stall()
        call = asyncio.ensure_future(store.amget(["a"]))
        while not proxy.asked_in_vain.is_set():
            await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        let_go = time.monotonic()
        del call, store
        gc.collect()
        assert time.monotonic() - let_go < _SECONDS

    asyncio.run(call_in_vain())


def test_a_cancelled_close_ends_the_calls_under_way(
    cassandra_store: CassandraByteStore,
) -> None:
    async def close() -> BatchError:
        writing = asyncio.ensure_future(
            cassandra_store.amset([(f"{i}", bytes(20_000)) for i in range(20_000)])
        )
        while cassandra_store.stats().mset.requests == 0:
            await asyncio.sleep(0)
        closing = asyncio.ensure_future(cassandra_store.aclose())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        with pytest.raises(BatchError) as raised:
            await writing
        return raised.value

    failure = asyncio.run(close())
    assert {each.code for each in failure.failures} == {"cancelled"}
