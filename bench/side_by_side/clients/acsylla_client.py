"""acsylla, the C++ driver from Python: a request for each key, a fixed number of them in flight."""

import argparse
import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any

import acsylla

from .measured import measure, parser


class _Store:
    def __init__(self, session: acsylla.Session, table: str, in_flight: int) -> None:
        self._session = session
        self._table = table
        self._in_flight = in_flight

    async def prepare(self) -> None:
        prepare, table = self._session.create_prepared, self._table
        self._select = await prepare(f"SELECT body_blob FROM {table} WHERE row_id = ?")
        self._insert = await prepare(f"INSERT INTO {table} (row_id, body_blob) VALUES (?, ?)")
        self._delete = await prepare(f"DELETE FROM {table} WHERE row_id = ?")

    async def mset(self, entries: list[tuple[str, bytes]]) -> None:
        async def put(entry: tuple[str, bytes]) -> None:
            await self._session.execute(self._bound(self._insert, *entry))

        await self._for_each(entries, put)

    async def mget(self, keys: list[str]) -> list[bytes | None]:
        values: list[bytes | None] = [None] * len(keys)

        async def get(asked: tuple[int, str]) -> None:
            position, key = asked
            answer = await self._session.execute(self._bound(self._select, key))
            if row := answer.first():
                values[position] = row.column_value_by_index(0)

        await self._for_each(list(enumerate(keys)), get)
        return values

    async def mdelete(self, keys: list[str]) -> None:
        async def delete(key: str) -> None:
            await self._session.execute(self._bound(self._delete, key))

        await self._for_each(keys, delete)

    async def count(self, prefix: str) -> int:
        raise NotImplementedError("what a user would write is no different from the driver's own")

    @staticmethod
    def _bound(prepared: acsylla.PreparedStatement, *values: str | bytes) -> acsylla.Statement:
        statement = prepared.bind()
        statement.bind_list(list(values))
        return statement

    async def _for_each(
        self, work: list[Any], do: Callable[[Any], Coroutine[None, None, None]]
    ) -> None:
        rest = iter(work)

        async def lane() -> None:
            for item in rest:
                await do(item)

        lanes = min(self._in_flight, len(work))
        await asyncio.gather(*(lane() for _ in range(lanes)))


async def _run(run: argparse.Namespace) -> None:
    cluster = acsylla.create_cluster(
        os.environ["CASSANDRA_CONTACT_POINTS"].split(","),
        consistency=acsylla.Consistency.LOCAL_QUORUM,
    )
    session = await cluster.create_session(keyspace=os.environ["CASSANDRA_KEYSPACE"])
    store = _Store(session, run.table, run.in_flight)
    await store.prepare()
    await measure(store, run)
    await session.close()


def main() -> None:
    arguments = parser("Measures acsylla.")
    arguments.add_argument("--table", required=True)
    arguments.add_argument("--in-flight", type=int, required=True, help="requests at a time")
    asyncio.run(_run(arguments.parse_args()))


if __name__ == "__main__":
    main()
