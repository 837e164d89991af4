"""What only the store that processes share can show."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from pathlib import Path

import pytest

import langchain_bytestore
from langchain_bytestore import (
    InvalidArgumentError,
    LmdbByteStore,
    RocksDBByteStore,
    SchemaError,
    UnavailableError,
)

_WRITER = """
import sys
from langchain_bytestore import LmdbByteStore

path, name = sys.argv[1:]
with LmdbByteStore(path, sync=False) as store:
    for i in range(100):
        store.mset([(name, str(i).encode())])
        assert store.mget([name]) == [str(i).encode()]
"""


def test_processes_share_a_folder(tmp_path: Path) -> None:
    path = str(tmp_path / "store")
    with LmdbByteStore(path, sync=False) as store:
        store.mset([("mine", b"0")])
        others = [
            subprocess.Popen([sys.executable, "-c", _WRITER, path, f"of{i}"]) for i in range(4)
        ]
        for i in range(100):
            store.mset([("mine", str(i).encode())])
            assert store.mget(["mine"]) == [str(i).encode()]
        assert [other.wait(60) for other in others] == [0] * 4
        assert sorted(store.yield_keys()) == ["mine", "of0", "of1", "of2", "of3"]
        assert store.mget(["of0", "of3"]) == [b"99", b"99"]


def _use_in_child(path: str, parents: LmdbByteStore) -> None:
    with pytest.raises(UnavailableError, match="fork"):
        parents.mget(["a"])
    with LmdbByteStore(path) as store:
        store.mset([("of the child", store.mget(["a"])[0] or b"")])


def test_a_forked_child_opens_its_own(tmp_path: Path) -> None:
    path = str(tmp_path / "store")
    with LmdbByteStore(path) as store:
        store.mset([("a", b"1")])
        child = multiprocessing.get_context("fork").Process(
            target=_use_in_child, args=(path, store)
        )
        child.start()
        child.join(60)
        assert child.exitcode == 0
        assert store.mget(["of the child"]) == [b"1"]


def test_stores_of_one_process_share_a_folder(tmp_path: Path) -> None:
    with LmdbByteStore(tmp_path / "store") as one, LmdbByteStore(f"{tmp_path}/./store") as other:
        one.mset([("a", b"1")])
        assert other.mget(["a"]) == [b"1"]
    with langchain_bytestore.open(f"lmdb:{tmp_path}/store?sync=false") as again:
        assert again.mget(["a"]) == [b"1"]


def test_wrong_folders_and_arguments_are_refused(tmp_path: Path) -> None:
    RocksDBByteStore(tmp_path / "rocksdb").close()
    with pytest.raises(SchemaError, match="rocksdb:"):
        LmdbByteStore(tmp_path / "rocksdb")
    with pytest.raises(UnavailableError):
        LmdbByteStore(tmp_path / "none", create_if_missing=False)
    with pytest.raises(InvalidArgumentError, match="path"):
        LmdbByteStore("")
    with pytest.raises(TypeError):
        LmdbByteStore(tmp_path / "none", sync=1)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match="valid: sync"):
        langchain_bytestore.open(f"lmdb:{tmp_path}/none?snyc=false")
