"""Tables are shared with LangChain's CassandraByteStore, in both directions."""

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cassandra.cluster import Session
from cassandra.query import UNSET_VALUE
from command import HelperStore, Store
from conftest import Seeds
from servers import KEYSPACE, Server, wait_until

# The 16 bytes that are reserved at the start of a stored value, and a whole header that begins with
# them: version, kind 0 (a plain value follows), CRC-32C.
MAGIC = b"\xb5ytestore\x00\xe2\x9c\x89\x0d\x0a\x1a"
HEADER = MAGIC + b"\x01\x00\xb2\x17\xb5\x3c"

# Each may also be the name of a file.
_SHAPES = (
    "plain-{}",
    "with space {}",
    "folder/of/{}",
    "ключ-{}",
    "鍵/{}",
    "مفتاح-{}",
    "🔑{}🗝️",
    "\u00e9-{}",  # e with acute, composed (NFC)
    "e\u0301-{}",  # the same, decomposed (NFD)
    "\u212b-{}",  # the Angstrom sign, which NFC would change
    "%2F'\"\\;--{}",
    "\u202eright-to-left-{}",
    "\n\t\x01\x7f-{}",
    "[{}]",
    "-{}",
)


def _entries() -> dict[str, bytes]:
    """2,000 keys; values of 0 to 20,000 bytes, none like another but the empty ones."""
    random_bytes = random.Random(2_000).randbytes
    return {
        _SHAPES[i % len(_SHAPES)].format(i): random_bytes((i * 37) % 2_003 * (10 if i % 100 == 0 else 1))
        for i in range(2_000)
    }


ENTRIES = _entries()
KEYS = list(ENTRIES)
HALF = KEYS[::2]
OTHERS = KEYS[1::2]


def test_what_the_seed_writes_is_read_listed_and_deleted(
    server: Server, seed: Seeds, table: str
) -> None:
    theirs, ours = seed(table), Store(server.uri(table))
    theirs.mset(list(ENTRIES.items()))

    assert ours.get(KEYS) == b"".join(ENTRIES.values())
    assert sorted(ours.keys()) == sorted(KEYS)
    assert sorted(ours.keys("鍵/")) == sorted(key for key in KEYS if key.startswith("鍵/"))
    assert ours.count() == 2_000

    ours.delete(HALF)
    assert theirs.mget(HALF) == [None] * len(HALF)
    assert theirs.mget(OTHERS) == [ENTRIES[key] for key in OTHERS]
    assert sorted(theirs.yield_keys()) == sorted(OTHERS)


def test_the_seed_reads_lists_and_deletes_what_is_written(
    server: Server, seed: Seeds, table: str, tmp_path: Path
) -> None:
    theirs, ours = seed(table), Store(server.uri(table))
    for key, value in ENTRIES.items():
        path = tmp_path / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(value)
    ours.import_folder(tmp_path)

    assert theirs.mget(KEYS) == list(ENTRIES.values())
    assert sorted(theirs.yield_keys()) == sorted(KEYS)
    assert sorted(theirs.yield_keys(prefix="\u00e9-")) == sorted(
        key for key in KEYS if key.startswith("\u00e9-")
    )

    theirs.mdelete(HALF)
    assert HelperStore(ours.uri).mget(HALF) == [None] * len(HALF)
    assert ours.get(OTHERS) == b"".join(ENTRIES[key] for key in OTHERS)
    assert sorted(ours.keys()) == sorted(OTHERS)


def test_keys_that_are_no_arguments_of_a_command(server: Server, seed: Seeds, table: str) -> None:
    theirs, ours = seed(table), HelperStore(server.uri(table))
    entries = {"\0": b"nul", "a\0b": b"", "a": b"no nul", "k" * 65_535: b"longest", "ж\0": b"\0"}
    keys = list(entries)
    theirs.mset(list(entries.items()))
    assert ours.mget(keys) == list(entries.values())
    assert sorted(Store(ours.uri).keys()) == sorted(keys)
    ours.mdelete(keys)
    assert theirs.mget(keys) == [None] * len(keys)

    ours.mset(entries.items())
    assert theirs.mget(keys) == list(entries.values())
    theirs.mdelete(keys)
    assert ours.mget(keys) == [None] * len(keys)


def test_the_later_write_counts_whoever_made_it(server: Server, seed: Seeds, table: str) -> None:
    theirs, ours = seed(table), Store(server.uri(table))
    for i in range(5):
        theirs.mset([("key", b"theirs %d" % i)])
        assert ours.get(["key"]) == b"theirs %d" % i
        ours.put("key", b"ours %d" % i)
        assert theirs.mget(["key"]) == [b"ours %d" % i]
        (theirs.mdelete if i % 2 else ours.delete)(["key"])
        assert theirs.mget(["key"]) == [None]
        assert not ours.has("key")


def _stamp(session: Session, table: str, key: str) -> int:
    """In microseconds."""
    cql = f"SELECT WRITETIME(body_blob) FROM {KEYSPACE}.{table} WHERE row_id = %s"
    stamp: int = session.execute(cql, (key,)).one()[0]
    return stamp


