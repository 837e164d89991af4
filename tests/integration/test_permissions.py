"""Roles that may not do everything."""

from collections.abc import Iterator

import pytest
from cassandra.cluster import Session
from command import Result, Store
from conftest import Seeds
from servers import KEYSPACE, Role, Server


@pytest.fixture
def role(session: Session, table: str) -> Iterator[Role]:
    """A new role without any permission."""
    role = Role(f"role_{table}", "of no value")
    session.execute(f"CREATE ROLE {role.name} WITH LOGIN = true AND PASSWORD = '{role.password}'")
    yield role
    session.execute(f"DROP ROLE {role.name}")


def _store(server: Server, table: str, role: Role, **parameters: str) -> Store:
    return Store(
        server.uri(table, user=f"{role.name}:of%20no%20value", **server.tls, **parameters)
    )


def _refused(result: Result, *words: str) -> None:
    assert (result.code, result.out) == (4, b""), result
    said = result.err.decode()
    assert all(word in said for word in words), said
    assert "of no value" not in said and "of%20no%20value" not in said


@pytest.mark.parametrize("setup", ["sync", "off"])
def test_without_create_an_existing_table_is_used(
    server: Server, session: Session, seed: Seeds, table: str, role: Role, setup: str
) -> None:
    theirs = seed(table)
    for permission in ("SELECT", "MODIFY"):
        session.execute(f"GRANT {permission} ON {KEYSPACE}.{table} TO {role.name}")
    theirs.mset([("theirs", b"value")])

    ours = _store(server, table, role, setup=setup)
    assert ours.get(["theirs"]) == b"value"
    ours.put("ours", b"value")
    assert sorted(ours.keys()) == ["ours", "theirs"]
    ours.delete(["theirs"])
    assert theirs.mget(["ours", "theirs"]) == [b"value", None]


def test_without_create_a_missing_table_is_told(
    server: Server, session: Session, table: str, role: Role
) -> None:
    for permission in ("SELECT", "MODIFY"):
        session.execute(f"GRANT {permission} ON KEYSPACE {KEYSPACE} TO {role.name}")
    _refused(_store(server, table, role, setup="sync").run("put", "key"), table, "CREATE")
    _refused(_store(server, table, role, setup="off").run("put", "key"), table)


def test_without_modify_writes_are_refused(
    server: Server, session: Session, seed: Seeds, table: str, role: Role
) -> None:
    theirs = seed(table)
    session.execute(f"GRANT SELECT ON {KEYSPACE}.{table} TO {role.name}")
    theirs.mset([("key", b"value")])
    ours = _store(server, table, role)
    assert ours.get(["key"]) == b"value"
    _refused(ours.run("put", "key", given=b"other"), "MODIFY")
    _refused(ours.run("delete", "key"), "MODIFY")
    assert theirs.mget(["key"]) == [b"value"]


def test_without_select_reads_are_refused(
    server: Server, session: Session, seed: Seeds, table: str, role: Role
) -> None:
    theirs = seed(table)
    session.execute(f"GRANT MODIFY ON {KEYSPACE}.{table} TO {role.name}")
    ours = _store(server, table, role)
    _refused(ours.run("get", "key"), "SELECT")
    _refused(ours.run("count"), "SELECT")
    ours.put("key", b"value")
    assert theirs.mget(["key"]) == [b"value"]
