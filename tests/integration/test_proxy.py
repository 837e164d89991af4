"""A session behind HAProxy, which closes connections on which nothing passes for a while."""

import csv
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import HelperStore
from conftest import Seeds
from servers import Server, wait_until

_CONFIGURATION = """
global
  stats socket {folder}/stats level user
defaults
  mode tcp
  timeout connect 5s
  timeout client 10s
  timeout server 10s
listen nodes
  bind fd@{listening}
  server node {server}
"""


class Proxy:
    """In front of a server, at the server's own address: the driver looks there for all nodes."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._folder = folder
        listening = socket.create_server((server.told["contact_points"][0], 0))
        host, port = listening.getsockname()
        self.address = f"{host}:{port}"
        configuration = folder / "haproxy.cfg"
        configuration.write_text(
            _CONFIGURATION.format(
                folder=folder, listening=listening.fileno(), server=server.address
            )
        )
        self._process = subprocess.Popen(
            ["/usr/sbin/haproxy", "-db", "-f", configuration], pass_fds=[listening.fileno()]
        )
        listening.close()
        wait_until((folder / "stats").exists)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()

    def connections(self) -> int:
        """How many were made so far."""
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(str(self._folder / "stats"))
            asking.sendall(b"show stat\n")
            told = asking.makefile().read().removeprefix("# ")
        rows = csv.DictReader(told.splitlines())
        return next(int(row["stot"]) for row in rows if row["svname"] == "FRONTEND")

    def wait_for_the_timeout(self) -> None:
        """Returns when a connection on which nothing passes, and which begins now, was closed."""
        host, port = self.address.split(":")
        with socket.create_connection((host, int(port))) as idle:
            assert idle.recv(1) == b""


@pytest.fixture
def proxy(server: Server, tmp_path: Path) -> Iterator[Proxy]:
    proxy = Proxy(server, tmp_path)
    yield proxy
    proxy.close()


def test_a_session_that_idles_keeps_its_connections(
    server: Server, seed: Seeds, table: str, proxy: Proxy
) -> None:
    seed(table).mset([("key", b"value")])
    with HelperStore(server.uri(table, address=proxy.address)).opened() as store:
        assert store.mget(["key"]) == [b"value"]
        proxy.wait_for_the_timeout()
        made = proxy.connections()
        assert store.mget(["key"]) == [b"value"]
        proxy.wait_for_the_timeout()
        assert store.mget(["key"]) == [b"value"]
        assert proxy.connections() == made + 1, "only the one that was left idle"
