"""The package in an empty environment, from its wheel and by `pip install .`; beside other packages."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from servers import KEYSPACE, Server

import langchain_bytestore

_SOURCE = Path(__file__).resolve().parents[2]

_PROGRAM = """
import json, sys
from langchain_bytestore import CassandraByteStore, RocksDBByteStore, __version__, connect

told = json.loads(sys.argv[1])
with RocksDBByteStore("store") as store:
    store.mset([("a", b"1")])
    print(store.mget(["a", "b"]))
session = connect(told["contact_points"], port=told["port"], keyspace=told["keyspace"])
with CassandraByteStore(told["table"], session=session) as store:
    store.mset([("a", b"1")])
    print(store.mget(["a", "b"]), list(store.yield_keys()))
assert "cassandra" not in sys.modules and "cassio" not in sys.modules
print(__version__)
"""


# Packages that have libraries of ours inside, in other versions: RocksDB and Boost. Each writes and reads.
_WITH_AIMROCKS = """
import aimrocks

def use_neighbour(folder):
    entries = {b"key %d" % i: b"v" * 1000 for i in range(1000)}
    for _ in range(2):
        database = aimrocks.DB(folder, aimrocks.Options(create_if_missing=True))
        for key, value in entries.items():
            database.put(key, value)
        del database
        database = aimrocks.DB(folder, aimrocks.Options())
        assert {key: database.get(key) for key in entries} == entries
        del database
"""

_WITH_LIBTORRENT = """
import os
import libtorrent

def use_neighbour(folder):
    os.mkdir(folder)
    with open(os.path.join(folder, "data"), "wb") as file:
        file.write(b"v" * 100_000)
    files = libtorrent.file_storage()
    libtorrent.add_files(files, folder)
    torrent = libtorrent.create_torrent(files)
    libtorrent.set_piece_hashes(torrent, os.path.dirname(folder))
    told = {"listen_interfaces": "127.0.0.1:0", "enable_dht": False, "enable_lsd": False}
    session = libtorrent.session({**told, "enable_upnp": False, "enable_natpmp": False})
    added = session.add_torrent({"ti": libtorrent.torrent_info(torrent.generate()), "save_path": "."})
    assert added.is_valid()
"""

_WITH_LMDB = """
import lmdb

def use_neighbour(folder):
    entries = {b"key %d" % i: b"v" * 1000 for i in range(1000)}
    for _ in range(2):
        with lmdb.open(folder, map_size=1 << 24) as environment:
            with environment.begin(write=True) as transaction:
                for key, value in entries.items():
                    transaction.put(key, value)
            with environment.begin() as transaction:
                assert {key: transaction.get(key) for key in entries} == entries
"""

_WITH_OURS = """
from langchain_bytestore import LmdbByteStore, RocksDBByteStore

def use_ours(folder):
    entries = {f"key {i}": b"v" * 1000 for i in range(1000)}
    for opened, name in ((RocksDBByteStore, "rocksdb"), (LmdbByteStore, "lmdb")) * 2:
        with opened(f"{folder}.{name}") as store:
            store.mset(list(entries.items()))
        with opened(f"{folder}.{name}") as store:
            assert store.mget(list(entries)) == list(entries.values())
            assert sorted(store.yield_keys()) == sorted(entries)
