"""Three nodes and three replicas whose network breaks, while clients write, read, delete and list: what
they see is what a store may show, and no call fails as long as a majority can be reached."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import network
import pytest
from histories import minutes, recorded_load
from servers import Server

_SHORT_SECONDS = 8  # until the other nodes have noticed that one is gone, and beyond

# By the addresses of the nodes and of the clients.
Fault = Callable[[list[str], str], AbstractContextManager[None]]

_FAULTS: dict[str, Fault] = {
    "clients apart from a node": lambda n, c: network.broken(*network.both_ways(c, n[0])),
    "a node apart from another": lambda n, c: network.broken(*network.both_ways(n[0], n[1])),
    "a node apart from both others": lambda n, c: network.broken(
        *network.both_ways(n[0], n[1]), *network.both_ways(n[0], n[2])
    ),
    "nothing gets from a node to another": lambda n, c: network.broken(network.one_way(n[0], n[1])),
    "nothing gets from a node to the clients": lambda n, c: network.broken(
        network.one_way(n[0], c)
    ),
    "1 % of packets lost": lambda n, c: network.broken(network.loss(1)),
    "5 % of packets lost": lambda n, c: network.broken(network.loss(5)),
    "a link that flaps": lambda n, c: network.flapping(*network.both_ways(c, n[0])),
    "connections reset": lambda n, c: network.broken(network.reset(2, n[0])),
}


@pytest.mark.parametrize("fault", _FAULTS)
def test_a_network_that_breaks(server: Server, table: str, tmp_path: Path, fault: str) -> None:
    seconds = max(_SHORT_SECONDS, 60 * minutes() / len(_FAULTS))
    nodes = server.told["contact_points"]
    clients = f"{nodes[0].rpartition('.')[0]}.254"  # the bridge
    with recorded_load(server, table, tmp_path) as (load, judged):
        load.go_on(500)
        with _FAULTS[fault](nodes, clients):
            load.go_on_for(seconds)
            load.go_on(500)
        load.go_on(500)
        verdict = judged()
    verdict.tell(f"network: {fault}")
    assert verdict.wrong == []
    assert verdict.told["calls_failed"] == 0, verdict.told["codes"]
