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
"""
_NODE = """
listen {host}
  bind fd@{listening}
  server node {host}:{port}
"""

ENTRIES = [(f"key {i}", f"value {i}".encode()) for i in range(100)]


class Proxy:
    """In front of all nodes of a cluster, of which each has a port of its own there."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._folder = folder
        hosts, port = server.told["contact_points"], server.told["port"]
        listeners = [socket.create_server((host, 0)) for host in hosts]
        reachable = [
            f"{host}:{listener.getsockname()[1]}" for host, listener in zip(hosts, listeners)
        ]
        self.address = reachable[0]
        self.map = ",".join(f"{host}={there}" for host, there in zip(hosts, reachable))
        nodes = (
            _NODE.format(host=host, port=port, listening=listener.fileno())
            for host, listener in zip(hosts, listeners)
        )
        configuration = folder / "haproxy.cfg"
        configuration.write_text(_CONFIGURATION.format(folder=folder) + "".join(nodes))
        self._process = subprocess.Popen(
            ["/usr/sbin/haproxy", "-db", "-f", configuration],
            pass_fds=[listener.fileno() for listener in listeners],
        )
        for listener in listeners:
            listener.close()
        wait_until((folder / "stats").exists)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()

    def connections(self) -> list[int]:
        """How many were made to each node so far."""
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(str(self._folder / "stats"))
            asking.sendall(b"show stat\n")
            told = asking.makefile().read().removeprefix("# ")
        rows = csv.DictReader(told.splitlines())
        return [int(row["stot"]) for row in rows if row["svname"] == "FRONTEND"]

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
    seed(table).mset(ENTRIES)
    keys, values = map(list, zip(*ENTRIES))
    uri = server.uri(table, address=proxy.address, address_map=proxy.map, consistency="one")
    with HelperStore(uri).opened() as store:
        wait_until(lambda: store.mget(keys) == values and min(proxy.connections()) > 0)
        proxy.wait_for_the_timeout()
        made = proxy.connections()
        assert store.mget(keys) == values
        proxy.wait_for_the_timeout()
        assert store.mget(keys) == values
        # Only the one that was left idle is new.
        assert proxy.connections() == [made[0] + 1, *made[1:]]
