"""What stands between clients and a server."""

import asyncio
import socket
import threading
from types import TracebackType
from typing import Self

CHUNK = 16 * 1024

# What waits in front of a link waits at the sender, not in the buffers of this process.
_BUFFER = 64 * 1024


class Relay:
    """Stands before a server, on a thread of its own, while it is entered.

    It listens at the server's own address: the driver looks there for all nodes, at the port of the
    contact points. A subclass says what passes.
    """

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._listening: asyncio.Server | None = None
        self.port = 0

    @property
    def address(self) -> str:
        return f"{self._server[0]}:{self.port}"

    def __enter__(self) -> Self:
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

    async def pass_between(
        self,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        """Returns when nothing more can pass on these two connections, both closed."""
        raise NotImplementedError

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """One more connection to the server."""
        peer = socket.socket()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        peer.setblocking(False)
        await asyncio.get_running_loop().sock_connect(peer, self._server)
        return await asyncio.open_connection(sock=peer, limit=CHUNK)

    async def _listen(self) -> None:
        listener = socket.create_server((self._server[0], 0))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self.port = listener.getsockname()[1]
        self._listening = await asyncio.start_server(self._forward, sock=listener, limit=CHUNK)

    async def _stop(self) -> None:
        assert self._listening is not None
        self._listening.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            server = await self.connect()
            await self.pass_between((reader, writer), server)
        except (OSError, asyncio.CancelledError):  # the end of this relay
            writer.close()
