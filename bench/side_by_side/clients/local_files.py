"""LangChain's LocalFileStore: a file for each key. It never waits for the disk."""

import asyncio
from pathlib import Path

from langchain_classic.storage import LocalFileStore

from .measured import measure, parser


class _Store:
    def __init__(self, folder: Path) -> None:
        self._store = LocalFileStore(folder)

    async def mset(self, entries: list[tuple[str, bytes]]) -> None:
        self._store.mset(entries)

    async def mget(self, keys: list[str]) -> list[bytes | None]:
        return self._store.mget(keys)

    async def mdelete(self, keys: list[str]) -> None:
        self._store.mdelete(keys)

    async def count(self, prefix: str) -> int:
        # Its own `prefix` is a folder, not the beginning of a key.
        return sum(key.startswith(prefix) for key in self._store.yield_keys())


def main() -> None:
    arguments = parser("Measures LangChain's LocalFileStore.")
    arguments.add_argument("--folder", type=Path, required=True)
    run = arguments.parse_args()
    asyncio.run(measure(_Store(run.folder), run))


if __name__ == "__main__":
    main()
