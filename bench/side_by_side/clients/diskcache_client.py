"""diskcache, a cache on SQLite and files; a transaction for each call. It never evicts here."""

import asyncio
from pathlib import Path

from diskcache import Cache

from .measured import measure, parser


class _Store:
    def __init__(self, folder: Path) -> None:
        self._cache = Cache(str(folder), eviction_policy="none")

    async def mset(self, entries: list[tuple[str, bytes]]) -> None:
        with self._cache.transact():
            for key, value in entries:
                self._cache.set(key, value)

    async def mget(self, keys: list[str]) -> list[bytes | None]:
        return [self._cache.get(key) for key in keys]

    async def mdelete(self, keys: list[str]) -> None:
        with self._cache.transact():
            for key in keys:
                self._cache.delete(key)

    async def count(self, prefix: str) -> int:
        return sum(1 for key in self._cache.iterkeys() if key.startswith(prefix))

    def close(self) -> None:
        self._cache.close()


def main() -> None:
    arguments = parser("Measures diskcache.")
    arguments.add_argument("--folder", type=Path, required=True)
    run = arguments.parse_args()
    store = _Store(run.folder)
    asyncio.run(measure(store, run))
    store.close()


if __name__ == "__main__":
    main()
