"""A cluster of three nodes that is upgraded node by node, from one release of Cassandra to the next, while
clients write, read, delete and list."""

from pathlib import Path

from histories import recorded_load
from servers import Server

_NODES = 3
_RELEASES = ("4.1.10", "5.0.9", "6.0-alpha2")  # the first is what the server is started as


def test_an_upgrade_under_way(server: Server, table: str, tmp_path: Path) -> None:
    """No call fails, from the first node's upgrade to the last's."""
    releases = [_RELEASES[0]] * _NODES
    with recorded_load(server, table, tmp_path) as (load, judged):
        load.go_on()
        for release in _RELEASES[1:]:
            for node in range(_NODES):
                releases[node] = release
                server.upgrade(node + 1, releases)
                load.go_on()
        verdict = judged()
    verdict.tell("an upgrade", releases=" to ".join(_RELEASES))
    assert verdict.wrong == []
    assert verdict.told["calls_failed"] == 0, verdict.told["codes"]
    assert verdict.told["listings"] > 0
