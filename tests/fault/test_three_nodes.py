"""A cluster of three nodes and three replicas, of which one is not there, hangs, joins or leaves.

The tests share the cluster and run in their order; what one does is mended before the next.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from command import HelperStore, Store
from hanging_node import hanging
from off_machine import switched_off
from rounds import Rounds, value
from servers import Server, new_table_name, wait_until

KEYS = 5_000
PER_CALL = 1_000
ROUNDS = 1_000_000  # more than there will be


def _uri(server: Server, table: str, **parameters: str) -> str:
    every = ",".join(f"{host}:{server.told['port']}" for host in server.told["contact_points"])
    patient = {"give_up_after": "200s", "attempt_timeout": "60s"}
    return server.uri(table, address=every, **patient | parameters)


@pytest.fixture(scope="module")
def tables(server: Server, request: pytest.FixtureRequest) -> Iterator[str]:
    """A name for each test, each for itself and with `_other`; made while all nodes are there.

    A node that has just come back refuses, for some seconds, what was created meanwhile.
    """
    names = [new_table_name() for _ in range(request.session.testscollected)]
    for name in names:
        for table in (name, f"{name}_other"):
            assert HelperStore(_uri(server, table)).mget(["absent"]) == [None]
    return iter(names)


@pytest.fixture
def table(tables: Iterator[str]) -> str:
    return next(tables)


class CallsUnderWay:
    """Reads of a table, and writes to the one beside it, of one session each, round after round."""

    def __init__(self, server: Server, table: str, **parameters: str) -> None:
        uri = _uri(server, table, **parameters)
        to_read = 5
        Rounds(uri, "mset", PER_CALL, to_read).end().check_all_succeeded()
        self._written_to = _uri(server, f"{table}_other", **parameters)
        self._reader = Rounds(uri, "mget", PER_CALL, to_read)
        self._writer = Rounds(self._written_to, "mset", PER_CALL, ROUNDS)

    def go_on(self) -> None:
        for rounds in (self._writer, self._reader):
            rounds.wait_for(3)

    def stop(self) -> None:
        """None of them has reported an error, and what was written is there."""
        written, read = self._writer.stop(), self._reader.stop()
        for reported in (written, read):
            reported.check_all_succeeded()
        stored = list(written.keys("."))
        assert HelperStore(self._written_to).mget(stored) == [value(name) for name in stored]


def _entries(prefix: str) -> dict[str, bytes]:
    return {f"{prefix}-{i}": b"%d" % i * (i % 50) for i in range(KEYS)}


def _check_every_verb(uri: str, prefix: str) -> None:
    """None of which reports an error."""
    store, command = HelperStore(uri), Store(uri)
    entries = _entries(prefix)
    keys = list(entries)
    store.mset(entries.items())
    assert store.mget([*keys, "absent"]) == [*entries.values(), None]
    assert sorted(command.keys(f"{prefix}-")) == sorted(keys)
    store.mdelete(keys[::2])
    assert store.mget(keys) == [None if i % 2 == 0 else entries[k] for i, k in enumerate(keys)]
    assert sorted(command.keys(f"{prefix}-")) == sorted(keys[1::2])


def _check_what_is_kept(uri: str, prefix: str) -> None:
    """What `_check_every_verb` has left."""
    entries = _entries(prefix)
    kept = [k if i % 2 else None for i, k in enumerate(entries)]
    assert HelperStore(uri).mget(entries) == [None if k is None else entries[k] for k in kept]


def test_a_node_that_is_not_there(server: Server, table: str) -> None:
    uri = _uri(server, table)
    _check_every_verb(uri, "before")
    server.launcher("kill", 1)
    _check_what_is_kept(uri, "before")
    _check_every_verb(uri, "without")
    _check_what_is_kept(uri, "without")


@pytest.mark.parametrize("broken", [switched_off, hanging])
def test_a_machine_that_does_not_take_part(
    server: Server, table: str, broken: Callable[[str, int], AbstractContextManager[None]]
) -> None:
    """Programs start, whether its address is a contact point or not, in less time than one dial may
    take, and it is used once it is back."""
    uri = _uri(server, table)
    _check_every_verb(uri, "before")
    server.launcher("kill", 2)
    off = server.told["contact_points"][1]
    healthy = f"{server.told['contact_points'][0]}:{server.told['port']}"
    with broken(off, server.told["port"]):
        for some in (uri, server.uri(table, address=healthy, connect_timeout="4s")):
            _check_what_is_kept(some, "before")
        calls = CallsUnderWay(server, table)
        calls.go_on()
    server.launcher("start", 2)
    wait_until(lambda: server.calls_coordinated(off, table, "read") > 0)
    calls.go_on()
    calls.stop()


def test_reads_that_a_paused_node_holds_up_are_sent_to_others_too(
    server: Server, table: str
) -> None:
    """None waits until its attempt is given up, which takes longer than a round may."""
    uri = _uri(server, table, attempt_timeout="900s", give_up_after="900s")
    to_read = 5
    Rounds(uri, "mset", PER_CALL, to_read).end().check_all_succeeded()
    reader = Rounds(uri, "mget", PER_CALL, to_read, speculative_delay_ms=300)
    reader.wait_for(3)
    server.launcher("pause", 3)
    reader.wait_for(3)
    server.launcher("resume", 3)  # a store ends when its last attempt does
    reported = reader.stop()
    reported.check_all_succeeded()
    assert reported.speculative > 0


def test_a_session_follows_nodes_that_join_and_leave(server: Server, table: str) -> None:
    """It sends its requests to a new node too, and none that fails to one that goes."""
    calls = CallsUnderWay(server, table)
    calls.go_on()
    server.launcher("join")
    newcomer = server.addresses()[-1]
    assert newcomer not in server.told["contact_points"]
    wait_until(lambda: server.calls_coordinated(newcomer, table, "read") > 0)
    wait_until(lambda: server.calls_coordinated(newcomer, f"{table}_other", "write") > 0)
    calls.go_on()
    server.launcher("leave")
    calls.go_on()
    calls.stop()