"""

_USE_BOTH = """
import os
use_ours(os.path.abspath("ours"))
use_neighbour(os.path.abspath("theirs"))
use_ours(os.path.abspath("ours"))
print("both work")
"""

_NEIGHBOURS = {"libtorrent": _WITH_LIBTORRENT, "lmdb": _WITH_LMDB}
if sys.version_info < (3, 13):  # it has no wheel for newer interpreters
    _NEIGHBOURS["aimrocks"] = _WITH_AIMROCKS


def _wheel() -> Path:
    version = "".join(str(part) for part in sys.version_info[:2])
    [wheel] = (_SOURCE / "build/wheel/dist").glob(f"*-cp{version}-*.whl")
    return wheel


@pytest.fixture(scope="module", params=["wheel", "source"])
def environment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of the package and of its neighbours alone."""
    folder = tmp_path_factory.mktemp(request.param)
    venv.create(folder, with_pip=True)
    package = _wheel() if request.param == "wheel" else _SOURCE / "python"
    pinned = [f"{name}=={version(name)}" for name in ("langchain-core", *_NEIGHBOURS)]
    pip = (folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    subprocess.run([*pip, *pinned, package], check=True)
    return folder


def _run(environment: Path, folder: Path, program: str, *arguments: str) -> list[str]:
    """The lines that a program prints which runs in a folder."""
    done = subprocess.run(
        [environment / "bin/python", "-I", "-c", program, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_it_works_in_an_empty_environment(
    environment: Path, server: Server, table: str, tmp_path: Path
) -> None:
    told = {
        "contact_points": server.told["contact_points"],
        "port": server.told["port"],
        "keyspace": KEYSPACE,
        "table": table,
    }
    assert _run(environment, tmp_path, _PROGRAM, json.dumps(told)) == [
        "[b'1', None]",
        "[b'1', None] ['a']",
        langchain_bytestore.__version__,
    ]


def _rocksdb_versions(folder: Path) -> set[str]:
    """The versions of RocksDB that have opened a store, as far as their files are there."""
    found = (
        re.search(r"rocksdb_version=(\S+)", file.read_text()) for file in folder.glob("OPTIONS-*")
    )
    return {match.group(1) for match in found if match}


def test_the_wheel_has_a_rocksdb_of_its_own(tmp_path: Path) -> None:
    with langchain_bytestore.RocksDBByteStore(tmp_path / "store") as store:
        store.mset([("a", b"1")])
    lock = tomllib.loads((_SOURCE / "python/rocksdb/Cargo.lock").read_text())
    [named] = (
        package["version"] for package in lock["package"] if package["name"] == "librocksdb-sys"
    )
    assert _rocksdb_versions(tmp_path / "store") == {named.partition("+")[2]}


def test_folders_go_to_another_rocksdb_and_back(environment: Path, tmp_path: Path) -> None:
    entries = {f"key {i}": bytes([i % 256]) * size for i in range(100) for size in (100, 100_000)}
    with langchain_bytestore.RocksDBByteStore(tmp_path / "store") as store:
        store.mset(list(entries.items()))
    program = """
from langchain_bytestore import RocksDBByteStore

with RocksDBByteStore("store") as store:
    assert sorted(store.yield_keys()) == sorted(f"key {i}" for i in range(100))
    print(len(store.mget(["key 99"])[0]))
    store.mset([("key 99", b"new")])
    store.compact()
"""
    assert _run(environment, tmp_path, program) == ["100000"]
    entries["key 99"] = b"new"
    with langchain_bytestore.RocksDBByteStore(tmp_path / "store") as store:
        assert store.mget(list(entries)) == list(entries.values())


@pytest.mark.parametrize("ours", ["first", "last"])
@pytest.mark.parametrize("neighbour", _NEIGHBOURS)
def test_it_shares_a_process_with_other_packages(
    environment: Path, neighbour: str, ours: str, tmp_path: Path
) -> None:
    parts = [_WITH_OURS, _NEIGHBOURS[neighbour]]
    program = "".join(parts if ours == "first" else reversed(parts)) + _USE_BOTH
    assert _run(environment, tmp_path, program) == ["both work"]


def _exported(library: Path) -> list[str]:
    """Of each symbol that other modules of a process may see: its kind and its name, as nm has it."""
    command = ("nm", "-D", "--defined-only", library)
    listed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [line.split(maxsplit=1)[1] for line in listed.splitlines()]


def test_no_symbol_is_shared_with_other_packages(environment: Path) -> None:
    packages = environment / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    libraries = {library.name: library for library in packages.glob("langchain_bytestore*/*.so*")}
    unique = {name for name, path in libraries.items() if any(s[0] == "u" for s in _exported(path))}
    assert not unique
    [native] = [path for name, path in libraries.items() if name.startswith("_native.")]
    assert _exported(native) == ["T PyInit__native"]
    private = {f"lib{name}-bytestore.so" for name in ("lmdb", "boost_url", "fmt")}
    assert private <= libraries.keys()
    # That of the wheel is a part of the module.
    is_of_distribution = "librocksdb-bytestore.so" in libraries
    assert is_of_distribution == environment.name.startswith("source")


def test_the_wheel_brings_its_libraries() -> None:
    names = zipfile.ZipFile(_wheel()).namelist()
    assert "langchain_bytestore/liblmdb-bytestore.so" in names
    assert "manylinux" in _wheel().name
    assert not any("/tests/" in name or "/src/" in name for name in names)


def test_the_version_is_that_of_the_library() -> None:
    assert version("langchain-bytestore") == langchain_bytestore.__version__
    assert sys.version_info[:2] >= (3, 11)
