"""A cluster of three nodes that is upgraded node by node, from one release of Cassandra to the next, while
clients write, read, delete and list."""

from pathlib import Path

from histories import recorded_load
from command import Store
from servers import Server

_NODES = 3
_RELEASES = ("4.1.10", "5.0.9", "6.0-alpha2")  # the first is what the server is started as


def _new_tables_need_a_word_of_the_operator(server: Server, table: str) -> None:
    """Until `nodetool cms initialize`, of which the error tells at once."""
    done = Store(server.uri(table, give_up_after="3600s")).run("put", "--", "key", given=b"value")
    assert done.code != 0
    assert b"cms initialize" in done.err


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
    _new_tables_need_a_word_of_the_operator(server, f"{table}_new")
    verdict.tell("an upgrade", releases=" to ".join(_RELEASES))
    assert verdict.wrong == []
    assert verdict.told["calls_failed"] == 0, verdict.told["codes"]
    assert verdict.told["listings"] > 0
