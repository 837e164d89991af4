"""A node that hangs once it has answered: it says what it supports, and then nothing more."""

import socketserver
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from taken_address import bound

_HEADER = struct.Struct(">BBhBI")  # version, flags, stream, opcode, length of the body
_OPTIONS = 5
_SUPPORTED = 6
_NOTHING = b"\0\0"  # an empty multimap


class _AnswersOptions(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while header := self.rfile.read(_HEADER.size):
            _, _, stream, opcode, length = _HEADER.unpack(header)
            self.rfile.read(length)
            if opcode == _OPTIONS:
                answer = _HEADER.pack(0x84, 0, stream, _SUPPORTED, len(_NOTHING))
                self.wfile.write(answer + _NOTHING)


class _Node(socketserver.ThreadingTCPServer):
    daemon_threads = True  # those of connections that are still open

    def __init__(self, address: str, port: int) -> None:
        super().__init__((address, port), _AnswersOptions, bind_and_activate=False)
        self.socket.close()
        self.socket = bound(address, port)
        self.server_activate()


@contextmanager
def hanging(address: str, port: int) -> Iterator[None]:
    """Nothing may listen there."""
    with _Node(address, port) as node:
        Thread(target=node.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            node.shutdown()
