"""The package in an empty environment: from its wheel, and by `pip install .`."""

from __future__ import annotations

import json
import subprocess
import sys
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


def _wheel() -> Path:
    version = "".join(str(part) for part in sys.version_info[:2])
    [wheel] = (_SOURCE / "build/wheel/dist").glob(f"*-cp{version}-*.whl")
    return wheel


@pytest.mark.parametrize("what", ["wheel", "source"])
def test_it_works_in_an_empty_environment(
    what: str, server: Server, table: str, tmp_path: Path
) -> None:
    venv.create(tmp_path / "environment", with_pip=True)
    python = tmp_path / "environment/bin/python"
    package = _wheel() if what == "wheel" else _SOURCE / "python"
    core = f"langchain-core=={version('langchain-core')}"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", core, package],
        check=True,
    )
    told = {
        "contact_points": server.told["contact_points"],
        "port": server.told["port"],
        "keyspace": KEYSPACE,
        "table": table,
    }
    done = subprocess.run(
        [python, "-I", "-c", _PROGRAM, json.dumps(told)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "[b'1', None]",
        "[b'1', None] ['a']",
        langchain_bytestore.__version__,
    ]


def test_the_wheel_brings_its_libraries() -> None:
    names = zipfile.ZipFile(_wheel()).namelist()
    assert any(name.startswith("langchain_bytestore.libs/librocksdb") for name in names)
    assert "manylinux" in _wheel().name
    assert not any("/tests/" in name or "/src/" in name for name in names)


def test_the_version_is_that_of_the_library() -> None:
    assert version("langchain-bytestore") == langchain_bytestore.__version__
    assert sys.version_info[:2] >= (3, 11)
