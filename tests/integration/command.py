"""The bytestore command, and the helper for what it cannot show, as processes."""

import fcntl
import json
import os
import signal
import struct
import subprocess
import termios
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_COMMAND = os.environ["BYTESTORE_COMMAND"]
_HELPER = os.environ["BYTESTORE_TEST_HELPER"]

# Over this, something hangs; nothing that is tested takes a tenth of it.
_PATIENCE_SECONDS = 300


_PIPE_BYTES = 4096
_LONG_LINE = 400


@dataclass(frozen=True)
class Result:
    code: int
    out: bytes
    err: bytes


def _inherited() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("CASSANDRA_", "BYTESTORE_"))}


def _run(
    arguments: Sequence[str], given: bytes, environment: Mapping[str, str], folder: Path | None
) -> Result:
    done = subprocess.run(
        arguments,
        input=given,
        capture_output=True,
        env=_inherited() | dict(environment),
        cwd=folder,
        timeout=_PATIENCE_SECONDS,
    )
    return Result(done.returncode, done.stdout, done.stderr)


class Running:
    """A command under way. What it says on standard error goes through a pipe of a page, and when
    that is full it waits until somebody hears it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout and process.stderr
        fcntl.fcntl(process.stderr, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self.process = process
        self._out, self._err = process.stdout, process.stderr
        self._heard = b""

    def has_written(self) -> bool:
        return _waiting(self._out) > 0

    def waits_to_be_heard(self) -> bool:
        assert self.process.poll() is None, self._heard
        return _waiting(self._err) > _PIPE_BYTES - _LONG_LINE

    def hear(self) -> None:
        """Reads what it has said, so that it goes on."""
        if waiting := _waiting(self._err):
            self._heard += os.read(self._err.fileno(), waiting)

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def end(self) -> Result:
        out, err = self.process.communicate(timeout=_PATIENCE_SECONDS)
        return Result(self.process.returncode, out, self._heard + err)


def _waiting(pipe: IO[bytes]) -> int:
    """How many bytes wait in it to be read."""
    return int(struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0])


@dataclass(frozen=True)
class Store:
    """A store, used through the command. Every verb expects success, but for `run`."""

    uri: str

    def run(
        self,
        *arguments: str,
        given: bytes = b"",
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> Result:
        """`folder` is where the command runs."""
        return _run([_COMMAND, "--store", self.uri, *arguments], given, environment or {}, folder)

    def _succeed(self, *arguments: str, given: bytes = b"") -> bytes:
        result = self.run(*arguments, given=given)
        assert result.code == 0, result
        assert result.err == b"" or arguments[0] == "import", result
        return result.out

    def start(self, *arguments: str) -> "Running":
        process = subprocess.Popen(
            [_COMMAND, "--store", self.uri, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_inherited(),
        )
        return Running(process)

    def put(self, key: str, value: bytes) -> None:
        self._succeed("put", "--", key, given=value)

    def get(self, keys: Iterable[str]) -> bytes:
        """Their values, one after the other."""
        return self._succeed("get", "--", *keys)

    def delete(self, keys: Iterable[str]) -> None:
        self._succeed("delete", "--", *keys)

    def keys(self, prefix: str = "") -> list[str]:
        out = self._succeed("keys", "--json", "--prefix", prefix)
        return [json.loads(line) for line in out.splitlines()]

    def count(self) -> int:
        return int(self._succeed("count"))

    def import_folder(self, folder: Path) -> None:
        self._succeed("import", str(folder))

    def has(self, key: str) -> bool:
        result = self.run("get", "--", key)
        assert result.code in (0, 3), result
        return result.code == 0


def _hex(data: bytes) -> str:
    return data.hex() or "-"


@dataclass(frozen=True)
class HelperStore:
    """A store, used through the C++ library: also with keys that are no arguments of a command."""

    uri: str

    def _run(self, verb: str, lines: Iterable[str]) -> list[str]:
        given = "".join(line + "\n" for line in lines).encode("ascii")
        result = _run([_HELPER, self.uri, verb], given, {}, None)
        assert (result.code, result.err) == (0, b""), result
        return result.out.decode("ascii").splitlines()

    def mset(self, entries: Iterable[tuple[str, bytes]]) -> None:
        self._run("mset", (f"{_hex(key.encode())} {_hex(value)}" for key, value in entries))

    def mget(self, keys: Iterable[str]) -> list[bytes | None]:
        answers = self._run("mget", (_hex(key.encode()) for key in keys))
        values = {"absent": None, "-": b""}
        return [values[line] if line in values else bytes.fromhex(line) for line in answers]

    def mdelete(self, keys: Iterable[str]) -> None:
        self._run("mdelete", (_hex(key.encode()) for key in keys))

    @contextmanager
    def opened(self) -> Iterator["OpenStore"]:
        process = subprocess.Popen(
            [_HELPER, self.uri, "read"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_inherited(),
            text=True,
        )
        try:
            yield OpenStore(process)
        finally:
            process.communicate(timeout=_PATIENCE_SECONDS)
        assert process.returncode == 0


class ReadFailed(Exception):
    """What the library said."""


@dataclass(frozen=True)
class OpenStore:
    """A store that stays open from one call to the next."""

    process: subprocess.Popen[str]

    def _ask(self, line: str) -> list[str]:
        assert self.process.stdin and self.process.stdout
        print(line, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().rstrip("\n")
        if answer.startswith("error "):
            raise ReadFailed(answer.removeprefix("error "))
        return answer.split()

    def mget(self, keys: Iterable[str]) -> list[bytes | None]:
        values = {"absent": None, "-": b""}
        answers = self._ask(" ".join(_hex(key.encode()) for key in keys))
        return [values[word] if word in values else bytes.fromhex(word) for word in answers]

    def keys(self) -> list[str]:
        return [bytes.fromhex(word).decode() for word in self._ask("")]
