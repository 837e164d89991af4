"""LangChain's SQLStore on SQLite: each call is a transaction that is on disk when it returns."""

import asyncio
from pathlib import Path

from langchain_community.storage import SQLStore

from .measured import measure, parser


class _Store:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._store = SQLStore(namespace="bench", db_url=f"sqlite:///{folder / 'store.db'}")
        self._store.create_schema()

    async def mset(self, entries: list[tuple[str, bytes]]) -> None:
        self._store.mset(entries)

    async def mget(self, keys: list[str]) -> list[bytes | None]:
        return self._store.mget(keys)

    async def mdelete(self, keys: list[str]) -> None:
        self._store.mdelete(keys)

    async def count(self, prefix: str) -> int:
        return sum(1 for _ in self._store.yield_keys(prefix=prefix or None))


def main() -> None:
    arguments = parser("Measures LangChain's SQLStore on SQLite.")
    arguments.add_argument("--folder", type=Path, required=True)
    run = arguments.parse_args()
    asyncio.run(measure(_Store(run.folder), run))


if __name__ == "__main__":
    main()
