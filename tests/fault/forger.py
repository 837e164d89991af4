"""Answers to chosen requests that the server never gave: errors of every kind that a server can give,
for requests that it did, did late, or never saw.

It knows as much of Cassandra's native protocol, version 4, as it needs.
"""

import asyncio
import random
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from relay import Relay

_HEADER = struct.Struct(">BBhBi")  # version, flags, stream, opcode, length
_ERROR, _STARTUP, _RESULT, _PREPARE, _EXECUTE, _BATCH = 0x00, 0x01, 0x08, 0x09, 0x0A, 0x0D
_ANSWER = 0x80  # of the version: the direction
_PREPARED = 4  # the kind of a result
_LOCAL_QUORUM = 6
_STREAMS = 2_000
_LATE_SECONDS = 2.0


def _string(text: str) -> bytes:
    return struct.pack(">H", len(text)) + text.encode()


def _error(code: int, more: bytes = b"") -> bytes:
    return struct.pack(">i", code) + _string("forged") + more


def _of_replicas(code: int, *numbers: int, end: bytes) -> bytes:
    return _error(code, struct.pack(f">H{len(numbers)}i", _LOCAL_QUORUM, *numbers) + end)


_NO_DATA = b"\0"
_UNAVAILABLE = _of_replicas(0x1000, 2, 1, end=b"")
_OVERLOADED = _error(0x1001)
_UNKNOWN_CODE = _error(0x7A7A)
_SERVER_ERROR = _error(0x0000)

# A server that gives one of these has not done the request. UNPREPARED goes with the statement's id.
_REFUSALS: dict[str, bytes] = {
    "UNAVAILABLE": _UNAVAILABLE,
    "OVERLOADED": _OVERLOADED,
    "IS_BOOTSTRAPPING": _error(0x1002),
}
_UNPREPARED = "UNPREPARED"
# Of one that gives one of these, nobody knows whether it has done the request, or will.
_DOUBTS_OF_WRITES: dict[str, bytes] = {
    "WRITE_TIMEOUT": _of_replicas(0x1100, 1, 2, end=_string("UNLOGGED_BATCH")),
    "WRITE_FAILURE": _of_replicas(0x1500, 1, 2, 1, end=_string("UNLOGGED_BATCH")),
    "SERVER_ERROR": _SERVER_ERROR,
    "unknown code": _UNKNOWN_CODE,
}
_DOUBTS_OF_READS: dict[str, bytes] = {
    "READ_TIMEOUT": _of_replicas(0x1200, 1, 2, end=_NO_DATA),
    "READ_FAILURE": _of_replicas(0x1300, 1, 2, 1, end=_NO_DATA),
    "SERVER_ERROR": _SERVER_ERROR,
    "unknown code": _UNKNOWN_CODE,
}

KINDS = (
    *(f"read, {kind}" for kind in (*_REFUSALS, _UNPREPARED, *_DOUBTS_OF_READS)),
    *(f"write, {kind}" for kind in (*_REFUSALS, _UNPREPARED)),
    *(
        f"write, {kind}, {what}"
        for kind in _DOUBTS_OF_WRITES
        for what in ("never done", "done", "done late")
    ),
)


@dataclass
class _Frame:
    flags: int
    stream: int
    opcode: int
    body: bytes
    version: int = 4

    def bytes(self) -> bytes:
        head = _HEADER.pack(self.version, self.flags, self.stream, self.opcode, len(self.body))
        return head + self.body


async def _read_frame(reader: asyncio.StreamReader) -> _Frame:
    head = _HEADER.unpack(await reader.readexactly(_HEADER.size))
    version, flags, stream, opcode, length = head
    assert version & ~_ANSWER == 4, f"the forger does not know version {version} of the protocol"
    return _Frame(flags, stream, opcode, await reader.readexactly(length), version)


@dataclass
class _Statements:
    """What was prepared, on whichever connection."""

    kind_of: dict[bytes, str] = field(default_factory=dict)

    def note(self, statement: bytes, prepared: bytes) -> None:
        """`prepared` is the body of the answer."""
        (kind,) = struct.unpack_from(">i", prepared)
        if kind == _PREPARED:
            (size,) = struct.unpack_from(">H", prepared, 4)
            words = statement[4:].lstrip().upper()
            self.kind_of[prepared[6 : 6 + size]] = (
                "read" if words.startswith(b"SELECT") else "write"
            )

    def kind(self, request: _Frame) -> str | None:
        """Of a request for data; nothing for others."""
        if request.opcode == _BATCH:
            return "write"
        return self.kind_of.get(self.id_of(request)) if request.opcode == _EXECUTE else None

    @staticmethod
    def id_of(request: _Frame) -> bytes:
        """Of the first statement that it runs."""
        # A batch has its type, a number of statements, and of each first whether it is prepared.
        at = 4 if request.opcode == _BATCH else 0
        (size,) = struct.unpack_from(">H", request.body, at)
        return request.body[at + 2 : at + 2 + size]


