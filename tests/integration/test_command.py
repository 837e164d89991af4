"""Every verb of the command on a real server."""

import json
import random
from pathlib import Path

import pytest
from command import Store
from conftest import contents, write_files
from servers import Server

# More than one batch of an import, and sizes on both sides of what shares a request.
FILES = {
    f"{i % 7}/{i % 3}/фаил {i}": random.Random(i).randbytes((i * 37) % 1_500) for i in range(2_500)
} | {
    "empty": b"",
    "large": random.Random(0).randbytes(3 * 2**20),
    "reserved": b"\xb5ytestore\x00\xe2\x9c\x89\x0d\x0a\x1a",  # how a header of ours begins
}


@pytest.fixture
def store(server: Server, table: str) -> Store:
    return Store(server.uri(table))


def test_a_folder_goes_in_and_comes_out_identical(store: Store, tmp_path: Path) -> None:
    write_files(tmp_path / "in", FILES)
    result = store.run("import", str(tmp_path / "in"), "--prefix", "p:")
    assert result.code == 0, result
    assert result.err.startswith(b"imported 2,503 files, "), result

    result = store.run("export", str(tmp_path / "out"), "--prefix", "p:")
    assert result.code == 0, result
    assert result.err.startswith(b"exported 2,503 files, "), result
    assert contents(tmp_path / "out") == FILES


def test_importing_again_replaces_and_keeps_the_rest(store: Store, tmp_path: Path) -> None:
    write_files(tmp_path / "first", {"a": b"old", "b": b"kept"})
    write_files(tmp_path / "second", {"a": b"new", "c": b""})
    for name in ("first", "second"):
        store.import_folder(tmp_path / name)
    store.import_folder(tmp_path / "second")
    assert store.get(["a", "b", "c"]) == b"newkept"
    assert store.count() == 3


def test_put_get_and_delete(store: Store, tmp_path: Path) -> None:
    values = {"a": b"\0\xff", "-b": b"", "[c,d]": b"c" * 100_000, "ключ": b"value"}
    for key, value in values.items():
        store.put(key, value)
    store.put("a", values["a"] + b"!")
    assert store.get(["ключ", "a", "a", "-b"]) == b"value\0\xff!\0\xff!"

    target = tmp_path / "target"
    assert store.run("get", "[c,d]", "-o", str(target)).code == 0
    assert target.read_bytes() == values["[c,d]"]
    result = store.run("get", "a", "absent", "-o", str(target))
    assert (result.code, result.err) == (3, b'bytestore: "absent": no such key\n')
    assert target.read_bytes() == values["[c,d]"], "it is written only if all were found"

    store.delete(["a", "absent", "-b"])
    assert not store.has("a")
    assert sorted(store.keys()) == ["[c,d]", "ключ"]
    store.delete(["a"])


def test_what_a_listing_finds_can_be_deleted(store: Store, tmp_path: Path) -> None:
    write_files(tmp_path, {f"{prefix}/{i}": b"" for prefix in ("old", "new") for i in range(1_200)})
    store.import_folder(tmp_path)
    listed = store.run("keys", "-0", "--prefix", "old/")
    assert listed.code == 0
    assert listed.out.count(b"\0") == 1_200
    assert store.run("delete", "-0", given=listed.out).code == 0
    assert sorted(store.keys()) == sorted(f"new/{i}" for i in range(1_200))


def test_keys_and_count(store: Store) -> None:
    for key in ("a/1", "a/2", "b", "line\nbreak"):
        store.put(key, b"")
    assert sorted(store.keys("a/")) == ["a/1", "a/2"]
    assert store.run("keys", "--limit", "3").out.count(b"\n") >= 3
    assert len(store.run("keys", "-0", "--limit", "3").out.split(b"\0")) == 3 + 1
    assert store.count() == 4
    counted = store.run("count", "--json", "--prefix", "a/")
    assert json.loads(counted.out) == {"count": 2, "left_out": 0}


def test_only_writing_creates_the_table(store: Store) -> None:
    for arguments in (("get", "key"), ("keys",), ("count",), ("delete", "key")):
        result = store.run(*arguments)
        assert (result.code, result.out) == (4, b""), result
        assert result.err.count(b"\n") == 1, result
    store.put("key", b"")
    assert store.count() == 1
