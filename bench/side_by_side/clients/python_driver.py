"""The Python driver by itself: a request for each key, by `execute_concurrent_with_args`."""

import asyncio

from cassandra.cluster import Session
from cassandra.concurrent import execute_concurrent_with_args

from . import cassandra_session
from .measured import measure, parser


class _Store:
    def __init__(self, session: Session, table: str) -> None:
        self._session = session
        self._table = table
        self._select = session.prepare(f"SELECT body_blob FROM {table} WHERE row_id = ?")
        self._insert = session.prepare(f"INSERT INTO {table} (row_id, body_blob) VALUES (?, ?)")
        self._delete = session.prepare(f"DELETE FROM {table} WHERE row_id = ?")

    async def mset(self, entries: list[tuple[str, bytes]]) -> None:
        execute_concurrent_with_args(self._session, self._insert, entries)

    async def mget(self, keys: list[str]) -> list[bytes | None]:
        rows = [(key,) for key in keys]
        answers = execute_concurrent_with_args(self._session, self._select, rows)
        found = (answer.result_or_exc.one() for answer in answers)
        return [row and row.body_blob for row in found]

    async def mdelete(self, keys: list[str]) -> None:
        execute_concurrent_with_args(self._session, self._delete, [(key,) for key in keys])

    async def count(self, prefix: str) -> int:
        rows = self._session.execute(f"SELECT DISTINCT row_id FROM {self._table}")
        return sum(row.row_id.startswith(prefix) for row in rows)


def main() -> None:
    arguments = parser("Measures the Python driver's execute_concurrent_with_args.")
    arguments.add_argument("--table", required=True)
    run = arguments.parse_args()
    asyncio.run(measure(_Store(cassandra_session.connect(), run.table), run))


if __name__ == "__main__":
    main()