class _Ghost:
    """A connection on which the server gets requests whose answers nobody sees."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._stream = 0
        self.answers: Counter[int] = Counter()  # by opcode

    async def begin(self) -> None:
        options = struct.pack(">H", 1) + _string("CQL_VERSION") + _string("3.0.0")
        self._writer.write(_Frame(0, 0, _STARTUP, options).bytes())
        await _read_frame(self._reader)

    async def swallow(self) -> None:
        try:
            while True:
                self.answers[(await _read_frame(self._reader)).opcode] += 1
        except (asyncio.IncompleteReadError, ConnectionError):
            return

    def send(self, request: _Frame) -> None:
        self._stream = (self._stream + 1) % _STREAMS
        self._writer.write(
            _Frame(request.flags, self._stream, request.opcode, request.body).bytes()
        )

    def close(self) -> None:
        self._writer.close()


class Forger(Relay):
    """Forges the answer to one of so many requests for data, as `one_of` says now; 0: to none."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self.one_of = 0
        self.forged: Counter[str] = Counter()
        self.ghosts: Counter[int] = Counter()  # answers that nobody saw, by opcode
        self._random = random.Random(1)
        self._statements = _Statements()

    async def pass_between(
        self,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        ghost = _Ghost(*await self.connect())
        ghost.answers = self.ghosts
        await ghost.begin()
        preparing: dict[int, bytes] = {}  # the statement, by stream
        ways = [
            asyncio.ensure_future(ghost.swallow()),
            asyncio.ensure_future(self._requests(client, server[1], ghost, preparing)),
            asyncio.ensure_future(self._answers(server[0], client[1], preparing)),
        ]
        await asyncio.wait(ways[1:], return_when=asyncio.FIRST_COMPLETED)
        for writer in (client[1], server[1]):
            writer.close()
        await asyncio.sleep(_LATE_SECONDS)  # what is to be done late is still to be sent
        ghost.close()
        await asyncio.gather(*ways)

    async def _requests(
        self,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: asyncio.StreamWriter,
        ghost: _Ghost,
        preparing: dict[int, bytes],
    ) -> None:
        try:
            while True:
                request = await _read_frame(client[0])
                if request.opcode == _PREPARE:
                    preparing[request.stream] = request.body
                forged = self._forge(request, ghost)
                if forged is None:
                    server.write(request.bytes())
                else:
                    answer = _Frame(0, request.stream, _ERROR, forged, 4 | _ANSWER)
                    client[1].write(answer.bytes())
        except (asyncio.IncompleteReadError, ConnectionError):
            return

    async def _answers(
        self,
        server: asyncio.StreamReader,
        client: asyncio.StreamWriter,
        preparing: dict[int, bytes],
    ) -> None:
        try:
            while True:
                answer = await _read_frame(server)
                statement = preparing.pop(answer.stream, None)
                if statement is not None and answer.opcode == _RESULT:
                    self._statements.note(statement, answer.body)
                client.write(answer.bytes())
        except (asyncio.IncompleteReadError, ConnectionError):
            return

    def _forge(self, request: _Frame, ghost: _Ghost) -> bytes | None:
        """The body of an error in place of an answer, if there is to be one."""
        kind = self._statements.kind(request)
        if kind is None or self.one_of == 0 or self._random.randrange(self.one_of):
            return None
        doubts = _DOUBTS_OF_WRITES if kind == "write" else _DOUBTS_OF_READS
        what = self._random.choice([*_REFUSALS, _UNPREPARED, *doubts])
        if what == _UNPREPARED:
            statement = self._statements.id_of(request)
            forged = _error(0x2500, struct.pack(">H", len(statement)) + statement)
        else:
            forged = (_REFUSALS | doubts)[what]
        fate = f", {self._decide(request, ghost)}" if kind == "write" and what in doubts else ""
        self.forged[f"{kind}, {what}{fate}"] += 1
        return forged

    def _decide(self, request: _Frame, ghost: _Ghost) -> str:
        """Whether the server gets a write that is in doubt, and when."""
        fates: dict[str, Callable[[], object]] = {
            "never done": lambda: None,
            "done": lambda: ghost.send(request),
            "done late": lambda: self._loop.call_later(_LATE_SECONDS, ghost.send, request),
        }
        fate = self._random.choice(list(fates))
        fates[fate]()
        return fate
