"""LangChain's SQLStore on SQLite: each call is a transaction that is on disk when it returns."""

import asyncio
from pathlib import Path

from langchain_community.storage import SQLStore

from .blocking import BlockingStore
from .measured import measure, parser


def _open(folder: Path) -> SQLStore:
    folder.mkdir(parents=True, exist_ok=True)
    store = SQLStore(namespace="bench", db_url=f"sqlite:///{folder / 'store.db'}")
    store.create_schema()
    return store


def main() -> None:
    arguments = parser("Measures LangChain's SQLStore on SQLite.")
    arguments.add_argument("--folder", type=Path, required=True)
    run = arguments.parse_args()
    asyncio.run(measure(BlockingStore(_open(run.folder)), run))


if __name__ == "__main__":
    main()
