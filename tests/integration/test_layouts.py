"""Tables that are not quite the seed's, but that it works on: so do we."""

from pathlib import Path

import pytest
from cassandra.cluster import Session
from command import HelperStore, Store
from conftest import Seeds
from servers import KEYSPACE, Server

TEXT = "row_id text PRIMARY KEY, body_blob blob"
STATIC = "row_id text, part int, note text, body_blob blob static, PRIMARY KEY (row_id, part)"

KEYS = [f"key {i}" for i in range(50)]
ENTRIES = [(key, key.encode()) for key in KEYS]


def _make(session: Session, table: str, columns: str, *, compact: bool = False) -> None:
    storage = " WITH COMPACT STORAGE" if compact else ""
    session.execute(f"CREATE TABLE {KEYSPACE}.{table} ({columns}){storage}")


def _is_shared(server: Server, seed: Seeds, table: str) -> None:
    """Each reads, lists and deletes what the other wrote."""
    theirs, ours = seed(table), HelperStore(server.uri(table))
    command = Store(server.uri(table))
    theirs.mset(ENTRIES)
    assert ours.mget([*KEYS, "absent"]) == [*(key.encode() for key in KEYS), None]
    assert ours.mget(KEYS[:1]) == [KEYS[0].encode()]
    assert sorted(command.keys()) == sorted(KEYS)

    ours.mset([(key, b"ours") for key in KEYS[:25]])
    assert theirs.mget(KEYS) == [b"ours"] * 25 + [key.encode() for key in KEYS[25:]]
    theirs.mdelete(KEYS[10:30])
    ours.mdelete(KEYS[:10])
    assert sorted(command.keys()) == sorted(set(theirs.yield_keys())) == sorted(KEYS[30:])


def test_compact_storage(server: Server, session: Session, seed: Seeds, table: str) -> None:
    _make(session, table, TEXT, compact=True)
    _is_shared(server, seed, table)


def test_what_was_compact_storage(
    server: Server, session: Session, seed: Seeds, table: str
) -> None:
    """Its hidden columns can be seen since."""
    _make(session, table, TEXT, compact=True)
    session.execute(f"ALTER TABLE {KEYSPACE}.{table} DROP COMPACT STORAGE")
    kinds = session.execute(
        "SELECT column_name, kind FROM system_schema.columns "
        "WHERE keyspace_name = %s AND table_name = %s",
        (KEYSPACE, table),
    )
    assert ("column1", "clustering") in {tuple(row) for row in kinds}
    _is_shared(server, seed, table)


def test_static_values(server: Server, session: Session, seed: Seeds, table: str) -> None:
    _make(session, table, STATIC)
    _is_shared(server, seed, table)


def test_static_values_beside_rows_of_others(server: Server, session: Session, table: str) -> None:
    """However many rows a partition has, its value is one."""
    _make(session, table, STATIC)
    ours = HelperStore(server.uri(table))
    ours.mset(ENTRIES)
    insert = session.prepare(
        f"INSERT INTO {KEYSPACE}.{table} (row_id, part, note) VALUES (?, ?, 'x')"
    )
    for key in KEYS[:5]:
        for part in range(100):
            session.execute(insert, (key, part))
    for _ in range(3):
        assert ours.mget(KEYS) == [key.encode() for key in KEYS]
    assert ours.mget(KEYS[:1]) == [KEYS[0].encode()]
    assert sorted(Store(server.uri(table)).keys()) == sorted(KEYS)


def test_ascii_keys(server: Server, session: Session, seed: Seeds, table: str) -> None:
    _make(session, table, "row_id ascii PRIMARY KEY, body_blob blob")
    _is_shared(server, seed, table)
    ours = Store(server.uri(table))
    for arguments in (
        ("get", "key", "naïve"),
        ("put", "naïve"),
        ("delete", "key", "naïve"),
        ("keys", "--prefix", "é"),
    ):
        result = ours.run(*arguments)
        assert (result.code, result.out) == (2, b""), result
        assert b"is not ASCII at byte" in result.err, result


def test_an_import_leaves_out_what_is_not_ascii(
    server: Server, session: Session, table: str, tmp_path: Path
) -> None:
    """As what no store can have: the other files are stored."""
    _make(session, table, "row_id ascii PRIMARY KEY, body_blob blob")
    for name in ("a", "naïve", "z"):
        (tmp_path / name).write_text(name)
    ours = Store(server.uri(table))
    result = ours.run("import", str(tmp_path))
    assert result.code == 1, result
    assert 'left out "naïve"'.encode() in result.err, result
    assert b"imported 2 files" in result.err and b"1 path left out" in result.err, result
    assert sorted(ours.keys()) == ["a", "z"]


def test_ascii_keys_without_set_up(server: Server, session: Session, table: str) -> None:
    """Then the server is the first to know."""
    _make(session, table, "row_id ascii PRIMARY KEY, body_blob blob")
    ours = Store(server.uri(table, setup="off"))
    ours.put("key", b"value")
    assert ours.get(["key"]) == b"value"
    refused = ours.run("put", "naïve", given=b"value")
    assert refused.code == 1 and b"Invalid byte for ascii" in refused.err, refused


@pytest.mark.parametrize("length", [49, 222])
def test_long_names(server: Server, seed: Seeds, table: str, length: int) -> None:
    _is_shared(server, seed, table.ljust(length, "t"))


@pytest.mark.parametrize(
    "columns",
    [
        "row_id text, part int, body_blob blob, PRIMARY KEY (row_id, part)",
        "row_id blob PRIMARY KEY, body_blob blob",
        "row_id text PRIMARY KEY, body_blob text",
        "row_id text, part int, body_blob text static, PRIMARY KEY (row_id, part)",
        "row_id text, part int, body_blob blob static, at int, PRIMARY KEY ((row_id, part), at)",
    ],
)
def test_other_layouts_are_refused_by_every_verb(
    server: Server, session: Session, table: str, columns: str
) -> None:
    _make(session, table, columns)
    ours = Store(server.uri(table, setup="sync"))
    for arguments in (("get", "key"), ("keys",), ("count",), ("put", "key"), ("delete", "key")):
        result = ours.run(*arguments)
        assert (result.code, result.out) == (4, b""), (arguments, result)
