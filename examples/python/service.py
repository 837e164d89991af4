"""A service on asyncio whose 200 callers at once read and write through one store.

    python service.py HOST[:PORT] KEYSPACE

Each connection sends lines, `put KEY TEXT` and `get KEY`, and gets a line back for each.
"""

from __future__ import annotations

import asyncio
import sys
import time

from langchain_bytestore import CassandraByteStore, Error, SetupMode, aconnect

_CALLERS = 200
_CALLS = 20


class Service:
    def __init__(self, store: CassandraByteStore) -> None:
        self._store = store

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            try:
                answer = await self._answer(line.decode().rstrip("\n"))
            except Error as error:
                answer = f"error {error.code}"
            writer.write(f"{answer}\n".encode())
            await writer.drain()
        writer.close()

    async def _answer(self, line: str) -> str:
        verb, key, *text = line.split(" ", 2)
        if verb == "put":
            await self._store.amset([(key, text[0].encode())])
            return "stored"
        [value] = await self._store.amget([key])
        return "absent" if value is None else f"value {value.decode()}"


async def call(port: int, number: int) -> None:
    """What one caller does: it reads what it wrote."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def ask(line: str) -> str:
        writer.write(f"{line}\n".encode())
        return (await reader.readline()).decode().rstrip("\n")

    for i in range(_CALLS):
        assert await ask(f"put caller-{number} text {i}") == "stored"
        assert await ask(f"get caller-{number}") == f"value text {i}"
    writer.close()
    await writer.wait_closed()


async def main(contact_point: str, keyspace: str) -> None:
    session = await aconnect(contact_point, keyspace=keyspace)
    store = CassandraByteStore("service", session=session, setup_mode=SetupMode.ASYNC)
    async with store:
        await store.aensure_db_setup()
        server = await asyncio.start_server(Service(store).serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        begun = time.monotonic()
        async with server:
            await asyncio.gather(*(call(port, number) for number in range(_CALLERS)))
        calls = 2 * _CALLERS * _CALLS
        print(
            f"{_CALLERS} callers, {calls} calls, {calls / (time.monotonic() - begun):,.0f} a second"
        )
        stats = store.stats()
        print(f"p99 of a read: {stats.mget.call_latency.p99 * 1000:.1f} ms")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
