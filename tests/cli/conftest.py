"""Drives the bytestore command as a process. CMake says where it is."""

import fcntl
import os
import signal
import struct
import subprocess
import termios
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

COMMAND = os.environ["BYTESTORE_COMMAND"]
SANITIZED = bool(os.environ.get("BYTESTORE_SANITIZE"))

# Over this, something hangs; nothing that is tested takes a tenth of it.
PATIENCE_SECONDS = 120


@dataclass
class Result:
    code: int
    out: bytes
    err: str


def wait_until(condition):
    """Returns what `condition` does, once that is true."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.002)
    raise TimeoutError("the condition never came about")


def bytes_in(pipe):
    """How many bytes wait in a pipe to be read."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]


class Running:
    """A command under way."""

    def __init__(self, process):
        self.process = process

    def _has_signal(self, field, number):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            name, _, mask = line.partition(":")
            if name == field:
                return bool(int(mask, 16) >> (number - 1) & 1)
        return False

    def wait_for_watch(self, number=signal.SIGINT):
        """Returns when the command handles the signal in its own way."""
        wait_until(lambda: self._has_signal("SigBlk", number))

    def interrupt(self, number=signal.SIGINT):
        """Sends the signal; returns when the command has taken it."""
        self.process.send_signal(number)
        wait_until(lambda: not self._has_signal("ShdPnd", number))

    def end(self, stdin=None):
        out, err = self.process.communicate(stdin, timeout=PATIENCE_SECONDS)
        return Result(self.process.returncode, out, (err or b"").decode())


class Store:
    """A store in a folder of its own, used through the command."""

    def __init__(self, folder):
        self.folder = folder
        # Not synced at each call: no power is lost in a test.
        self.uri = f"rocksdb:{folder}?sync=false"

    def start(self, *arguments, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE} | options
        options.setdefault("stderr", subprocess.PIPE)
        environment = os.environ | {"BYTESTORE_STORE": self.uri}
        return Running(subprocess.Popen([COMMAND, *arguments], env=environment, **options))

    def run(self, *arguments, stdin=b""):
        return self.start(*arguments, stdin=subprocess.PIPE).end(stdin)

    def ok(self, *arguments, stdin=b""):
        """What the command printed. It must succeed and say nothing on standard error."""
        result = self.run(*arguments, stdin=stdin)
        assert (result.code, result.err) == (0, "")
        return result.out

    def put(self, key, value=b""):
        self.ok("put", "--", key, stdin=value)

    def keys(self):
        return set(self.ok("keys", "-0").split(b"\0")[:-1])


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


@pytest.fixture
def tree(tmp_path):
    """Writes a folder of files from a mapping of names to contents."""

    def write(files, name="tree"):
        root = os.fsencode(tmp_path / name)
        os.makedirs(root, exist_ok=True)
        for path, content in files.items():
            path = os.path.join(root, os.fsencode(path))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
        return tmp_path / name

    return write


def contents(folder):
    """Every file below a folder, by its relative path as bytes."""
    root = os.fsencode(folder)
    found = {}
    for path, _, names in os.walk(root):
        for name in names:
            file = os.path.join(path, name)
            with open(file, "rb") as opened:
                found[os.path.relpath(file, root)] = opened.read()
    return found
