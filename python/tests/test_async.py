"""Event loops, threads and cancellation."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import trio
import uvloop
from conftest import InFolder
from typing_extensions import Buffer

import langchain_bytestore
from langchain_bytestore import (
    CassandraByteStore,
    Error,
    NativeByteStore,
    RocksDBByteStore,
    Session,
    SetupMode,
)

Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    return asyncio.run if request.param == "asyncio" else uvloop.run


@pytest.fixture
def noise() -> Iterator[list[str]]:
    """What event loops complain of; nothing else may be left of it at the end of a test."""
    said: list[str] = []
    yield said
    gc.collect()
    assert said == []


def _listen(said: list[str]) -> None:
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: said.append(str(context["message"]))
    )


async def _many_callers(store: NativeByteStore, callers: int, name: str = "") -> None:
    async def call(number: int) -> None:
        keys = [f"{name}{number}-{i}" for i in range(20)]
        await store.amset([(key, key.encode()) for key in keys])
        assert await store.amget(keys) == [key.encode() for key in keys]
        await store.amdelete(keys[:10])
        assert await store.amget(keys) == [None] * 10 + [key.encode() for key in keys[10:]]

    await asyncio.gather(*(call(number) for number in range(callers)))


def test_many_callers_on_a_loop(store: NativeByteStore, run: Run) -> None:
    run(_many_callers(store, 200))
    assert len(list(store.yield_keys())) == 200 * 10


def test_many_loops_on_many_threads(store: NativeByteStore, run: Run) -> None:
    with ThreadPoolExecutor(8) as pool:
        loops = [pool.submit(run, _many_callers(store, 20, f"loop-{i}-")) for i in range(8)]
        for done in loops:
            done.result()
    assert len(list(store.yield_keys())) == 8 * 20 * 10


def test_many_threads(store: NativeByteStore) -> None:
    def call(number: int) -> None:
        keys = [f"{number}-{i}" for i in range(500)]
        store.mset([(key, key.encode()) for key in keys])
        assert store.mget(keys) == [key.encode() for key in keys]
        assert set(keys) <= set(store.yield_keys(prefix=f"{number}-"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(call, range(16)))


def test_calls_keep_the_order_in_which_they_were_started(store: NativeByteStore, run: Run) -> None:
    """Of one loop, and of a blocking call after them, without waiting for any of them."""
    others = [(f"{i}", b"") for i in range(2_000)]  # they take longer than what comes after them
    reads_wait = not isinstance(store, CassandraByteStore)  # for the writes before them

    async def chain() -> None:
        history: list[bytes | None] = [None]  # of "key"
        writes: list[asyncio.Future[None]] = []
        reads: list[tuple[int, asyncio.Future[list[bytes | None]]]] = []
        for number in range(20):
            first, last = b"first %d" % number, b"last %d" % number
            history += [first, None, last]
            writes.append(asyncio.ensure_future(store.amset([*others, ("key", first)])))
            writes.append(asyncio.ensure_future(store.amdelete(["key", "1"])))
            writes.append(asyncio.ensure_future(store.amset([("key", last)])))
            reads.append((len(history), asyncio.ensure_future(store.amget(["key"]))))
        writes.append(asyncio.ensure_future(store.amset([*others, ("late", b"first")])))
        await asyncio.sleep(0)  # they have started
        store.mset([("late", b"last")])
        await asyncio.gather(*writes)
        assert await store.amget(["key", "late"]) == [history[-1], b"last"]
        for begun, read in reads:
            (value,) = await read
            assert value in history[begun - 1 if reads_wait else 0 :]

    run(chain())


def test_no_thread_is_made_for_calls(store: NativeByteStore, run: Run) -> None:
    """Neither one of Python's nor a native one, however many calls there are."""

    def threads() -> int:
        return len(os.listdir("/proc/self/task"))

    async def of_calls() -> int:
        await _many_callers(store, 1)  # the library has its threads
        before = threads()
        await _many_callers(store, 50)
        return threads() - before

    assert run(of_calls()) <= 0  # those of an earlier session may be ending


