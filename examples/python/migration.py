"""Moving over: a table that LangChain's own store filled is read, and goes on to be used, by ours.

    python migration.py HOST PORT KEYSPACE

The only line that changes is the import.
"""

from __future__ import annotations

import sys

import cassio
from cassandra.cluster import Cluster


def before() -> None:
    from langchain_community.storage import CassandraByteStore

    store = CassandraByteStore("migration")
    store.mset([(f"key-{i}", f"value {i}".encode()) for i in range(100)])


def after() -> None:
    from langchain_bytestore import CassandraByteStore

    store = CassandraByteStore("migration")
    keys = sorted(store.yield_keys())
    print(f"{len(keys)} keys, {keys[0]} is {store.mget(keys)[0]!r}")
    store.mdelete(keys)


def main(host: str, port: str, keyspace: str) -> None:
    with Cluster([host], port=int(port)) as cluster:
        cassio.init(session=cluster.connect(), keyspace=keyspace)
        before()
        after()


if __name__ == "__main__":
    main(*sys.argv[1:])
