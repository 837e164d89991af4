"""The programs of examples/python, and the notebook, do what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from cassandra.cluster import Session as DriverSession
from nbclient import NotebookClient
from servers import KEYSPACE, Server

_SOURCE = Path(__file__).resolve().parents[2]
_EXAMPLES = _SOURCE / "examples" / "python"


def _run(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, _EXAMPLES / program, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _address(server: Server) -> str:
    return f"{server.told['contact_points'][0]}:{server.told['port']}"


def test_every_example_is_run() -> None:
    ours = Path(__file__).read_text(encoding="utf-8")
    for path in _EXAMPLES.glob("*.py"):
        if "__main__" in path.read_text(encoding="utf-8"):
            assert f'_run("{path.name}"' in ours, path.name


def test_the_embedding_cache(server: Server) -> None:
    said = _run("embedding_cache.py", _address(server), KEYSPACE)
    assert "first: 200 paragraphs, 200 of them by the model" in said
    assert "again: 200 paragraphs, 0 of them by the model" in said
    assert re.search(r"[\d,]+ times as fast", said)


@pytest.mark.parametrize("kind", ["rocksdb", "cassandra"])
def test_the_retriever(kind: str, server: Server, table: str, tmp_path: Path) -> None:
    uri = {
        "rocksdb": f"rocksdb:{tmp_path}/store",
        "cassandra": f"cassandra://{_address(server)}/{KEYSPACE}?table={table}",
    }[kind]
    said = _run("retriever.py", uri)
    assert "60 documents, 60 in the store" in said
    assert re.search(r"found: number \d+: .*\.\.\.", said)


def test_the_service(server: Server) -> None:
    said = _run("service.py", _address(server), KEYSPACE)
    assert re.search(r"200 callers, 8000 calls, [\d,]+ a second", said)


def test_the_migration(server: Server) -> None:
    host, port = server.told["contact_points"][0], str(server.told["port"])
    assert "100 keys, key-0 is b'value 0'" in _run("migration.py", host, port, KEYSPACE)


def _sections(text: str) -> list[str]:
    return re.findall(r"^## .*$", text, re.MULTILINE)


def test_the_notebook_has_the_sections_of_the_page() -> None:
    page = (_SOURCE / "docs" / "python.md").read_text(encoding="utf-8")
    notebook = nbformat.read(_SOURCE / "docs" / "python.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    told = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert _sections(told) == _sections(page)


def test_the_notebook(server: Server, driver_session: DriverSession, tmp_path: Path) -> None:
    """It speaks of a Cassandra at 127.0.0.1 with a keyspace `app`."""
    assert server.told["port"] == 9042
    driver_session.execute(
        "CREATE KEYSPACE IF NOT EXISTS app WITH replication = "
        f"{{'class': 'NetworkTopologyStrategy', '{server.told['datacenter']}': 1}}"
    )
    text = (_SOURCE / "docs" / "python.ipynb").read_text(encoding="utf-8")
    notebook = nbformat.reads(  # type: ignore[no-untyped-call]
        text.replace("127.0.0.1", server.told["contact_points"][0]), as_version=4
    )
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert outputs and not any(output.output_type == "error" for output in outputs)
