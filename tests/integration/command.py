"""The bytestore command, and the helper for what it cannot show, as processes."""

import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_COMMAND = os.environ["BYTESTORE_COMMAND"]
_HELPER = os.environ["BYTESTORE_TEST_HELPER"]

# Over this, something hangs; nothing that is tested takes a tenth of it.
_PATIENCE_SECONDS = 300


@dataclass(frozen=True)
class Result:
    code: int
    out: bytes
    err: bytes


def _run(
    arguments: Sequence[str], given: bytes, environment: Mapping[str, str], folder: Path | None
) -> Result:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("CASSANDRA_", "BYTESTORE_"))}
    done = subprocess.run(
        arguments,
        input=given,
        capture_output=True,
        env=inherited | dict(environment),
        cwd=folder,
        timeout=_PATIENCE_SECONDS,
    )
    return Result(done.returncode, done.stdout, done.stderr)


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
