"""Masked columns, which Cassandra has from 5.0 on: masks are never taken for what is stored."""

from collections.abc import Iterator

import pytest
from cassandra.cluster import Session
from command import Store
from servers import KEYSPACE, Role, Server, wait_until

SETUPS = ("sync", "off")


@pytest.fixture
def role(session: Session, table: str) -> Iterator[Role]:
    """May read and write the table, and has never read it."""
    role = Role(f"role_{table}", "of no value")
    session.execute(f"CREATE ROLE {role.name} WITH LOGIN = true AND PASSWORD = '{role.password}'")
    for permission in ("SELECT", "MODIFY"):
        session.execute(f"GRANT {permission} ON KEYSPACE {KEYSPACE} TO {role.name}")
    yield role
    session.execute(f"DROP ROLE {role.name}")


def _make_table(session: Session, table: str, masked: str) -> None:
    columns = {"row_id": "text", "body_blob": "blob"}
    columns[masked] += " MASKED WITH mask_default()"
    session.execute(
        f"CREATE TABLE {KEYSPACE}.{table} (row_id {columns['row_id']} PRIMARY KEY, "
        f"body_blob {columns['body_blob']})"
    )
    session.execute(
        f"INSERT INTO {KEYSPACE}.{table} (row_id, body_blob) VALUES ('key', textAsBlob('value'))"
    )


def _store(server: Server, table: str, role: Role, setup: str) -> Store:
    user = f"{role.name}:{role.password.replace(' ', '%20')}"
    return Store(server.uri(table, user=user, setup=setup, **server.tls))


def _is_refused(store: Store, table: str, *columns: str) -> None:
    for arguments in (("get", "key"), ("get", "key", "other"), ("keys",), ("count",)):
        result = store.run(*arguments)
        assert (result.code, result.out) == (4, b""), result
        said = result.err.decode()
        assert all(word in said for word in (table, *columns, "GRANT UNMASK", "DROP MASKED")), said
        assert "of no value" not in said and "of%20no%20value" not in said


@pytest.mark.parametrize("setup", SETUPS)
@pytest.mark.parametrize("masked", ["row_id", "body_blob"])
def test_a_role_that_may_not_unmask_is_refused(
    server: Server, session: Session, table: str, role: Role, masked: str, setup: str
) -> None:
    _make_table(session, table, masked)
    store = _store(server, table, role, setup)
    _is_refused(store, table, masked, role.name)
    # As it is told.
    session.execute(f"ALTER TABLE {KEYSPACE}.{table} ALTER {masked} DROP MASKED")
    assert store.get(["key"]) == b"value"
    assert store.keys() == ["key"]


@pytest.mark.parametrize("setup", SETUPS)
def test_to_select_what_is_masked_is_not_to_see_it(
    server: Server, session: Session, table: str, role: Role, setup: str
) -> None:
    _make_table(session, table, "body_blob")
    session.execute(f"GRANT SELECT_MASKED ON {KEYSPACE}.{table} TO {role.name}")
    _is_refused(_store(server, table, role, setup), table, "body_blob")


@pytest.mark.parametrize("setup", SETUPS)
@pytest.mark.parametrize("resource", ["ALL KEYSPACES", "KEYSPACE", "TABLE"])
def test_a_role_that_may_unmask_reads_what_is_stored(
    server: Server, session: Session, table: str, role: Role, resource: str, setup: str
) -> None:
    _make_table(session, table, "body_blob")
    names = {"ALL KEYSPACES": "", "KEYSPACE": KEYSPACE, "TABLE": f"{KEYSPACE}.{table}"}
    session.execute(f"GRANT UNMASK ON {resource} {names[resource]} TO {role.name}")
    store = _store(server, table, role, setup)
    # Within permissions_validity, 2 s, a server may still go by what it knew of a role before.
    wait_until(lambda: store.get(["key"]) == b"value")
    store.put("other", b"another")
    assert store.get(["key", "other"]) == b"valueanother"
    assert sorted(store.keys()) == ["key", "other"]


@pytest.mark.parametrize("setup", SETUPS)
def test_a_role_may_have_it_by_another_role(
    server: Server, session: Session, table: str, role: Role, setup: str
) -> None:
    _make_table(session, table, "body_blob")
    group = f"group_{table}"
    session.execute(f"CREATE ROLE {group}")
    session.execute(f"GRANT UNMASK ON {KEYSPACE}.{table} TO {group}")
    session.execute(f"GRANT {group} TO {role.name}")
    try:
        store = _store(server, table, role, setup)
        wait_until(lambda: store.get(["key"]) == b"value")
    finally:
        session.execute(f"DROP ROLE {group}")


@pytest.mark.parametrize("setup", SETUPS)
def test_a_superuser_reads_what_is_stored(
    server: Server, session: Session, table: str, setup: str
) -> None:
    """Of another superuser's table: the one who makes a table is granted all of it."""
    boss = Role(f"boss_{table}", "of no value")
    session.execute(
        f"CREATE ROLE {boss.name} WITH LOGIN = true AND SUPERUSER = true "
        f"AND PASSWORD = '{boss.password}'"
    )
    try:
        _make_table(session, table, "body_blob")
        assert _store(server, table, boss, setup).get(["key"]) == b"value"
    finally:
        session.execute(f"DROP ROLE {boss.name}")


@pytest.mark.parametrize("setup", SETUPS)
def test_masks_of_other_columns_are_no_matter(
    server: Server, session: Session, table: str, role: Role, setup: str
) -> None:
    session.execute(
        f"CREATE TABLE {KEYSPACE}.{table} (row_id text PRIMARY KEY, body_blob blob, "
        "note text MASKED WITH mask_default())"
    )
    store = _store(server, table, role, setup)
    store.put("key", b"value")
    assert store.get(["key"]) == b"value"
