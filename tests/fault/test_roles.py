"""A server that cannot look up passwords and permissions, since another that holds them is gone.

Of the two nodes, each looks permissions up for every request, and a password once for a role.
"""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cassandra import ConsistencyLevel, OperationTimedOut, ReadTimeout, Unavailable
from cassandra.cluster import NoHostAvailable, Session
from cassandra.connection import ConnectionException
from cassandra.policies import FallthroughRetryPolicy
from cassandra.query import SimpleStatement
from command import HelperStore, Result, Store
from rounds import Rounds
from servers import Role, Server, wait_until

KEYS = 100
ROUNDS = 1_000_000  # more than there will be
TO_READ = 5

PATIENT = {"connect_timeout": "200s", "give_up_after": "200s"}
# For as long as the node that is left takes to know that the other one is gone.
LESS_PATIENT = {"give_up_after": "20s"}
HASTY = {"connect_timeout": "2s", "give_up_after": "2s"}
# Over what a command may take, so that the test fails if it is tried again.
FOR_EVER = {"connect_timeout": "1000s", "give_up_after": "1000s"}

NO_PASSWORD = "Unable to perform authentication"
NO_PERMISSION = "Unable to perform authorization"


Uri = Callable[..., str]


@pytest.fixture
def uri_of(server: Server, tmp_path: Path) -> Uri:
    """Of stores that need one of the two nodes, so that what is missing is roles and not data."""
    every = ",".join(f"{host}:{server.told['port']}" for host in server.told["contact_points"])

    def uri_of(table: str, role: Role | None = None, **parameters: str) -> str:
        role = role or server.role
        file = tmp_path / f"{role.name}_{hash(role)}"
        if not file.exists():  # a program that reads it may just be starting
            file.touch(mode=0o600)
            file.write_text(role.password, encoding="ascii")
        named = {"consistency": "local_one", "password_file": str(file)} | parameters
        return server.uri(table, user=role.name, address=every, **named)

    return uri_of


@pytest.fixture(scope="module")
def session(server: Server) -> Iterator[Session]:
    """Of the Python driver, as the superuser."""
    with server.cluster(server.superuser) as cluster:
        yield cluster.connect()


def _holders(session: Session, role: str) -> set[str]:
    """The addresses of the nodes that know a role."""
    replicas = session.cluster.metadata.get_replicas("system_auth", role.encode())
    return {host.address for host in replicas}


def _new_role(session: Session, table: str, holders: set[str], permission: str) -> Role:
    """One that only these nodes know, and that has not logged in yet."""
    names = (f"role_{table}_{i}" for i in itertools.count())
    name = next(name for name in names if _holders(session, name) == holders)
    role = Role(name, "of no value")
    session.execute(f"CREATE ROLE {name} WITH LOGIN = true AND PASSWORD = '{role.password}'")
    session.execute(f"GRANT {permission} ON ALL KEYSPACES TO {name}")
    return role


def _knows_that_a_node_is_gone(session: Session) -> bool:
    """Whether the node that is left does; until then it waits for the other's answers."""
    needs_all = SimpleStatement(
        "SELECT role FROM system_auth.roles",
        consistency_level=ConsistencyLevel.ALL,
        retry_policy=FallthroughRetryPolicy(),
    )
    try:
        session.execute(needs_all)
    except Unavailable:
        return True
    except (ReadTimeout, OperationTimedOut, NoHostAvailable, ConnectionException):
        return False
    return False


def _is_unavailable(result: Result, words: str) -> None:
    """It tells what the node said that is left, and asks nobody to change a role."""
    assert (result.code, result.out) == (4, b""), result
    said = result.err.decode()
    assert "system_auth" in said and words in said, said
    for wrong in ("grant it", "check the user", "refused"):
        assert wrong not in said, said


def _is_refused(result: Result, words: str) -> None:
    assert (result.code, result.out) == (4, b""), result
    assert words in result.err.decode(), result


@pytest.mark.parametrize("holders", [2, 1])
def test_a_node_that_is_missing_to_look_roles_up_is_waited_for(
    server: Server, session: Session, uri_of: Uri, table: str, holders: int
) -> None:
    """Be it one of a quorum of two, or the only one that knows the role."""
    session.execute(
        "ALTER KEYSPACE system_auth WITH replication = "
        f"{{'class': 'NetworkTopologyStrategy', '{server.told['datacenter']}': {holders}}}"
    )
    those = _holders(session, server.role.name)
    assert len(those) == holders
    stranger = _new_role(session, table, those, "ALL")
    gone = server.told["contact_points"].index(min(those)) + 1

    names = [f"{table}_{purpose}" for purpose in ("read", "written", "given_up")]
    to_read, to_write, to_give_up = names
    Rounds(uri_of(to_read, consistency="quorum"), "mset", KEYS, TO_READ).end().check_all_succeeded()
    reader = Rounds(uri_of(to_read, **PATIENT), "mget", KEYS, TO_READ)
    writer = Rounds(uri_of(to_write, **PATIENT), "mset", KEYS, ROUNDS)
    hasty = Rounds(uri_of(to_give_up, **LESS_PATIENT), "mset", KEYS, ROUNDS)
    opener = Rounds(uri_of(f"{table}_opened", **PATIENT), "open", 1, ROUNDS)
    for rounds in (reader, writer, opener, hasty):
        rounds.wait_for(2)
    server.launcher("kill", gone)
    given_up = hasty.end()
    wait_until(lambda: _knows_that_a_node_is_gone(session))

    assert given_up.codes == {"unavailable"}
    assert "f" in given_up.rounds[-1], "what the node that is left was asked was not done"
    known = Store(uri_of(to_read, **HASTY))
    for arguments in ("get 0/0", "put 0/0", "delete 0/0", "keys"):
        _is_unavailable(known.run(*arguments.split()), NO_PERMISSION)
    new_table = Store(uri_of(f"{table}_new", **HASTY))
    _is_unavailable(new_table.run("put", "key"), NO_PERMISSION)
    _is_unavailable(Store(uri_of(to_read, stranger, **HASTY)).run("count"), NO_PASSWORD)
    wrong = Role(server.role.name, "wrong")
    _is_refused(Store(uri_of(to_read, wrong, **FOR_EVER)).run("count"), "the password")

    waiting = [
        Store(uri_of(f"{table}_{made_by.name}", made_by, **PATIENT)).start("put", "key")
        for made_by in (server.role, stranger)
    ]
    server.launcher("start", gone)
    for running in waiting:
        result = running.end()
        assert (result.code, result.err) == (0, b""), result
    opener.stop().check_all_succeeded()
    for rounds in (reader, writer):
        reported = rounds.stop()
        reported.check_all_succeeded()
        assert reported.retries > 0
    failed = list(given_up.keys("f"))
    everybody = HelperStore(uri_of(to_give_up, consistency="quorum"))
    assert everybody.mget(failed) == [None] * len(failed)


def test_what_a_server_refuses_is_not_tried_again(
    server: Server, session: Session, uri_of: Uri, table: str
) -> None:
    assert HelperStore(uri_of(table)).mget(["absent"]) == [None]
    reader = _new_role(session, table, _holders(session, server.role.name), "SELECT")
    store = Store(uri_of(table, reader, **FOR_EVER))
    assert store.count() == 0
    _is_refused(store.run("put", "key"), "has no MODIFY permission")
    wrong = Role(reader.name, "wrong")
    _is_refused(Store(uri_of(table, wrong, **FOR_EVER)).run("count"), "the password")
