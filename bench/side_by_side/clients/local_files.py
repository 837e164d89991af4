"""LangChain's LocalFileStore: a file for each key. It never waits for the disk."""

import asyncio
from pathlib import Path

from langchain_classic.storage import LocalFileStore

from .blocking import BlockingStore
from .measured import measure, parser


class _Store(BlockingStore):
    async def count(self, prefix: str) -> int:
        # Its own `prefix` is a folder, not the beginning of a key.
        return sum(key.startswith(prefix) for key in self._store.yield_keys())


def main() -> None:
    arguments = parser("Measures LangChain's LocalFileStore.")
    arguments.add_argument("--folder", type=Path, required=True)
    run = arguments.parse_args()
    asyncio.run(measure(_Store(LocalFileStore(run.folder)), run))


if __name__ == "__main__":
    main()
