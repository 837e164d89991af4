"""A CQL client of one connection (native protocol 4), just large enough to ask a node things.

Not a driver: one request at a time, no paging, values come back as raw bytes.
"""

import socket
import ssl
import struct
from types import TracebackType
from typing import NamedTuple

_VERSION = 4
_ERROR, _STARTUP, _READY, _AUTHENTICATE, _QUERY, _RESULT = 0x00, 0x01, 0x02, 0x03, 0x07, 0x08
_AUTH_RESPONSE, _AUTH_SUCCESS = 0x0F, 0x10
_WARNING_FLAG, _SKIP_METADATA, _ROWS, _HAS_MORE_PAGES = 0x08, 0x02, 0x0002, 0x02
_BAD_CREDENTIALS = 0x0100
_LARGEST_FRAME = 256 * 1024 * 1024  # the protocol's own bound; anything above is not CQL

ONE, TWO, THREE, QUORUM, ALL = 0x01, 0x02, 0x03, 0x04, 0x05

Row = list[bytes | None]


class Credentials(NamedTuple):
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials({self.user!r}, ...)"


class CqlError(Exception):
    """The server answered with an error; `code` is the protocol's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{message} (CQL error 0x{code:04x})")
        self.code = code


class BadCredentials(CqlError):
    """The server does not accept the user name and password, or wants one and got none."""


class Connection:
    """An open, authenticated connection; use it in a `with` block.

    `seconds` bounds each wait for the network, in the constructor and in `query`. Raises CqlError
    for what the server refuses, and OSError (ssl.SSLError included) if it does not answer.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        credentials: Credentials | None = None,
        tls: ssl.SSLContext | None = None,
        seconds: float = 5.0,
    ) -> None:
        self._socket: socket.socket = socket.create_connection((host, port), timeout=seconds)
        try:
            if tls is not None:
                self._socket = tls.wrap_socket(self._socket, server_hostname=host)
            self._start(credentials)
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> "Connection":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def query(self, statement: str, consistency: int = ONE) -> list[Row]:
        """The rows of the first page; [] for a statement that answers none."""
        text = statement.encode()
        body = struct.pack(">i", len(text)) + text + struct.pack(">HB", consistency, _SKIP_METADATA)
        opcode, answer = self._ask(_QUERY, body)
        if opcode != _RESULT:
            raise OSError(f"unexpected answer to a query: opcode 0x{opcode:02x}")
        return _rows(answer)

    def _start(self, credentials: Credentials | None) -> None:
        options = struct.pack(">H", 1) + _string("CQL_VERSION") + _string("3.0.0")
        opcode, _ = self._ask(_STARTUP, options)
        if opcode == _AUTHENTICATE:
            if credentials is None:
                raise BadCredentials(
                    _BAD_CREDENTIALS, "the server wants a user name and a password"
                )
            token = f"\0{credentials.user}\0{credentials.password}".encode()
            opcode, _ = self._ask(_AUTH_RESPONSE, struct.pack(">i", len(token)) + token)
        if opcode not in (_READY, _AUTH_SUCCESS):
            raise OSError(f"unexpected answer to STARTUP: opcode 0x{opcode:02x}")

    def _ask(self, opcode: int, body: bytes) -> tuple[int, "_Reader"]:
        self._socket.sendall(struct.pack(">BBhBi", _VERSION, 0, 0, opcode, len(body)) + body)
        _, flags, _, answered, length = struct.unpack(">BBhBi", self._receive(9))
        if not 0 <= length <= _LARGEST_FRAME:
            raise OSError(f"not an answer in the native protocol: a frame of {length} bytes")
        reader = _Reader(self._receive(length))
        if flags & _WARNING_FLAG:
            for _ in range(reader.short()):
                reader.string()
        if answered == _ERROR:
            code = reader.integer()
            raise (BadCredentials if code == _BAD_CREDENTIALS else CqlError)(code, reader.string())
        return answered, reader

    def _receive(self, count: int) -> bytes:
        received = bytearray()
        while len(received) < count:
            part = self._socket.recv(count - len(received))
            if not part:
                raise ConnectionError("the server closed the connection")
            received += part
        return bytes(received)


class _Reader:
    """Takes the protocol's types from the front of a frame's body."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        self._at += count
        return self._data[self._at - count : self._at]

    def integer(self) -> int:
        return int.from_bytes(self.take(4), "big", signed=True)

    def short(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def string(self) -> str:
        return self.take(self.short()).decode(errors="replace")

    def value(self) -> bytes | None:
        length = self.integer()
        return None if length < 0 else self.take(length)


def _rows(answer: _Reader) -> list[Row]:
    if answer.integer() != _ROWS:
        return []
    flags, columns = answer.integer(), answer.integer()
    if flags & _HAS_MORE_PAGES:
        answer.value()
    return [[answer.value() for _ in range(columns)] for _ in range(answer.integer())]


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack(">H", len(data)) + data
