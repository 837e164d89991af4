"""Forwards connections to a server, as the port of a container does, and hangs up when it is told
to."""

import socket
import threading
from contextlib import suppress
from types import TracebackType

_CHUNK = 64 * 1024


class Forwarder:
    """Accepts at `listener`, a bound socket, while it is entered, on threads of its own. Its end
    breaks all connections. Without a server it counts connections, and closes each at once."""

    def __init__(self, listener: socket.socket, server: tuple[str, int] | None) -> None:
        self.connections = 0
        self.port: int = listener.getsockname()[1]
        self._listener = listener
        self._server = server
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
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
        _end(self._listener)
        self._listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Ends all connections; new ones work."""
        with self._lock:
            ended, self._open = self._open, []
        for one in ended:
            _end(one)
            one.close()

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
                self._open += [client, server]
            for pair in ((client, server), (server, client)):
                threading.Thread(target=_pass_on, args=pair, daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(_CHUNK):
            target.sendall(chunk)
    _end(source)
    _end(target)


def _end(one: socket.socket) -> None:
    with suppress(OSError):  # it has ended already
        one.shutdown(socket.SHUT_RDWR)