def test_the_loop_goes_on_while_keys_are_listed(store: NativeByteStore, run: Run) -> None:
    store.mset([(f"{i}", b"") for i in range(20_000)])

    async def listed() -> tuple[int, int]:
        steps = 0

        async def count_steps() -> None:
            nonlocal steps
            while True:
                steps += 1
                await asyncio.sleep(0)

        counting = asyncio.ensure_future(count_steps())
        keys = [key async for key in store.ayield_keys()]
        counting.cancel()
        return len(set(keys)), steps

    count, steps = run(listed())
    assert count == 20_000
    assert steps >= 20  # a page has 1,000 keys at most, and the loop goes on between them


def test_two_listings_at_once(store: NativeByteStore, run: Run) -> None:
    keys = {f"{i}" for i in range(3_000)}
    store.mset([(key, b"") for key in keys])

    async def listed() -> list[set[str]]:
        async def one() -> set[str]:
            return {key async for key in store.ayield_keys()}

        return list(await asyncio.gather(one(), one(), one()))

    assert run(listed()) == [keys] * 3


def test_a_cancelled_task_ends_its_work(
    cassandra_store: CassandraByteStore, run: Run, noise: list[str]
) -> None:
    entries = [(f"{i}", bytes(20_000)) for i in range(5_000)]

    async def cancelled() -> None:
        _listen(noise)
        writing = asyncio.ensure_future(cassandra_store.amset(entries))
        while cassandra_store.stats().mset.requests == 0:
            await asyncio.sleep(0)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        while cassandra_store.stats().mset.calls == 0:
            await asyncio.sleep(0.01)

    run(cancelled())
    stats = cassandra_store.stats().mset
    assert stats.failures["cancelled"] > 0
    assert stats.requests < len(entries)


def test_a_cancelled_task_of_a_loop_that_ends(store: NativeByteStore, run: Run) -> None:
    said: list[str] = []

    async def left() -> None:
        _listen(said)
        tasks = [asyncio.ensure_future(store.amset([(f"{i}", bytes(9_000))])) for i in range(500)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()

    run(left())  # cancels what is left
    gc.collect()
    assert said == []
    store.mset([("after", b"1")])
    assert store.mget(["after"]) == [b"1"]


def test_an_outcome_that_nobody_waits_for(store: NativeByteStore, run: Run) -> None:
    """The loop is closed before the work is done."""
    loop = asyncio.new_event_loop()
    waiting = store.amset([(f"{i}", bytes(1_000)) for i in range(5_000)])
    waiting_task = loop.create_task(waiting)
    loop.run_until_complete(asyncio.sleep(0))
    waiting_task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    store.mset([("after", b"1")])
    assert store.mget(["after"]) == [b"1"]


def test_a_timeout_of_asyncio(cassandra_store: CassandraByteStore, run: Run) -> None:
    async def hurried() -> None:
        async with asyncio.timeout(0.02):
            await cassandra_store.amset([(f"{i}", bytes(50_000)) for i in range(3_000)])

    with pytest.raises(TimeoutError):
        run(hurried())


def test_a_listing_that_is_cancelled(store: NativeByteStore, run: Run, noise: list[str]) -> None:
    store.mset([(f"{i}", b"") for i in range(20_000)])

    async def cancelled() -> None:
        _listen(noise)
        begun = asyncio.Event()

        async def list_all() -> None:
            async for _ in store.ayield_keys():
                begun.set()
                await asyncio.sleep(0)

        listing = asyncio.ensure_future(list_all())
        await begun.wait()
        listing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listing

    run(cancelled())


def test_an_asynchronous_session(server: Any, table: str, run: Run) -> None:
    async def use() -> list[bytes | None]:
        session = await langchain_bytestore.aconnect(
            server.told["contact_points"], port=server.told["port"], keyspace="bytestore_test"
        )
        store = CassandraByteStore(
            table, session=session, setup_mode=langchain_bytestore.SetupMode.ASYNC
        )
        await store.amset([("a", b"1")])
        return await store.amget(["a"])

    assert run(use()) == [b"1"]


def test_values_are_released(tmp_path: Path, in_folder: InFolder) -> None:
    """Nothing keeps them longer than the call."""
    value = bytes(1_000_000)
    before = sys.getrefcount(value)
    with in_folder(tmp_path / "store") as store:
        for _ in range(10):
            store.mset([("a", value), ("b", value)])
        asyncio.run(store.amset([("c", value)]))
    while sys.getrefcount(value) != before:  # soon
        time.sleep(0)


def test_a_failure_is_released(tmp_path: Path) -> None:
    """With the values that it may have, and not by a later collection of garbage."""
    store = RocksDBByteStore(tmp_path / "store")
    store.close()

    async def fail() -> weakref.ref[Error]:
        try:
            await store.amget(["a"])
        except Error as error:
            return weakref.ref(error)
        raise AssertionError("a closed store has answered")

    gc.disable()
    try:
        failure = asyncio.run(fail())
        for_ever = time.monotonic() + 30
        while failure() is not None:  # the thread that brought it may be about to let go of it
            assert time.monotonic() < for_ever
            time.sleep(0)
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("kind", "kept"),
    [(bytes, 200), (memoryview, 400), (bytearray, 0), (lambda value: memoryview(value)[::2], 0)],
    ids=["bytes", "memoryview", "bytearray", "strided"],
)
def test_what_never_changes_is_not_copied(
    tmp_path: Path, kind: Callable[[bytes], Buffer], kept: int
) -> None:
    """It is kept as long as the call needs it; a view is kept, and what it is of."""
    value = bytes(100_000)
    before = sys.getrefcount(value)

    async def write() -> int:
        with RocksDBByteStore(tmp_path / "store") as store:
            entries = ((f"{i}", kind(value)) for i in range(200))
            writing = asyncio.ensure_future(store.amset(entries))
            await asyncio.sleep(0)  # it has begun
            references = sys.getrefcount(value)
            await writing
        return references

    assert asyncio.run(write()) == before + kept


