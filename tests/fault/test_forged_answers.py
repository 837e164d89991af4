"""Servers that give errors of every kind, also for writes that they do, or do later: what is said of
each key is right, whatever came of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from forger import KINDS, Forger
from histories import minutes, recorded_load
from servers import Server

_EACH_KIND = 20  # times
_GIVE_UP_SECONDS = 3


@pytest.fixture
def forger(server: Server) -> Iterator[Forger]:
    host, port = server.address.rsplit(":", 1)
    with Forger(host, int(port)) as forger:
        yield forger


def test_some_answers_that_are_forged(
    server: Server, forger: Forger, table: str, tmp_path: Path
) -> None:
    """Whatever may be tried again is."""
    with recorded_load(server, table, tmp_path, points=[forger.address]) as (load, judged):
        load.go_on()
        forger.one_of = 10
        load.go_on_for(30 * minutes())
        while any(forger.forged[kind] < _EACH_KIND for kind in KINDS):
            load.go_on()
        verdict = judged()
    verdict.tell("one answer of ten forged", forged=forger.forged.total())
    assert verdict.wrong == []
    assert verdict.told["calls_failed"] == 0, verdict.told["codes"]


def test_all_answers_that_are_forged(
    server: Server, forger: Forger, table: str, tmp_path: Path
) -> None:
    """Calls fail, with outcomes that are right, and the same sessions go on afterwards."""
    with recorded_load(
        server, table, tmp_path, points=[forger.address], give_up_after_seconds=_GIVE_UP_SECONDS
    ) as (load, judged):
        load.go_on()
        forger.one_of = 1
        load.go_on_for(max(4 * _GIVE_UP_SECONDS, 30 * minutes()))
        forger.one_of = 0
        load.go_on()
        verdict = judged()
    verdict.tell("all answers forged", forged=forger.forged.total())
    assert verdict.wrong == []
    assert verdict.told["unknown"] > 0
    assert verdict.told["failed"] > 0
    assert verdict.told["codes"].keys() <= {"unavailable", "timeout", "overloaded", "io"}
