"""LangChain's own CassandraByteStore."""

import asyncio

from langchain_community.storage.cassandra import CassandraByteStore

from . import cassandra_session
from .measured import measure, parser


class _Store:
    def __init__(self, store: CassandraByteStore) -> None:
        self._store = store

    async def mset(self, entries: list[tuple[str, bytes]]) -> None:
        self._store.mset(entries)

    async def mget(self, keys: list[str]) -> list[bytes | None]:
        return self._store.mget(keys)

    async def mdelete(self, keys: list[str]) -> None:
        self._store.mdelete(keys)

    async def count(self, prefix: str) -> int:
        return sum(1 for _ in self._store.yield_keys(prefix=prefix or None))


def main() -> None:
    arguments = parser("Measures LangChain's CassandraByteStore.")
    arguments.add_argument("--table", required=True)
    arguments.add_argument("--nodelay", action="store_true", help="set TCP_NODELAY on the sockets")
    run = arguments.parse_args()
    session = cassandra_session.connect(nodelay=run.nodelay)
    store = CassandraByteStore(run.table, session=session, keyspace=cassandra_session.KEYSPACE)
    asyncio.run(measure(_Store(store), run))


if __name__ == "__main__":
    main()
