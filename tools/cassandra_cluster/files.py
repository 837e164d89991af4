"""Small file operations that the other modules share."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def write_atomically(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace `path` as one step; readers see the old text or the new, never a part.

    The file has `mode` from its first byte on, whatever the umask.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as stream:
        os.fchmod(descriptor, mode)
        stream.write(text)
    temporary.replace(path)


def read_json(path: Path) -> Any | None:
    """What `path` holds, or None if it does not exist or holds no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait for an exclusive lock on `path` and hold it. It ends with the process at the latest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def last_lines(path: Path, count: int) -> str:
    """The last `count` lines of a text file, all if `count` is 0; "" if there is no file."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(lines[-count:] if count else lines)
