"""Tables are shared with LangChain's CassandraByteStore, in both directions."""

import random
from pathlib import Path

import pytest
from command import HelperStore, Store
from conftest import Seeds
from servers import Server

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


def test_large_values(server: Server, seed: Seeds, table: str) -> None:
    theirs, ours = seed(table), Store(server.uri(table))
    value = random.Random(1).randbytes(12 * 1024 * 1024)
    theirs.mset([("theirs", value)])
    ours.put("ours", value)
    assert ours.get(["theirs"]) == value
    assert theirs.mget(["ours"]) == [value]
