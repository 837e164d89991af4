"""A server whose partitioner is not Murmur3: keys cannot be listed, and the rest works."""

from __future__ import annotations

import asyncio

import pytest

from langchain_bytestore import CassandraByteStore, SchemaError, Session, SetupMode


@pytest.mark.parametrize("mode", [SetupMode.SYNC, SetupMode.OFF])
def test_listings_and_estimates_are_refused(session: Session, table: str, mode: SetupMode) -> None:
    CassandraByteStore(table, session=session)
    store = CassandraByteStore(table, session=session, setup_mode=mode)
    store.mset([("a", b"1"), ("b", b"2")])
    with pytest.raises(SchemaError, match="RandomPartitioner"):
        list(store.yield_keys())
    with pytest.raises(SchemaError, match="RandomPartitioner"):
        store.estimate_keys()
    assert store.mget(["a", "b", "c"]) == [b"1", b"2", None]
    store.mdelete(["a", "b"])
    assert store.mget(["a", "b"]) == [None, None]


def test_asynchronous_ones_too(session: Session, table: str) -> None:
    async def use() -> None:
        store = CassandraByteStore(table, session=session)
        await store.amset([("a", b"1")])
        with pytest.raises(SchemaError, match="RandomPartitioner"):
            async for _ in store.ayield_keys():
                pass
        assert await store.amget(["a"]) == [b"1"]

    asyncio.run(use())
