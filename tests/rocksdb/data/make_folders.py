#!/usr/bin/env python3
"""Makes the folders of other libraries in this folder anew.

python3 -m venv TOOLS
TOOLS/bin/pip install plyvel==1.5.1 rocksdict==0.3.29 pyrex-rocksdb==0.6.0
TOOLS/bin/python make_folders.py
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import plyvel
import pyrex
from rocksdict import Rdict

_HERE = Path(__file__).parent
_MARKER = (b"\xffbytestore.format", b"1")


def _leveldb(path: str) -> None:
    with plyvel.DB(path, create_if_missing=True) as database:
        database.put(b"theirs", b"value")


def _rocksdict(path: str) -> None:
    database = Rdict(path)
    database["theirs"] = "value"
    database.close()


def _newer_store(path: str) -> None:
    """A store whose table has the format that newer versions of RocksDB write."""
    options = pyrex.PyOptions()
    options.create_if_missing = True
    for entries in [(b"a", b"\x01\x001"), _MARKER], []:  # the second opening writes the table
        database = pyrex.PyRocksDB(path, options)
        for key, value in entries:
            database.put(key, value)
        database.close()


def _make(name: str, fill: Callable[[str], None]) -> None:
    folder = _HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    fill(str(folder))
    for log in folder.glob("LOG*"):  # for humans, of this machine
        log.unlink()


_make("leveldb", _leveldb)
_make("rocksdict", _rocksdict)
_make("store-of-rocksdb-10.7", _newer_store)
