"""What a store reports of each key, and what is there after a server was killed under it."""

from collections.abc import Callable

import pytest
from command import HelperStore
from rounds import Reported, Rounds, key, value
from servers import Server, wait_until

KEYS = 2_000  # of a call: more than are in flight at first
MANY = 10_000  # rounds: it does not come to the last one


def _kill(server: Server, rounds: Rounds) -> None:
    """With some requests done, some begun and some not."""
    server.launcher("kill", 1)


def _kill_before_requests_are_read(server: Server, rounds: Rounds) -> None:
    """With requests on their way that the server never sees."""
    with rounds.standing_still():  # what is in flight is answered meanwhile, and more is sent after
        server.launcher("pause", 1)
    wait_until(lambda: rounds.is_over() or server.has_unread_requests())
    assert not rounds.is_over()
    server.launcher("kill", 1)


KILLS = pytest.mark.parametrize("kill", [_kill, _kill_before_requests_are_read])


def _hasty(server: Server, table: str) -> str:
    """The URI of a store that does not wait as long as usual for servers that are gone."""
    return server.uri(table, give_up_after="8s", attempt_timeout="8s")


def _patient(server: Server, table: str) -> str:
    """The URI of one that waits for servers that are busy."""
    return server.uri(table, give_up_after="200s", attempt_timeout="60s")


def _killed_in_the_middle(
    server: Server, table: str, verb: str, rounds: int, kill: Callable[[Server, Rounds], None]
) -> Reported:
    """All that was reported until nothing succeeded any more; then the server is there again."""
    running = Rounds(_hasty(server, table), verb, KEYS, rounds)
    running.wait_for(3)
    kill(server, running)
    reported = running.end()
    server.launcher("start", 1)
    marks = reported.count()
    assert marks["."] >= 3 * KEYS
    assert marks["f"] + marks["u"] > 0
    assert marks.keys() <= set(".fu")
    assert reported.codes <= {"unavailable", "timeout"}
    return reported


@KILLS
def test_writes(server: Server, table: str, kill: Callable[[Server, Rounds], None]) -> None:
    store = HelperStore(_patient(server, table))
    reported = _killed_in_the_middle(server, table, "mset", MANY, kill)
    stored, failed = list(reported.keys(".")), list(reported.keys("f"))
    assert store.mget(stored) == [value(name) for name in stored]
    assert store.mget(failed) == [None] * len(failed)
    unknown = list(reported.keys("u"))
    for name, found in zip(unknown, store.mget(unknown)):
        assert found in (None, value(name))


@KILLS
def test_deletes(server: Server, table: str, kill: Callable[[Server, Rounds], None]) -> None:
    store = HelperStore(_patient(server, table))
    rounds = 200  # more than end before the launcher has begun, also on a busy machine
    Rounds(store.uri, "mset", KEYS, rounds).end().check_all_succeeded()

    reported = _killed_in_the_middle(server, table, "mdelete", rounds, kill)
    deleted, failed = list(reported.keys(".")), list(reported.keys("f"))
    assert store.mget(deleted) == [None] * len(deleted)
    assert store.mget(failed) == [value(name) for name in failed]
    unknown = list(reported.keys("u"))
    for name, found in zip(unknown, store.mget(unknown)):
        assert found in (None, value(name))
    never_tried = [key(len(reported.rounds), i) for i in range(KEYS)]
    if len(reported.rounds) < rounds:
        assert store.mget(never_tried) == [value(name) for name in never_tried]


def test_a_repeated_write_completes_what_was_unknown(server: Server, table: str) -> None:
    uri = _patient(server, table)
    reported = _killed_in_the_middle(server, table, "mset", MANY, _kill_before_requests_are_read)
    assert reported.count()["u"] > 0
    Rounds(uri, "mset", KEYS, len(reported.rounds)).end().check_all_succeeded()
    Rounds(uri, "mget", KEYS, len(reported.rounds)).stop().check_all_succeeded()
