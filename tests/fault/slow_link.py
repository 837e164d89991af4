"""A slow link in front of a server: so many bytes a second, and a delay, in each direction.

It listens at the server's own address: the driver looks there for all nodes, at the port of the
contact points. Connections share the link, as they do a line.
"""

import asyncio
import socket
import threading
from types import TracebackType

_CHUNK = 16 * 1024

# A busy machine wakes this process late; so much of it the link makes up for.
_SLACK = 0.05

# What waits in front of the link waits at the sender, not in the buffers of this process.
_BUFFER = 64 * 1024


class _Direction:
    """One way of the link."""

    def __init__(self, rate: float, delay: float) -> None:
        self.bytes = 0
        self.silent = False
        self._rate = rate
        self._delay = delay
        self._free_at = 0.0

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        delayed: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivery = loop.create_task(self._deliver(delayed, writer))
        try:
            while chunk := await reader.read(_CHUNK):
                start = max(loop.time() - _SLACK, self._free_at)
                self._free_at = start + len(chunk) / self._rate
                await asyncio.sleep(self._free_at - loop.time())
                self.bytes += len(chunk)
                delayed.put_nowait((loop.time() + self._delay, chunk))
        except ConnectionError:
            pass
        finally:
            delayed.put_nowait((loop.time() + self._delay, b""))
            await delivery

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


class SlowLink:
    """Forwards to a server, on a thread of its own, while it is entered. `up` is to the server."""

    def __init__(self, host: str, port: int, rate: float, delay: float = 0.015) -> None:
        self._server = (host, port)
        self.up = _Direction(rate, delay)
        self.down = _Direction(rate, delay)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._listening: asyncio.Server | None = None
        self.port = 0

    def go_silent(self) -> None:
        """From now on nothing arrives in either direction; connections stay open."""
        self.up.silent = self.down.silent = True

    def __enter__(self) -> "SlowLink":
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> None:
        listener = socket.create_server((self._server[0], 0))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self.port = listener.getsockname()[1]
        self._listening = await asyncio.start_server(self._forward, sock=listener, limit=_CHUNK)

    async def _stop(self) -> None:
        assert self._listening is not None
        self._listening.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        peer = socket.socket()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        peer.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(peer, self._server)
        except OSError:
            writer.close()
            return
        server_reader, server_writer = await asyncio.open_connection(sock=peer, limit=_CHUNK)
        await asyncio.gather(
            self.up.pass_on(reader, server_writer), self.down.pass_on(server_reader, writer)
        )
