"""Clocks that are apart: of a server, which decides nothing, and of a client, whose writes win over
later ones of others. Both are told of."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cassandra_cluster.java import find_java
from histories import recorded_load
from servers import Server, wait_until

_COMMAND = os.environ["BYTESTORE_COMMAND"]


def _clock(seconds: int) -> dict[str, str]:
    """What the environment of a process has whose clock is so much ahead. Its monotonic clock is the
    machine's, and waiting by that must not be adapted, or it takes too long or fails."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    left_alone = {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_FORCE_MONOTONIC_FIX": "0"}
    return left_alone | {"FAKETIME": f"{seconds:+d}", "LD_PRELOAD": str(library)}


def _java_apart(folder: Path, seconds: int) -> Path:
    """A home of the Java that servers run on, with such a clock: that of the launcher, which is
    written in Python, must not change."""
    java = folder / "bin" / "java"
    java.parent.mkdir()
    clock = "\n".join(f"export {name}={value}" for name, value in _clock(seconds).items())
    java.write_text(f'#!/bin/sh\n{clock}\nexec {find_java().path} "$@"\n', encoding="ascii")
    java.chmod(0o755)
    return folder


@contextmanager
def _server_apart(server: Server, folder: Path, seconds: int) -> Iterator[None]:
    server.launcher("kill", 1)
    home = _java_apart(folder, seconds)
    server.launcher("start", 1, environment=os.environ | {"JAVA_HOME": str(home)})
    yield
    server.launcher("kill", 1)
    server.launcher("start", 1)


class _Client:
    """Runs the command, with a clock so much ahead."""

    def __init__(self, uri: str, seconds: int = 0) -> None:
        self._uri = uri
        self._environment = os.environ | (_clock(seconds) if seconds else {})
        self.warned = ""

    def run(self, *arguments: str, given: str = "") -> str:
        command = [_COMMAND, "--store", self._uri, *arguments]
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, env=self._environment
        )
        self.warned = done.stderr
        assert done.returncode in (0, 4), done.stderr
        return done.stdout if done.returncode == 0 else "failed"


@pytest.mark.parametrize("seconds", [5, -300])
def test_a_server_whose_clock_is_apart(
    server: Server, table: str, tmp_path: Path, seconds: int
) -> None:
    """Of two writes it keeps the one that the clients made later."""
    with _server_apart(server, tmp_path, seconds):
        client = _Client(server.uri(table))
        done = client.run("put", "key", given="value")
        assert "synchronise the clocks" in client.warned
        assert f"{'ahead of' if seconds > 0 else 'behind'} this machine's" in client.warned
        assert done == ("" if abs(seconds) <= 60 else "failed")
        with recorded_load(server, table, tmp_path, allow_clock_difference=abs(seconds) > 60) as (
            load,
            judged,
        ):
            load.go_on(10_000)
            verdict = judged()
    verdict.tell("a server's clock is apart", by=f"{seconds} s")
    assert verdict.wrong == []
    assert verdict.told["calls_failed"] == 0, verdict.told["codes"]


def test_a_client_whose_clock_is_ahead(server: Server, table: str) -> None:
    """Its own writes keep their order; a later one of another client is lost until the clocks have
    passed, which is what the warning is for."""
    ahead, other = _Client(server.uri(table), 5), _Client(server.uri(table))
    ahead.run("put", "key", given="first")
    assert "behind this machine's; synchronise the clocks" in ahead.warned
    ahead.run("put", "key", given="second")
    other.run("put", "key", given="lost")
    assert other.warned == ""
    assert other.run("get", "key") == "second"

    def wins() -> bool:
        other.run("put", "key", given="third")
        return other.run("get", "key") == "third"

    wait_until(wins)
    assert ahead.run("get", "key") == "third"


def test_a_client_whose_clock_is_far_ahead_is_refused(server: Server, table: str) -> None:
    _Client(server.uri(table)).run("put", "key", given="value")
    ahead = _Client(server.uri(table), 300)
    assert ahead.run("put", "key", given="lost") == "failed"
    assert "synchronise the clocks, have the servers give the timestamps" in ahead.warned
    assert _Client(server.uri(table)).run("get", "key") == "value"
