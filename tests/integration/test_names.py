"""A name of a table or keyspace means what it means to the seed, which puts it into its CQL."""

import pytest
from cassandra.cluster import Session
from command import Store
from conftest import Seeds
from servers import KEYSPACE, Server


@pytest.mark.parametrize(
    ("name", "same", "another"),
    [
        ("Upper_1", "upper_1", '"Upper_1"'),
        ('"Upper_2"', '"Upper_2"', "upper_2"),
        ('"upper_3"', "Upper_3", '"Upper_3"'),
        ('"1_digit_first"', "1_digit_first", '"1_Digit_first"'),
    ],
)
def test_of_tables(server: Server, seed: Seeds, name: str, same: str, another: str) -> None:
    """The seed calls the table `name`, and we may also call it `same`."""
    theirs = seed(name)
    theirs.mset([("key", b"theirs")])
    for spelling in (name, same):
        ours = Store(server.uri(spelling))
        assert ours.get(["key"]) == b"theirs"
        ours.put(spelling, b"ours")
        assert theirs.mget([spelling]) == [b"ours"]

    elsewhere = Store(server.uri(another))
    elsewhere.put("elsewhere", b"")
    assert theirs.mget(["elsewhere"]) == [None]


def test_reserved_words_need_no_quotes(server: Server, seed: Seeds) -> None:
    theirs, ours = seed('"table"'), Store(server.uri("table"))
    ours.put("key", b"ours")
    assert theirs.mget(["key"]) == [b"ours"]
    assert Store(server.uri('"table"')).get(["key"]) == b"ours"


def test_of_keyspaces(server: Server, seed: Seeds, session: Session, table: str) -> None:
    for keyspace in ("Folded", '"Folded"', '"select"'):
        session.execute(
            f"CREATE KEYSPACE {keyspace} WITH replication = "
            "{'class': 'NetworkTopologyStrategy', 'datacenter1': 1}"
        )
        theirs = seed(table, keyspace)
        theirs.mset([("key", keyspace.encode())])
        assert Store(server.uri(table, keyspace=keyspace)).get(["key"]) == keyspace.encode()
    assert Store(server.uri(table, keyspace="FOLDED")).get(["key"]) == b"Folded"
    assert Store(server.uri(table, keyspace="select")).get(["key"]) == b'"select"'


def test_a_table_that_we_create_is_the_seeds(server: Server, session: Session, table: str) -> None:
    """Column by column."""
    Store(server.uri(table)).put("key", b"value")
    made = session.cluster.metadata
    session.cluster.refresh_table_metadata(KEYSPACE, table)
    columns = made.keyspaces[KEYSPACE].tables[table].columns
    assert {name: column.cql_type for name, column in columns.items()} == {
        "row_id": "text",
        "body_blob": "blob",
    }
    assert [column.name for column in made.keyspaces[KEYSPACE].tables[table].primary_key] == [
        "row_id"
    ]


@pytest.mark.parametrize("name", ["", "a b", "a;b", 'a"b', '"', "t" * 223, "täble", "a.b"])
def test_other_names_are_refused(server: Server, name: str) -> None:
    result = Store(server.uri(name)).run("count")
    assert (result.code, result.out) == (2, b""), result
