"""rocksdict, RocksDB for Python in Rust, with its own defaults. It does not sync."""

import asyncio
from pathlib import Path

from rocksdict import Rdict, WriteBatch

from .measured import measure, parser


class _Store:
    def __init__(self, folder: Path) -> None:
        self._db = Rdict(str(folder))

    async def mset(self, entries: list[tuple[str, bytes]]) -> None:
        if len(entries) == 1:
            [(key, value)] = entries
            self._db[key] = value
            return
        batch = WriteBatch()
        for key, value in entries:
            batch[key] = value
        self._db.write(batch)

    async def mget(self, keys: list[str]) -> list[bytes | None]:
        if len(keys) == 1:
            return [self._db.get(keys[0])]
        return self._db.get(keys)

    async def mdelete(self, keys: list[str]) -> None:
        batch = WriteBatch()
        for key in keys:
            batch.delete(key)
        self._db.write(batch)

    async def count(self, prefix: str) -> int:
        return sum(1 for key in self._db.keys() if key.startswith(prefix))  # noqa: SIM118

    def close(self) -> None:
        self._db.close()


def main() -> None:
    arguments = parser("Measures rocksdict.")
    arguments.add_argument("--folder", type=Path, required=True)
    run = arguments.parse_args()
    store = _Store(run.folder)
    asyncio.run(measure(store, run))
    store.close()


if __name__ == "__main__":
    main()
