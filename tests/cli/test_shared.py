"""A folder that several commands use at once (lmdb:)."""

import subprocess

import pytest
from conftest import Store


@pytest.fixture
def shared(tmp_path):
    store = Store(tmp_path / "store")
    store.uri = f"lmdb:{store.folder}?sync=false"
    return store


def test_every_verb_works(shared, tree, tmp_path):
    folder = tree({"a": b"1", "b/c": b"2" * 5_000, "é": b"\0"})
    assert shared.run("import", str(folder), "--prefix", "t/").code == 0
    assert shared.keys() == {b"t/a", b"t/b/c", "t/é".encode()}
    assert shared.ok("get", "t/b/c") == b"2" * 5_000
    assert shared.ok("count", "--prefix", "t/b") == b"1\n"
    assert shared.ok("count", "--estimate") == b"3\n"
    assert shared.run("export", str(tmp_path / "out"), "--prefix", "t/").code == 0
    assert (tmp_path / "out" / "b" / "c").read_bytes() == b"2" * 5_000
    shared.ok("delete", "t/a")
    assert shared.run("get", "t/a").code == 3


def test_commands_run_at_once(shared):
    shared.put("first")
    commands = [shared.start("put", f"key{i}", stdin=subprocess.PIPE) for i in range(8)]
    assert [command.end(b"value").code for command in commands] == [0] * 8
    assert shared.ok("count") == b"9\n"


def test_a_folder_is_not_imported_into_its_own_store(shared):
    shared.put("a")
    result = shared.run("import", str(shared.folder))
    assert shared.keys() == {b"a"}, result.err


def test_a_folder_of_rocksdb_is_refused_with_its_scheme(tmp_path):
    Store(tmp_path / "store").put("a")
    shared = Store(tmp_path / "store")
    shared.uri = f"lmdb:{shared.folder}"
    result = shared.run("keys")
    assert result.code == 4
    assert "rocksdb:" in result.err


def test_compact_says_what_to_do_instead(shared):
    shared.put("a")
    result = shared.run("compact")
    assert result.code == 2
    assert "mdb_copy -c" in result.err
