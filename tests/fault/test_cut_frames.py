"""Connections that end at any byte of an exchange, and frames that come byte by byte: the value is
right all the same."""

import os
import random
import subprocess
import time

import pytest
from cutter import Cutter, Way
from histories import keep_line, minutes
from servers import Server

_COMMAND = os.environ["BYTESTORE_COMMAND"]
_VALUE = bytes(range(256)) * 40
_CUTS = 40  # each way, of the short run

# Over this, it hangs: a connection that ended is known to have ended.
_MOST_SECONDS = 20


class _Unavailable(Exception):
    """A clear error: the only node hung up while the session was being made."""


def _run(uri: str, *arguments: str, given: bytes = b"") -> bytes:
    command = [_COMMAND, "--store", uri, *arguments]
    done = subprocess.run(command, input=given, capture_output=True, timeout=_MOST_SECONDS)
    said = done.stderr.decode()
    if done.returncode == 4:
        assert said.startswith("bytestore: connecting to "), said
        raise _Unavailable
    assert done.returncode == 0, said
    return done.stdout


def _exchange(server: Server, table: str, cutter: Cutter, key: str) -> bool:
    """Writes a value and reads it, each by a process of its own, through the cutter. Returns whether
    both succeeded."""
    uri = server.uri(table, address=cutter.address)
    try:
        _run(uri, "put", key, given=_VALUE)
        assert _run(uri, "get", key) == _VALUE
    except _Unavailable:
        return False
    assert _run(server.uri(table), "get", key) == _VALUE
    return True


@pytest.fixture
def place(server: Server) -> tuple[str, int]:
    host, port = server.address.rsplit(":", 1)
    return host, int(port)


def test_frames_that_come_byte_by_byte(server: Server, place: tuple[str, int], table: str) -> None:
    with Cutter(*place, slices=True) as cutter:
        assert _exchange(server, table, cutter, "sliced")
    assert cutter.bytes["down"] > len(_VALUE)


@pytest.mark.parametrize("way", ["up", "down"])
def test_connections_that_end_at_any_byte(
    server: Server, place: tuple[str, int], table: str, way: Way
) -> None:
    with Cutter(*place) as whole:
        assert _exchange(server, table, whole, "whole")
    places = list(range(whole.bytes[way]))
    random.Random(1).shuffle(places)
    end = time.monotonic() + 60 * minutes()
    cuts = 0
    succeeded = 0
    for cut_at in places:
        if cuts >= _CUTS and time.monotonic() >= end:
            break
        with Cutter(*place, way=way, cut_at=cut_at) as cutter:
            has_succeeded = _exchange(server, table, cutter, f"cut at {cut_at}")
        if cutter.cuts:  # not every exchange has as many bytes
            cuts += 1
            succeeded += has_succeeded
    keep_line(
        f"connections end, {way}: at one of {len(places)} bytes each, cuts {cuts}, "
        f"succeeded all the same {succeeded}, errors of connecting {cuts - succeeded}, wrong 0"
    )
    assert cuts >= _CUTS
    assert succeeded > cuts / 2
