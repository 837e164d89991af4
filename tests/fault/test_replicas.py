"""Three nodes and three replicas, while clients write, read, delete and list, and nodes die or pause:
what the clients see is what a store may show, and as long as a majority lives, no call fails."""

import itertools
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from histories import minutes, recorded_load
from servers import Server, wait_until

_NODES = (1, 2, 3)

# Kills, and keys that are acknowledged.
_SHORT = (5, 100_000)
_LONG = (20, 1_000_000)

_PAUSE_SECONDS = 20


def test_replicas_that_die(server: Server, table: str, tmp_path: Path) -> None:
    kills_wanted, acknowledged_wanted = _LONG if minutes() else _SHORT
    end = time.monotonic() + 60 * minutes()
    with recorded_load(server, table, tmp_path) as (load, judged):
        load.go_on()
        kills = 0
        for node in itertools.cycle(_NODES):
            server.launcher("kill", node)
            kills += 1
            load.go_on()
            server.launcher("start", node)
            load.go_on()
            if kills >= kills_wanted and time.monotonic() >= end:
                break
        while load.acknowledged() < acknowledged_wanted:
            load.go_on()
        verdict = judged()
    verdict.tell("replicas die", kills=kills)
    assert verdict.wrong == []
    assert verdict.told["calls_failed"] == 0, verdict.told["codes"]
    assert verdict.told["listings"] > 0


@pytest.mark.parametrize("speculative_delay_ms", [0, 100])
def test_a_node_that_pauses(
    server: Server, table: str, tmp_path: Path, speculative_delay_ms: int
) -> None:
    with recorded_load(server, table, tmp_path, speculative_delay_ms=speculative_delay_ms) as (
        load,
        judged,
    ):
        load.go_on()
        server.launcher("pause", 1)
        load.go_on_for(_PAUSE_SECONDS)
        server.launcher("resume", 1)
        load.go_on()
        verdict = judged()
    how = f"after {speculative_delay_ms} ms" if speculative_delay_ms else "none"
    verdict.tell("a node pauses", speculation=how)
    assert verdict.wrong == []
    assert verdict.told["calls_failed"] == 0, verdict.told["codes"]


def _pause_and_kill(server: Server) -> None:
    """With requests on their way that the servers never see."""
    server.launcher("pause", *_NODES)
    wait_until(server.has_unread_requests)
    server.launcher("kill", *_NODES)


def _kill(server: Server) -> None:
    """With some requests done, some begun and some not."""
    server.launcher("kill", *_NODES)


@pytest.mark.parametrize("kill", [_kill, _pause_and_kill])
def test_all_nodes_that_die(
    server: Server, table: str, tmp_path: Path, kill: Callable[[Server], None]
) -> None:
    """Calls fail then, with outcomes that are right, and the same sessions go on once they are back."""
    with recorded_load(server, table, tmp_path, give_up_after_seconds=5) as (load, judged):
        load.go_on()
        kill(server)
        load.go_on_for(12)  # so that every client has given up a call
        server.launcher("start", *_NODES)
        load.go_on()
        verdict = judged()
    verdict.tell(f"all nodes die{' after a pause' if kill is _pause_and_kill else ''}")
    assert verdict.wrong == []
    assert verdict.told["failed"] > 0
    assert verdict.told["unknown"] > 0
    assert verdict.told["codes"].keys() <= {"unavailable", "timeout"}
