"""The set-up of the table on Cassandra: SYNC, ASYNC and OFF."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

import pytest
from cassandra.cluster import Session as DriverSession
from langchain_community.storage.cassandra import CassandraByteStore as Seed
from langchain_community.utilities.cassandra import SetupMode as SeedsSetupMode
from servers import KEYSPACE

from langchain_bytestore import CassandraByteStore, SchemaError, Session, SetupMode

_SEEDS_WORDS = (
    "Asynchronous setup of the DB not finished. NB: AstraDB components sync methods shouldn't be "
    "called from the event loop. Consider using their async equivalents."
)


def _has_table(driver_session: DriverSession, table: str) -> bool:
    rows = driver_session.execute(
        "SELECT table_name FROM system_schema.tables WHERE keyspace_name=%s AND table_name=%s",
        (KEYSPACE, table),
    )
    return bool(list(rows))


def test_sync_creates_the_table(
    session: Session, driver_session: DriverSession, table: str
) -> None:
    store = CassandraByteStore(table, session=session)
    assert _has_table(driver_session, table)
    assert store.db_setup_task is None
    store.ensure_db_setup()
    asyncio.run(store.aensure_db_setup())


def test_off_issues_no_ddl(session: Session, driver_session: DriverSession, table: str) -> None:
    store = CassandraByteStore(table, session=session, setup_mode=SetupMode.OFF)
    with pytest.raises(SchemaError):
        store.mget(["a"])
    assert not _has_table(driver_session, table)


def test_off_uses_what_is_there(session: Session, seed: Seed, table: str) -> None:
    seed.mset([("a", b"1")])
    store = CassandraByteStore(table, session=session, setup_mode=SetupMode.OFF)
    assert store.mget(["a"]) == [b"1"]


def test_the_seeds_own_enumeration_is_taken(session: Session, table: str) -> None:
    store = CassandraByteStore(
        table,
        session=session,
        setup_mode=SeedsSetupMode.OFF,  # type: ignore[arg-type]
    )
    with pytest.raises(SchemaError):
        store.mget(["a"])


def test_async_needs_a_running_loop(session: Session, table: str) -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        CassandraByteStore(table, session=session, setup_mode=SetupMode.ASYNC)


def _said(call: Callable[[], object]) -> str | None:
    try:
        call()
    except ValueError as error:
        return str(error)
    return None


def test_async_calls_wait_and_blocking_ones_fail(session: Session, table: str) -> None:
    async def use() -> None:
        # Creating a table takes a server tens of milliseconds; should it be faster once, another
        # table is.
        for number in range(20):
            store = CassandraByteStore(
                f"{table}_{number}", session=session, setup_mode=SetupMode.ASYNC
            )
            said = [
                _said(store.ensure_db_setup),
                _said(lambda: store.mget(["a"])),  # noqa: B023 - called at once
                _said(lambda: store.mset([("a", b"1")])),  # noqa: B023
                _said(lambda: store.mdelete(["a"])),  # noqa: B023
                _said(lambda: list(store.yield_keys())),  # noqa: B023
            ]
            if None not in said:
                break
        assert said == [_SEEDS_WORDS] * 5
        assert isinstance(store.db_setup_task, asyncio.Task)
        await store.amset([("a", b"1")])
        store.ensure_db_setup()
        assert store.mget(["a"]) == [b"1"]
        await store.db_setup_task
        assert [key async for key in store.ayield_keys()] == ["a"]

    asyncio.run(use())


def test_a_cancelled_wait_does_not_poison_the_setup(session: Session, table: str) -> None:
    async def use() -> None:
        store = CassandraByteStore(table, session=session, setup_mode=SetupMode.ASYNC)
        assert store.db_setup_task is not None
        waiting = asyncio.ensure_future(store.aensure_db_setup())
        calling = asyncio.ensure_future(store.amset([("a", b"1")]))
        await asyncio.sleep(0)
        store.db_setup_task.cancel()
        waiting.cancel()
        calling.cancel()
        await asyncio.gather(waiting, calling, return_exceptions=True)
        await store.amset([("b", b"2")])
        assert await store.amget(["b"]) == [b"2"]

    asyncio.run(use())


def test_a_failed_setup_is_told_on_each_call(session: Session, table: str) -> None:
    noise: list[str] = []

    async def use() -> None:
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: noise.append(str(context["message"]))
        )
        store = CassandraByteStore(
            table, session=session, keyspace="no_such_keyspace", setup_mode=SetupMode.ASYNC
        )
        for _ in range(3):
            with pytest.raises(SchemaError, match="no_such_keyspace"):
                await store.amget(["a"])
        with pytest.raises(SchemaError):
            await store.aensure_db_setup()
        with pytest.raises(SchemaError):
            store.ensure_db_setup()
        with pytest.raises(SchemaError):
            store.mget(["a"])

    asyncio.run(use())
    gc.collect()
    assert noise == []


def test_a_store_that_is_set_up_in_one_loop_is_used_in_another(
    session: Session, table: str
) -> None:
    async def make() -> CassandraByteStore:
        return CassandraByteStore(table, session=session, setup_mode=SetupMode.ASYNC)

    store = asyncio.run(make())
    asyncio.run(store.amset([("a", b"1")]))
    assert asyncio.run(store.amget(["a"])) == [b"1"]
