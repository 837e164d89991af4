"""sqlite3 of Python: one table, a transaction for each call, a write-ahead log."""

import asyncio
import sqlite3
from pathlib import Path

from .measured import measure, parser

_MOST_PARAMETERS = 30_000  # of a statement


class _Store:
    def __init__(self, folder: Path, synchronous: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "store.db")
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(f"PRAGMA synchronous={synchronous}")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS store (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID"
        )

    async def mset(self, entries: list[tuple[str, bytes]]) -> None:
        with self._db:
            self._db.executemany("INSERT OR REPLACE INTO store VALUES (?, ?)", entries)

    async def mget(self, keys: list[str]) -> list[bytes | None]:
        found: dict[str, bytes] = {}
        for first in range(0, len(keys), _MOST_PARAMETERS):
            some = keys[first : first + _MOST_PARAMETERS]
            asked = ",".join("?" * len(some))
            rows = self._db.execute(f"SELECT key, value FROM store WHERE key IN ({asked})", some)
            found.update(rows)
        return [found.get(key) for key in keys]

    async def mdelete(self, keys: list[str]) -> None:
        with self._db:
            self._db.executemany("DELETE FROM store WHERE key = ?", [(key,) for key in keys])

    async def count(self, prefix: str) -> int:
        rows = self._db.execute("SELECT key FROM store WHERE key >= ?", (prefix,))
        return sum(1 for (key,) in rows if key.startswith(prefix))

    def close(self) -> None:
        self._db.close()


def main() -> None:
    arguments = parser("Measures sqlite3.")
    arguments.add_argument("--synchronous", choices=("FULL", "NORMAL"), required=True)
    arguments.add_argument("--folder", type=Path, required=True)
    run = arguments.parse_args()
    store = _Store(run.folder, run.synchronous)
    asyncio.run(measure(store, run))
    store.close()


if __name__ == "__main__":
    main()
