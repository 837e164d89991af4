"""Fixtures for the tests of the Cassandra launcher: a way to run it, and shared clusters."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from cassandra_command import TOOLS, Launcher

sys.path.insert(0, str(TOOLS))


@pytest.fixture(scope="session")
def launcher(tmp_path_factory: pytest.TempPathFactory) -> Launcher:
    return Launcher(tmp_path_factory.mktemp("build"))


def _cluster(launcher: Launcher, name: str, *options: object) -> Iterator[dict[str, Any]]:
    try:
        yield json.loads(launcher.ok("up", "--json", *options, name=name))
    finally:
        launcher.run("down", "--purge", name=name)


@pytest.fixture(scope="module")
def plain(launcher: Launcher) -> Iterator[dict[str, Any]]:
    """What `up --json` told of one node without passwords or TLS."""
    yield from _cluster(launcher, "plain")


@pytest.fixture(scope="module")
def secure(launcher: Launcher) -> Iterator[dict[str, Any]]:
    """Two nodes in two datacenters with passwords, TLS and a setting of their own."""
    options = (
        "--dc",
        "east:1",
        "--dc",
        "west:1",
        "--auth",
        "--tls",
        "--set",
        "batch_size_fail_threshold=60KiB",
    )
    yield from _cluster(launcher, "secure", *options)
