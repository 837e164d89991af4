"""The types that the package tells: of the native module, and in a program that uses it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import langchain_bytestore

_SOURCE = Path(__file__).resolve().parents[2]
_MYPY = ("--config-file", str(_SOURCE / "python" / "pyproject.toml"))
_PACKAGE = _SOURCE / "python" / "langchain_bytestore"


def _run(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=_SOURCE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_stub_is_that_of_the_native_module(tmp_path: Path) -> None:
    """To write it anew: python -m nanobind.stubgen -m langchain_bytestore._native -O
    python/langchain_bytestore"""
    made = tmp_path / "_native.pyi"
    _run("nanobind.stubgen", "-m", "langchain_bytestore._native", "-o", str(made))
    assert made.read_text(encoding="utf-8") == (_PACKAGE / "_native.pyi").read_text(
        encoding="utf-8"
    )


def test_the_package_says_that_it_is_typed() -> None:
    installed = Path(str(langchain_bytestore.__file__)).parent
    assert (installed / "py.typed").exists()
    assert (installed / "_native.pyi").exists()


@pytest.fixture(scope="module")
def mypy_cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What mypy has read of the packages below ours, which takes it most of its time."""
    return str(tmp_path_factory.mktemp("mypy"))


@pytest.mark.parametrize("folder", ["examples/python", "python/tests"])
def test_programs_are_clean(folder: str, mypy_cache: str) -> None:
    _run("mypy", *_MYPY, "--cache-dir", mypy_cache, str(_SOURCE / folder))


def test_the_package_is_clean(mypy_cache: str) -> None:
    _run("mypy", *_MYPY, "--cache-dir", mypy_cache, "-p", "langchain_bytestore")


def test_a_wrong_use_is_seen(tmp_path: Path, mypy_cache: str) -> None:
    program = tmp_path / "wrong.py"
    program.write_text(
        "from cassandra.cluster import Cluster\n"
        "from langchain_bytestore import CassandraByteStore, connect, init, open\n"
        "store = open('memory:')\n"
        "store.mset([('a', 'text')])\n"
        "value: str = store.mget(['a'])[0]\n"
        "CassandraByteStore('a', session=3)\n"
        "CassandraByteStore('a', session=connect('node'))\n"
        "CassandraByteStore('a', session=Cluster().connect())\n"
        "init(session='node')\n"
        "init(contact_points='node', keyspace='a', prot=1)\n"
        "init(contact_points='node', keyspace='a', port=1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *_MYPY, "--cache-dir", mypy_cache, str(program)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line.split(":")[1] for line in done.stdout.splitlines() if "error:" in line] == [
        "4",
        "5",
        "6",
        "9",
        "10",
    ]


@pytest.mark.parametrize("folder", ["examples/python", "python"])
def test_the_sources_are_in_style(folder: str) -> None:
    configuration = str(_SOURCE / "python" / "pyproject.toml")
    for command in (["check"], ["format", "--check"]):
        _run("ruff", *command, "--no-cache", "--config", configuration, str(_SOURCE / folder))
