"""Three nodes and three replicas, while one hangs with its connections open."""

import pytest
from first_uses import first_uses
from servers import Server

COUNT = 2

# An attempt would wait for a node that hangs for so long, and no use takes a tenth of it.
ATTEMPT_SECONDS = 30


def _uri(server: Server, table: str) -> str:
    every = ",".join(f"{host}:{server.told['port']}" for host in server.told["contact_points"])
    return server.uri(
        table, address=every, attempt_timeout=f"{ATTEMPT_SECONDS}s", give_up_after="100s"
    )


@pytest.mark.parametrize("node", [1, 3])
def test_nothing_waits_for_a_node_that_hangs(server: Server, table: str, node: int) -> None:
    """Neither first uses nor listings and openings, and none of them fails."""
    with first_uses(_uri(server, table), COUNT) as planned:
        server.launcher("pause", node)
        uses = planned.go_on()
    assert uses.errors == []
    assert len(uses.times) == 7
    for what, times in uses.times.items():
        assert max(times) < ATTEMPT_SECONDS * 1e3, what


def test_tables_are_made_while_a_node_hangs(server: Server, table: str) -> None:
    with first_uses(_uri(server, table), 1) as planned:
        server.launcher("pause", 3)
        planned.go_on()
        for number in range(3):
            with first_uses(_uri(server, f"{table}_{number}"), 1) as made:
                uses = made.go_on()
                assert uses.errors == []
