"""py-lmdb: a transaction for each call, which is on disk when it returns, or not."""

import asyncio
from pathlib import Path

import lmdb

from .measured import measure, parser

_MAP_BYTES = 16 << 30  # it must be known before; the file grows as it is used


class _Store:
    def __init__(self, folder: Path, sync: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._environment = lmdb.open(str(folder), map_size=_MAP_BYTES, sync=sync)

    async def mset(self, entries: list[tuple[str, bytes]]) -> None:
        with self._environment.begin(write=True) as transaction:
            for key, value in entries:
                transaction.put(key.encode(), value)

    async def mget(self, keys: list[str]) -> list[bytes | None]:
        with self._environment.begin() as transaction:
            return [transaction.get(key.encode()) for key in keys]

    async def mdelete(self, keys: list[str]) -> None:
        with self._environment.begin(write=True) as transaction:
            for key in keys:
                transaction.delete(key.encode())

    async def count(self, prefix: str) -> int:
        first, listed = prefix.encode(), 0
        with self._environment.begin() as transaction, transaction.cursor() as cursor:
            if not cursor.set_range(first):
                return 0
            for key in cursor.iternext(keys=True, values=False):
                if not key.startswith(first):
                    break
                key.decode()
                listed += 1
        return listed

    def close(self) -> None:
        self._environment.close()


def main() -> None:
    arguments = parser("Measures py-lmdb.")
    arguments.add_argument("--folder", type=Path, required=True)
    arguments.add_argument("--sync", choices=("true", "false"), default="true")
    run = arguments.parse_args()
    store = _Store(run.folder, run.sync == "true")
    asyncio.run(measure(store, run))
    store.close()


if __name__ == "__main__":
    main()
