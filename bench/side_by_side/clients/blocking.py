"""LangChain's stores, whose methods block, as `measured` calls a store."""

from langchain_core.stores import ByteStore


class BlockingStore:
    def __init__(self, store: ByteStore) -> None:
        self._store = store

    async def mset(self, entries: list[tuple[str, bytes]]) -> None:
        self._store.mset(entries)

    async def mget(self, keys: list[str]) -> list[bytes | None]:
        return self._store.mget(keys)

    async def mdelete(self, keys: list[str]) -> None:
        self._store.mdelete(keys)

    async def count(self, prefix: str) -> int:
        return sum(1 for _ in self._store.yield_keys(prefix=prefix or None))
