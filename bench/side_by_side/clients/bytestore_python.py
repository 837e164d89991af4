"""Ours from Python: on Cassandra, or with --folder on RocksDB or LMDB."""

import argparse
import asyncio
import os
from pathlib import Path

from langchain_bytestore import (
    CassandraByteStore,
    LmdbByteStore,
    NativeByteStore,
    RocksDBByteStore,
    connect,
)

from .blocking import BlockingStore
from .measured import Store, measure, parser


_IN_FOLDERS = {"rocksdb": RocksDBByteStore, "lmdb": LmdbByteStore}


class _Awaited:
    """Its asynchronous verbs."""

    def __init__(self, store: NativeByteStore) -> None:
        self.mset, self.mget, self.mdelete = store.amset, store.amget, store.amdelete
        self._store = store

    async def count(self, prefix: str) -> int:
        listed = 0
        async for _ in self._store.ayield_keys(prefix=prefix):
            listed += 1
        return listed


def _opened(run: argparse.Namespace) -> NativeByteStore:
    if run.folder:
        return _IN_FOLDERS[run.store](run.folder, sync=run.sync == "true")
    points = os.environ["CASSANDRA_CONTACT_POINTS"]
    session = connect(points, keyspace=os.environ["CASSANDRA_KEYSPACE"])
    return CassandraByteStore(run.table, session=session)


async def _measure(run: argparse.Namespace) -> None:
    store = _opened(run)
    verbs: Store = _Awaited(store) if run.awaited else BlockingStore(store)
    await measure(verbs, run)
    await store.aclose()


def main() -> None:
    arguments = parser("Measures bytestore from Python.")
    place = arguments.add_mutually_exclusive_group(required=True)
    place.add_argument("--table", help="on Cassandra")
    place.add_argument("--folder", type=Path, help="without a server")
    arguments.add_argument("--store", choices=_IN_FOLDERS, default="rocksdb", help="of the folder")
    arguments.add_argument("--sync", choices=("true", "false"), default="true", help="of the folder")
    arguments.add_argument("--awaited", action="store_true", help="call the asynchronous verbs")
    asyncio.run(_measure(arguments.parse_args()))


if __name__ == "__main__":
    main()
