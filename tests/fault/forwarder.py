"""Forwards connections at an address to a server elsewhere, as the port of a container does."""

import socket
import threading
from contextlib import suppress
from types import TracebackType

from taken_address import bound

_CHUNK = 64 * 1024


class Forwarder:
    """Listens while it is entered. Its end breaks all connections. Without a server it counts
    connections, and closes each at once."""

    def __init__(self, address: str, port: int, server: tuple[str, int] | None) -> None:
        self.connections = 0
        self._server = server
        self._listener = bound(address, port)
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._ends = False

    def __enter__(self) -> "Forwarder":
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._ends = True
            for each in (self._listener, *self._sockets):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            if self._server is None:
                client.close()
                continue
            try:
                server = socket.create_connection(self._server)
            except OSError:
                client.close()
                continue
            with self._lock:
                if self._ends:
                    client.close()
                    server.close()
                    return
                self._sockets += [client, server]
            for pair in ((client, server), (server, client)):
                threading.Thread(target=_pass_on, args=pair, daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(_CHUNK):
            target.sendall(chunk)
    for each in (source, target):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
