"""Stores and sessions that are opened and ended over and over, with calls under way: nothing is left
of them."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from histories import keep_line, minutes
from servers import Server

_PROGRAM = os.environ["BYTESTORE_LIFETIMES"]
_SHORT, _LONG = 100, 10_000

# What the allocator may keep besides; 10,000 lives that lose a page each would be 40 MB.
_MOST_KILOBYTES = 20_000


@dataclass(frozen=True)
class _Held:
    """What the process holds after so many lives."""

    lives: int
    threads: int
    descriptors: int
    kilobytes: int
    succeeded: int
    failed: int


@pytest.mark.parametrize("scheme", ["memory", "rocksdb", "lmdb", "cassandra"])
def test_nothing_is_left(server: Server, table: str, tmp_path: Path, scheme: str) -> None:
    uri = {
        "memory": "memory:",
        "rocksdb": f"rocksdb:{tmp_path}/store?sync=false",
        "lmdb": f"lmdb:{tmp_path}/store?sync=false",
        "cassandra": server.uri(table),
    }[scheme]
    lives = _LONG if minutes() else _SHORT
    said = subprocess.run(
        [_PROGRAM, uri, str(lives)], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    held = [_Held(*map(int, line.split())) for line in said.splitlines()]
    first, *_, last = held
    keep_line(
        f"lifetimes of {scheme}: stores {last.lives}, calls that succeeded {last.succeeded}, that "
        f"failed {last.failed}, threads {first.threads} to {last.threads}, descriptors "
        f"{first.descriptors} to {last.descriptors}, kilobytes {first.kilobytes} to "
        f"{last.kilobytes}"
    )
    assert len(held) == 10
    assert last.succeeded > 0
    assert last.failed > 0
    assert all(one.threads <= first.threads for one in held)
    assert all(one.descriptors <= first.descriptors for one in held)
    assert last.kilobytes < held[1].kilobytes + _MOST_KILOBYTES