def _put_at(session: Session, table: str, stamp: int, value: bytes) -> None:
    cql = f"INSERT INTO {KEYSPACE}.{table} (row_id, body_blob) VALUES ('key', %s) USING TIMESTAMP %s"
    session.execute(cql, (value, stamp))


def test_clients_stamp_microseconds_and_servers_full_milliseconds(
    server: Server, session: Session, seed: Seeds, table: str
) -> None:
    theirs, ours = seed(table), Store(server.uri(table))
    left_to_servers = Store(server.uri(table, timestamps="server"))

    def part(write: Callable[[], object]) -> int:
        """Of a millisecond."""
        write()
        return _stamp(session, table, "key") % 1_000

    def is_fine(write: Callable[[], object]) -> None:
        wait_until(lambda: part(write) > 0)

    def is_full(write: Callable[[], object]) -> None:
        # Of several writes in a millisecond, a server counts the later ones up from it.
        assert all(part(write) < 100 for _ in range(5))
        wait_until(lambda: part(write) == 0)

    cql = f"INSERT INTO {KEYSPACE}.{table} (row_id, body_blob) VALUES ('key', 0x01)"
    is_fine(lambda: ours.put("key", b"ours"))
    is_fine(lambda: theirs.mset([("key", b"theirs")]))
    is_full(lambda: left_to_servers.put("key", b"ours"))
    session.use_client_timestamp = False
    try:
        is_full(lambda: session.execute(cql))
    finally:
        session.use_client_timestamp = True


def test_stamps_of_two_kinds_lose_the_later_write(
    server: Server, session: Session, seed: Seeds, table: str
) -> None:
    seed(table)
    ours = Store(server.uri(table))
    millisecond = int(time.time()) * 1_000_000 + 7_000
    _put_at(session, table, millisecond + 750, b"by a client, first")
    _put_at(session, table, millisecond, b"by a server, in the same millisecond")
    assert ours.get(["key"]) == b"by a client, first"
    _put_at(session, table, millisecond + 1_000, b"by a server, in the next one")
    assert ours.get(["key"]) == b"by a server, in the next one"
    _put_at(session, table, millisecond + 1_750, b"by a client")
    assert ours.get(["key"]) == b"by a client"


@pytest.mark.parametrize(
    "value",
    [MAGIC, MAGIC + b"x", MAGIC + MAGIC, HEADER, HEADER + b"payload", HEADER + bytes(100_000)],
    ids=["magic", "one more byte", "twice", "header", "whole envelope", "large"],
)
def test_a_value_with_the_magic_reads_back_whole(
    server: Server, seed: Seeds, table: str, value: bytes
) -> None:
    theirs, ours = seed(table), Store(server.uri(table))
    ours.put("key", value)
    assert ours.get(["key"]) == value
    assert theirs.mget(["key"]) == [HEADER + value]


def test_a_value_of_the_seed_with_the_magic_and_no_header_is_its_own(
    server: Server, seed: Seeds, table: str
) -> None:
    values = [MAGIC, MAGIC[:15], MAGIC + b"payload", MAGIC + b"\x01\x00\0\0\0\0payload"]
    keys = [str(i) for i in range(len(values))]
    theirs, ours = seed(table), Store(server.uri(table))
    theirs.mset(list(zip(keys, values)))
    assert HelperStore(ours.uri).mget(keys) == values


def test_a_null_that_the_seed_wrote_is_absent_and_listed(
    server: Server, seed: Seeds, table: str
) -> None:
    theirs, ours = seed(table), Store(server.uri(table))
    theirs.mset([("null", None), ("empty", b"")])  # type: ignore[list-item]
    assert theirs.mget(["null", "empty"]) == [None, b""]
    assert HelperStore(ours.uri).mget(["null", "empty"]) == [None, b""]
    assert sorted(ours.keys()) == ["empty", "null"]


def test_what_a_driver_writes_for_no_value(
    server: Server, session: Session, seed: Seeds, table: str
) -> None:
    """An unset value leaves what is there; the others do not."""
    theirs, ours = seed(table), Store(server.uri(table))
    insert = session.prepare(f"INSERT INTO {KEYSPACE}.{table} (row_id, body_blob) VALUES (?, ?)")
    written = {"null": None, "unset": UNSET_VALUE, "empty": b""}
    old = {f"old {name}": value for name, value in written.items()}
    theirs.mset([(key, b"before") for key in old])
    for key, value in (written | old).items():
        session.execute(insert, (key, value))
    keys = [*written, *old]
    expected = [None, None, b"", None, b"before", b""]
    assert theirs.mget(keys) == expected
    assert HelperStore(ours.uri).mget(keys) == expected
    assert sorted(ours.keys()) == sorted(keys)
    ours.delete(keys)
    assert ours.keys() == [] and list(theirs.yield_keys()) == []


def test_large_values(server: Server, seed: Seeds, table: str) -> None:
    theirs, ours = seed(table), Store(server.uri(table))
    value = random.Random(1).randbytes(12 * 1024 * 1024)
    theirs.mset([("theirs", value)])
    ours.put("ours", value)
    assert ours.get(["theirs"]) == value
    assert theirs.mget(["ours"]) == [value]
