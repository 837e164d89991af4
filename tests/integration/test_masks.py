"""Masked columns, which Cassandra has from 5.0 on: masks are never taken for what is stored."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cassandra.cluster import Session
from command import HelperStore, OpenStore, ReadFailed, Store
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
    with TemporaryDirectory() as folder:
        result = store.run("export", folder)
        assert (result.code, result.out) == (4, b""), result
        assert not any(Path(folder).iterdir())


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


_STORED = {"abc": b"of abc", "a*c": b"of a*c", "other": b"of other"}
_MASKS = ("mask_default()", "mask_inner(1, 1)", "mask_null()")


@pytest.fixture
def unmasked(session: Session, table: str, role: Role) -> None:
    """A table without masks, of which the role may also read the masks that it gets: without that,
    servers refuse to look for keys that are masked."""
    name = f"{KEYSPACE}.{table}"
    session.execute(f"CREATE TABLE {name} (row_id text PRIMARY KEY, body_blob blob)")
    session.execute(f"GRANT SELECT_MASKED ON {name} TO {role.name}")
    for key, value in _STORED.items():
        session.execute(f"INSERT INTO {name} (row_id, body_blob) VALUES (%s, %s)", (key, value))


def _opened(server: Server, table: str, role: Role, setup: str) -> HelperStore:
    return HelperStore(_store(server, table, role, setup).uri)


def _is_refused_in_time(read: Callable[[], object], right: object) -> None:
    """Until then, it is right."""

    def is_refused() -> bool:
        try:
            assert read() == right
        except ReadFailed as failed:
            assert "UNMASK" in str(failed)
            return True
        return False

    wait_until(is_refused)


def _reads(store: OpenStore) -> bool:
    try:
        return store.mget(_STORED) == list(_STORED.values()) and set(store.keys()) == set(_STORED)
    except ReadFailed:
        return False


@pytest.mark.parametrize("setup", SETUPS)
@pytest.mark.parametrize("mask", _MASKS)
@pytest.mark.usefixtures("unmasked")
def test_keys_that_are_masked_later_are_never_taken_for_others(
    server: Server, session: Session, table: str, role: Role, mask: str, setup: str
) -> None:
    with _opened(server, table, role, setup).opened() as store:
        wait_until(lambda: _reads(store))
        alter = f"ALTER TABLE {KEYSPACE}.{table} ALTER row_id"
        session.execute(f"{alter} MASKED WITH {mask}")
        _is_refused_in_time(lambda: store.mget(_STORED), list(_STORED.values()))
        with pytest.raises(ReadFailed, match="UNMASK"):
            store.keys()
        # The store is as good as before when the mask is gone.
        session.execute(f"{alter} DROP MASKED")
        wait_until(lambda: _reads(store))


@pytest.mark.parametrize("mask", _MASKS)
@pytest.mark.usefixtures("unmasked")
def test_keys_that_are_masked_later_are_never_listed_as_others(
    server: Server, session: Session, table: str, role: Role, mask: str
) -> None:
    with _opened(server, table, role, "sync").opened() as store:
        wait_until(lambda: _reads(store))
        session.execute(f"ALTER TABLE {KEYSPACE}.{table} ALTER row_id MASKED WITH {mask}")
        _is_refused_in_time(lambda: sorted(store.keys()), sorted(_STORED))


@pytest.mark.parametrize("setup", SETUPS)
@pytest.mark.usefixtures("unmasked")
def test_values_that_are_masked_later_are_refused_soon(
    server: Server, session: Session, table: str, role: Role, setup: str
) -> None:
    def is_refused() -> bool:
        try:
            store.mget(["abc"])  # which may be a mask
        except ReadFailed as failed:
            return "UNMASK" in str(failed)
        return False

    with _opened(server, table, role, setup).opened() as store:
        wait_until(lambda: _reads(store))
        name = f"{KEYSPACE}.{table}"
        session.execute(f"ALTER TABLE {name} ALTER body_blob MASKED WITH mask_default()")
        wait_until(is_refused)
        session.execute(f"GRANT UNMASK ON {name} TO {role.name}")
        wait_until(lambda: _reads(store))
        session.execute(f"REVOKE UNMASK ON {name} FROM {role.name}")
        wait_until(is_refused)
