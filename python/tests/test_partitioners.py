"""A server whose partitioner is the RandomPartitioner: keys are listed by its tokens."""

from __future__ import annotations

import asyncio

import pytest

from langchain_bytestore import CassandraByteStore, Session, SetupMode

_KEYS = ["\0", "\0a", "\1", "\U0010ffff", *(f"key {number}" for number in range(1_500))]


@pytest.mark.parametrize("mode", [SetupMode.SYNC, SetupMode.OFF])
def test_each_key_is_listed(session: Session, table: str, mode: SetupMode) -> None:
    CassandraByteStore(table, session=session)
    store = CassandraByteStore(table, session=session, setup_mode=mode)
    store.mset([(key, key.encode()) for key in _KEYS])
    listed = list(store.yield_keys())
    assert len(listed) == len(_KEYS)
    assert set(listed) == set(_KEYS)
    assert set(store.yield_keys(prefix="\0")) == {"\0", "\0a"}
    assert store.estimate_keys() >= 0
    store.mdelete(listed)
    assert list(store.yield_keys()) == []


def test_asynchronous_listings_too(session: Session, table: str) -> None:
    async def use() -> None:
        store = CassandraByteStore(table, session=session)
        await store.amset([(key, b"") for key in _KEYS])
        assert {key async for key in store.ayield_keys()} == set(_KEYS)

    asyncio.run(use())
