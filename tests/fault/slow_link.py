"""A slow link in front of a server: so many bytes a second, and a delay, in each direction. The delay may
vary; what was sent first arrives first all the same, as TCP has it.

Connections share the link, as they do a line.
"""

import asyncio
import random

from relay import CHUNK, Relay

# A busy machine wakes this process late; so much of it the link makes up for.
_SLACK = 0.05


class _Direction:
    """One way of the link."""

    def __init__(self, rate: float, delay: float, jitter: float) -> None:
        self.bytes = 0
        self.silent = False
        self._rate = rate
        self._delay = delay
        self._jitter = jitter
        self._free_at = 0.0

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        delayed: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivery = loop.create_task(self._deliver(delayed, writer))
        try:
            while chunk := await reader.read(CHUNK):
                start = max(loop.time() - _SLACK, self._free_at)
                self._free_at = start + len(chunk) / self._rate
                await asyncio.sleep(self._free_at - loop.time())
                self.bytes += len(chunk)
                delayed.put_nowait((loop.time() + self._next_delay(), chunk))
        except ConnectionError:
            pass
        finally:
            delayed.put_nowait((loop.time() + self._delay, b""))
            await delivery

    def _next_delay(self) -> float:
        return self._delay + random.uniform(0, self._jitter)

    async def _deliver(
        self, delayed: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, chunk = await delayed.get()
            await asyncio.sleep(due - loop.time())
            if not chunk:
                writer.close()
                return
            if self.silent:
                continue
            try:
                writer.write(chunk)
                await writer.drain()
            except ConnectionError:
                return


class SlowLink(Relay):
    """`up` is to the server."""

    def __init__(
        self, host: str, port: int, rate: float, delay: float = 0.015, jitter: float = 0
    ) -> None:
        super().__init__(host, port)
        self.up = _Direction(rate, delay, jitter)
        self.down = _Direction(rate, delay, jitter)

    def go_silent(self) -> None:
        """From now on nothing arrives in either direction; connections stay open."""
        self.up.silent = self.down.silent = True

    async def pass_between(
        self,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        await asyncio.gather(
            self.up.pass_on(client[0], server[1]), self.down.pass_on(server[0], client[1])
        )
