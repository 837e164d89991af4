"""A connection that ends in the middle of a frame, or brings frames byte by byte."""

import asyncio
from typing import Literal

from relay import CHUNK, Relay

Way = Literal["up", "down"]


class Cutter(Relay):
    """Ends, without a farewell, the connection that passes the byte `cut_at` of one way, counted over
    all connections; "up" is to the server. What comes later passes. In `slices`, each byte is sent by
    itself."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        way: Way = "down",
        cut_at: int | None = None,
        slices: bool = False,
    ) -> None:
        super().__init__(host, port)
        self.bytes: dict[Way, int] = {"up": 0, "down": 0}
        self.cuts = 0
        self._way = way
        self._cut_at = cut_at
        self._slices = slices

    async def pass_between(
        self,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        writers = (client[1], server[1])
        ways = [
            asyncio.ensure_future(self._pass_on("up", client[0], server[1], writers)),
            asyncio.ensure_future(self._pass_on("down", server[0], client[1], writers)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for writer in writers:
            writer.close()
        await asyncio.gather(*ways)

    async def _pass_on(
        self,
        way: Way,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        writers: tuple[asyncio.StreamWriter, ...],
    ) -> None:
        try:
            while chunk := await reader.read(CHUNK):
                before = self.bytes[way]
                self.bytes[way] += len(chunk)
                cut = self._cut_at if way == self._way else None
                if cut is not None and before <= cut < self.bytes[way]:
                    await self._send(writer, chunk[: cut - before])
                    self.cuts += 1
                    for each in writers:
                        each.transport.abort()
                    return
                await self._send(writer, chunk)
        except ConnectionError:
            return

    async def _send(self, writer: asyncio.StreamWriter, chunk: bytes) -> None:
        size = 1 if self._slices else CHUNK
        for begin in range(0, len(chunk), size):
            writer.write(chunk[begin : begin + size])
            await writer.drain()
            if self._slices:
                await asyncio.sleep(0)
