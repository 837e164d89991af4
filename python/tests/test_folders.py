"""Folders of other libraries, and other libraries in the folder of a store."""

from __future__ import annotations

import asyncio
import importlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lmdb
import pytest
from conftest import InFolder
from rocksdict import Rdict

from langchain_bytestore import RocksDBByteStore, SchemaError, UnavailableError


def _with_rocksdict(path: Path) -> list[Any]:
    """Makes a database if there is none, and returns what is in it."""
    database = Rdict(str(path))
    database["theirs"] = "value"
    found = list(database.items())
    database.close()
    return found


def _with_plyvel(path: Path) -> list[Any]:
    plyvel: Any = importlib.import_module("plyvel")  # it has no wheel for newer interpreters
    with plyvel.DB(str(path), create_if_missing=True) as database:
        database.put(b"theirs", b"value")
        return list(database)


def _with_py_lmdb(path: Path) -> list[Any]:
    with (
        lmdb.open(str(path)) as environment,
        environment.begin(write=True) as transaction,
        transaction.cursor() as cursor,
    ):
        cursor.put(b"theirs", b"value")
        return list(cursor)


_OTHERS = {"rocksdict": _with_rocksdict, "lmdb": _with_py_lmdb}
if sys.version_info < (3, 13):
    _OTHERS["plyvel"] = _with_plyvel


@pytest.fixture(params=_OTHERS)
def other(request: pytest.FixtureRequest) -> Callable[[Path], list[Any]]:
    return _OTHERS[request.param]


def _state(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
    }


def test_a_folder_of_another_library_stays_as_it_was(
    tmp_path: Path, other: Callable[[Path], list[Any]], in_folder: InFolder
) -> None:
    path = tmp_path / "theirs"
    theirs = other(path)
    before = _state(path)
    with pytest.raises(SchemaError, match="choose another folder"):
        in_folder(path).mset([("a", b"1")])
    with pytest.raises(SchemaError, match="choose another folder"):
        asyncio.run(in_folder(path).amset([("a", b"1")]))
    assert _state(path) == before
    assert other(path) == theirs


def test_another_rocksdb_in_this_process_is_kept_out(tmp_path: Path) -> None:
    path = tmp_path / "store"
    with RocksDBByteStore(path) as store:
        store.mset([("a", b"1")])
        shutil.copytree(path, tmp_path / "copy")  # opens and closes each file
        for _ in range(2):  # the first attempt has closed LOCK, too
            with pytest.raises(Exception, match="(?i)lock"):
                Rdict(str(path))
        with pytest.raises(UnavailableError):
            RocksDBByteStore(path)
        store.mset([("b", b"2")])
    with RocksDBByteStore(path) as store:
        assert store.mget(["a", "b"]) == [b"1", b"2"]


def test_a_folder_that_another_rocksdb_in_this_process_holds(tmp_path: Path) -> None:
    path = tmp_path / "store"
    RocksDBByteStore(path).close()
    database = Rdict(str(path))
    with pytest.raises(UnavailableError, match="holds the folder"):
        RocksDBByteStore(path)
    database.close()


def test_a_program_that_is_there_twice_is_told_so_and_what_to_use(tmp_path: Path) -> None:
    """As by a development reloader, which starts the program again with the same arguments."""
    program = tmp_path / "program.py"
    program.write_text(
        "import os, subprocess, sys\n"
        "import langchain_bytestore\n"
        "again = 'AGAIN' in os.environ\n"
        "try:\n"
        "    store = langchain_bytestore.RocksDBByteStore(sys.argv[1])\n"
        "except langchain_bytestore.UnavailableError as error:\n"
        "    print(os.getppid(), error)\n"
        "else:\n"
        "    os.environ['AGAIN'] = 'yes'\n"
        "    again or subprocess.run([sys.executable, *sys.argv], check=True)\n"
    )
    done = subprocess.run(
        [sys.executable, program, tmp_path / "store"], capture_output=True, text=True, check=True
    )
    holder, message = done.stdout.split(" ", 1)
    assert f"process {holder} holds the folder" in message
    assert "development reloader" in message
    assert "lmdb:PATH (LmdbByteStore)" in message
