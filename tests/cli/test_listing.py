"""keys and count."""

import json

import pytest

KEYS = ["a", "docs/1", "docs/2", 'quote"\\', "line\nbreak", "tab\t\x01", "é"]


@pytest.fixture
def filled(store):
    for key in KEYS:
        store.put(key)
    return store


def test_keys_are_listed_one_a_line(store):
    for key in ["b", "a"]:
        store.put(key)
    assert sorted(store.ok("keys").splitlines()) == [b"a", b"b"]


def test_keys_are_written_as_they_are(filled):
    assert filled.keys() == {key.encode() for key in KEYS}
    assert b"line\nbreak\n" in filled.ok("keys")


def test_json_is_one_string_a_line(filled):
    lines = filled.ok("keys", "--json").decode().splitlines()
    assert sorted(json.loads(line) for line in lines) == sorted(KEYS)


def test_a_prefix_selects(filled):
    assert set(filled.ok("keys", "--prefix", "docs/").split()) == {b"docs/1", b"docs/2"}
    assert filled.ok("keys", "--prefix", "none") == b""
    assert len(filled.ok("keys", "-0", "--prefix", "").split(b"\0")) == len(KEYS) + 1


def test_a_limit_ends_the_listing(filled):
    for limit, expected in [("0", 0), ("1", 1), ("3", 3), ("1000", len(KEYS))]:
        assert filled.ok("keys", "-0", "--limit", limit).count(b"\0") == expected
    assert filled.ok("keys", "--json", "--prefix", "docs/", "--limit", "1").count(b"\n") == 1


def test_keys_are_counted(filled):
    assert filled.ok("count") == b"%d\n" % len(KEYS)
    assert filled.ok("count", "--prefix", "docs/") == b"2\n"
    assert filled.ok("count", "--prefix", "none") == b"0\n"
    assert filled.ok("count", "--json", "--prefix", "docs/") == b'{"count": 2, "left_out": 0}\n'


def test_keys_are_estimated(filled):
    assert filled.ok("count", "--estimate") == b"%d\n" % len(KEYS)
    assert filled.ok("count", "--estimate", "--json") == b'{"count": %d}\n' % len(KEYS)
    result = filled.run("count", "--estimate", "--prefix", "docs/")
    assert (result.code, b"--prefix" in result.err.encode()) == (2, True)


def test_a_listing_goes_over_many_pages(store, tree):
    names = {f"{i:05}" for i in range(2500)}
    assert store.run("import", tree(dict.fromkeys(names, b""))).code == 0
    assert {key.decode() for key in store.keys()} == names
    assert store.ok("count") == b"2500\n"


@pytest.mark.parametrize("limit", ["-1", "x", "", "1.5", "99999999999999999999999"])
def test_a_limit_that_is_no_number_is_wrong_usage(store, limit):
    assert store.run("keys", "--limit", limit).code == 2


def test_two_formats_at_once_are_wrong_usage(store):
    assert store.run("keys", "-0", "--json").code == 2
