"""Three replicas on nodes that are replaced, join and leave, while clients write, read, delete and list."""

from pathlib import Path

from histories import recorded_load
from servers import Server


def test_nodes_that_are_replaced_join_and_leave(server: Server, table: str, tmp_path: Path) -> None:
    with recorded_load(server, table, tmp_path) as (load, judged):
        load.go_on()
        for node in (1, 2, 3):
            server.launcher("kill", node)
            load.go_on()
            server.launcher("replace", node)
            load.go_on()
        for change in ("join", "leave"):
            server.launcher(change)
            load.go_on()
        verdict = judged()
    verdict.tell("nodes are replaced, join and leave")
    assert verdict.wrong == []
    assert verdict.told["calls_failed"] == 0, verdict.told["codes"]
    assert verdict.told["listings"] > 0
