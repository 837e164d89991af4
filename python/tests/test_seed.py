"""Beside LangChain's own store: the same table, the same face."""

from __future__ import annotations

import inspect
import random
from collections.abc import Iterable
from typing import Any

import pytest
from cassandra.cluster import Session as DriverSession
from cassandra.query import ValueSequence
from langchain_community.storage.cassandra import CassandraByteStore as Seed
from servers import KEYSPACE
from typing_extensions import Buffer

from langchain_bytestore import CassandraByteStore, PreparedStatement, Session


def _entries(count: int) -> dict[str, bytes]:
    random_bytes = random.Random(count).randbytes
    return {f"{i}/é鍵🔑": random_bytes((i * 37) % 2_003) for i in range(count)}


def test_a_table_that_the_seed_filled(session: Session, seed: Seed, table: str) -> None:
    entries = _entries(1_000)
    seed.mset(list(entries.items()))
    store = CassandraByteStore(table, session=session, keyspace=KEYSPACE)
    assert store.mget(list(entries)) == list(entries.values())
    assert sorted(store.yield_keys()) == sorted(entries)
    store.mdelete(list(entries)[::2])
    assert sorted(seed.yield_keys()) == sorted(list(entries)[1::2])


def test_a_table_that_the_seed_reads(session: Session, seed: Seed, table: str) -> None:
    entries = _entries(1_000)
    CassandraByteStore(table, session=session).mset(entries.items())
    assert seed.mget(list(entries)) == list(entries.values())
    assert sorted(seed.yield_keys(prefix="1")) == sorted(k for k in entries if k.startswith("1"))


def _public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def test_every_public_member_is_there(seed: Seed, cassandra_store: CassandraByteStore) -> None:
    assert _public(Seed) <= _public(CassandraByteStore)
    assert {name for name in vars(seed) if not name.startswith("_")} <= set(vars(cassandra_store))


_METHODS = sorted(
    name for name in _public(Seed) if inspect.isfunction(getattr(Seed, name)) and name in vars(Seed)
)


@pytest.mark.parametrize("name", [*_METHODS, "__init__"])
def test_signatures_are_those_of_the_seed(name: str) -> None:
    """But for further keyword arguments."""
    theirs = inspect.signature(getattr(Seed, name)).parameters
    ours = inspect.signature(getattr(CassandraByteStore, name)).parameters
    assert list(ours)[: len(theirs)] == list(theirs)
    for parameter in theirs.values():
        mine = ours[parameter.name]
        assert mine.kind == parameter.kind
        assert getattr(mine.default, "name", mine.default) == getattr(
            parameter.default, "name", parameter.default
        )
    for added in list(ours.values())[len(theirs) :]:
        assert added.kind is inspect.Parameter.KEYWORD_ONLY
    assert inspect.iscoroutinefunction(getattr(CassandraByteStore, name)) == (
        inspect.iscoroutinefunction(getattr(Seed, name))
    )


@pytest.mark.parametrize(
    ("name", "verb"),
    [
        ("get_select_statement", "amget"),
        ("get_insert_statement", "amset"),
        ("get_delete_statement", "amdelete"),
        ("ensure_db_setup", "yield_keys"),
        ("aensure_db_setup", "ayield_keys"),
    ],
)
def test_what_no_verb_calls_cannot_be_overridden(name: str, verb: str) -> None:
    ours: dict[str, Any] = {name: lambda self: None}
    refused = f"Mine overrides {name}, .*override .*{verb}"
    with pytest.raises(TypeError, match=refused):
        type("Mine", (CassandraByteStore,), ours)
    with pytest.raises(TypeError, match=refused):
        type("Mine", (type("Mixin", (), ours), CassandraByteStore), {})


def test_verbs_can_be_overridden(session: Session, table: str) -> None:
    class Shouting(CassandraByteStore):
        def mset(self, key_value_pairs: Iterable[tuple[str, Buffer]]) -> None:
            super().mset((key.upper(), value) for key, value in key_value_pairs)

    store = Shouting(table, session=session)
    store.mset([("a", b"1")])
    assert store.mget(["A"]) == [b"1"]


def test_attributes(cassandra_store: CassandraByteStore, session: Session, table: str) -> None:
    assert cassandra_store.table == table
    assert cassandra_store.keyspace == KEYSPACE
    assert cassandra_store.session is session
    assert cassandra_store.select_statement is None
    assert cassandra_store.insert_statement is None
    assert cassandra_store.delete_statement is None


def test_statements(cassandra_store: CassandraByteStore, table: str) -> None:
    select = cassandra_store.get_select_statement()
    assert isinstance(select, PreparedStatement)
    assert cassandra_store.get_select_statement() is select
    assert cassandra_store.select_statement is select
    assert select.query_string.startswith("SELECT") and table in select.query_string
    assert cassandra_store.get_insert_statement().query_string.startswith("INSERT")
    assert cassandra_store.get_delete_statement().query_string.startswith("DELETE")


def test_statements_of_a_drivers_session_can_be_executed(
    driver_session: DriverSession, table: str
) -> None:
    store = CassandraByteStore(table, session=driver_session, keyspace=KEYSPACE)
    assert store.session is driver_session
    store.mset([("a", b"1")])
    keys = [ValueSequence(["a", "b"])]
    driver_session.execute(store.get_insert_statement(), ("b", b"2"))
    rows = driver_session.execute(store.get_select_statement(), keys)
    assert {(row.row_id, row.body_blob) for row in rows} == {("a", b"1"), ("b", b"2")}
    driver_session.execute(store.get_delete_statement(), keys)
    assert store.get_delete_statement() is store.delete_statement
    # Written with the server's clock, the delete may be older than our write by what they differ.
    assert store.mget(["b"]) == [None]