def test_a_store_is_used_where_calls_are_completed(tmp_path: Path) -> None:
    """As a `__del__` does when garbage is collected there, or a handler of logging."""
    store = RocksDBByteStore(tmp_path / "store")
    threads: list[threading.Thread] = []

    class Loop(asyncio.SelectorEventLoop):
        def call_soon_threadsafe(  # type: ignore[override]
            self, *arguments: Any, **options: Any
        ) -> asyncio.Handle:
            store.mset([("late", b"1")])
            threads.append(threading.current_thread())
            return super().call_soon_threadsafe(*arguments, **options)

    loop = Loop()
    loop.run_until_complete(store.amset([("a", b"1")]))
    loop.close()
    assert threads != []
    assert threading.main_thread() not in threads
    assert store.mget(["a", "late"]) == [b"1", b"1"]


def test_trio_is_told_what_to_call(store: NativeByteStore) -> None:
    """And that works."""

    async def listed() -> None:
        async for _ in store.ayield_keys():
            pass

    async def main() -> None:
        for call in (
            lambda: store.amset([("a", b"1")]),
            lambda: store.amget(["a"]),
            lambda: store.amdelete(["a"]),
            lambda: store.aestimate_keys(),
            lambda: store.aclose(),
            lambda: langchain_bytestore.aconnect("127.0.0.1"),
            listed,
        ):
            with pytest.raises(RuntimeError, match=r"need one of asyncio; .*trio\.to_thread"):
                await call()
        await trio.to_thread.run_sync(store.mset, [("a", b"1")])
        assert await trio.to_thread.run_sync(store.mget, ["a"]) == [b"1"]

    trio.run(main)


def test_set_up_in_the_background_needs_asyncio(session: Session, table: str) -> None:
    async def main() -> None:
        with pytest.raises(RuntimeError, match="SetupMode.ASYNC need one of asyncio"):
            CassandraByteStore(table, session=session, setup_mode=SetupMode.ASYNC)

    trio.run(main)
