"""Two nodes that get new addresses under a session. They announce addresses of 127.1.0.0/16, at
which forwarders stand before them."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from command import HelperStore
from forwarder import Forwarder
from histories import keep_line
from off_machine import switched_off
from servers import Server, wait_until
from taken_address import bound

NAME = "db.test"
KEY, VALUE = "key", b"value"

# A session looks at its nodes each second.
SOME_LOOKS_SECONDS = 4


class Hosts:
    """What names lead to, for the clients of a test."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def set(self, address: str) -> None:
        written = self.path.with_suffix(".new")
        written.write_text(f"{NAME} {address}\n")
        written.rename(self.path)


class Client:
    """A process with one session, which reads when it is asked to."""

    def __init__(self, uri: str, hosts: Hosts) -> None:
        self._process = subprocess.Popen(
            [os.environ["BYTESTORE_RESOLVING_HELPER"], uri, "read"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"BYTESTORE_TEST_HOSTS": str(hosts.path)},
        )

    def read(self) -> str:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{KEY.encode().hex()}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def has_read(self) -> bool:
        return self.read() == VALUE.hex()

    def end(self) -> None:
        self._process.communicate(timeout=60)
        assert self._process.returncode == 0


@pytest.fixture
def hosts(tmp_path: Path) -> Hosts:
    return Hosts(tmp_path / "hosts")


class Places:
    """In which network the nodes announce themselves now. Each test leaves them in another one."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._networks = {node: self._network_now(node) for node in (1, 2)}
        self._next = max(self._networks.values()) + 1

    def _network_now(self, node: int) -> int:
        conf = Path(self._server.told["folder"]) / f"node{node}" / "conf" / "cassandra.yaml"
        announced = json.loads(conf.read_text("utf-8"))["broadcast_rpc_address"]
        return int(announced.split(".")[2])

    def of(self, node: int) -> str:
        return f"127.1.{self._networks[node]}.{node}"

    def move(self, *nodes: int, how: str = "start") -> None:
        """Has killed nodes start again, or be replaced; they then have new addresses."""
        setting = f"broadcast_rpc_address=127.1.{self._next}.{{node}}"
        self._server.launcher(how, *nodes, settings=[setting])
        self._networks |= dict.fromkeys(nodes, self._next)
        self._next += 1

    def reachable(self, node: int) -> Forwarder:
        port = self._server.told["port"]
        server = (self._server.told["contact_points"][node - 1], port)
        return Forwarder(bound(self.of(node), port), server)

    def taken(self, node: int) -> Forwarder:
        """Something else stands at the address of the node, and counts connections."""
        return Forwarder(bound(self.of(node), self._server.told["port"]), None)

    def swallows(self, node: int) -> AbstractContextManager[None]:
        return switched_off(self.of(node), self._server.told["port"])


@pytest.fixture(scope="module")
def places(server: Server) -> Places:
    return Places(server)


@pytest.fixture
def client(server: Server, places: Places, table: str, hosts: Hosts) -> Iterator[Client]:
    """With one value stored, by a name that leads to the first node."""
    hosts.set(places.of(1))
    port = server.told["port"]
    with places.reachable(1), places.reachable(2):
        direct = server.uri(table, address=f"{places.of(1)}:{port}", consistency="two")
        HelperStore(direct).mset([(KEY, VALUE)])
    patience = {"attempt_timeout": "2s", "give_up_after": "4s", "connect_timeout": "60s"}
    uri = server.uri(table, address=f"{NAME}:{port}", consistency="one", **patience)
    client = Client(uri, hosts)
    yield client
    client.end()


def test_all_nodes_get_new_addresses(
    server: Server, places: Places, client: Client, hosts: Hosts
) -> None:
    """The old ones swallow packets, as those of containers that are gone; and the contact point is a
    name that leads to the new ones."""
    with places.reachable(1), places.reachable(2):
        assert client.has_read()
        server.launcher("kill", 1, 2)
    with places.swallows(1), places.swallows(2):
        assert client.read().startswith("error")
        places.move(1, 2)
        with places.reachable(1), places.reachable(2):
            hosts.set(places.of(1))
            changed = time.monotonic()
            wait_until(client.has_read)
            keep_line(f"all nodes elsewhere: read after {time.monotonic() - changed:.1f} s")


@pytest.mark.parametrize("how", ["start", "replace"])
def test_one_node_gets_a_new_address(
    server: Server, places: Places, client: Client, how: str
) -> None:
    """It is used there, be it the same node or another in its place, and no more where it was."""
    with places.reachable(1):
        with places.reachable(2) as before:
            wait_until(lambda: client.has_read() and before.connections > 0)
            server.launcher("kill", 2)
        with places.taken(2) as left:
            places.move(2, how=how)
            with places.reachable(2) as now:
                moved = time.monotonic()
                wait_until(lambda: client.has_read() and now.connections > 1)
                keep_line(f"a node elsewhere ({how}): used after {time.monotonic() - moved:.1f} s")
                dialled = left.connections
                end = time.monotonic() + SOME_LOOKS_SECONDS
                while time.monotonic() < end:
                    assert client.has_read()
                assert left.connections == dialled
