"""A wrong path: no verb changes anything in a folder of somebody else."""

import shutil
from pathlib import Path

import pytest
from conftest import Store

# What other libraries have made (their README.md).
FOLDERS = Path(__file__).parents[1] / "rocksdb/data"

VERBS = {
    "put": ["put", "key"],
    "delete": ["delete", "key"],
    "import": ["import", str(FOLDERS)],
    "get": ["get", "key"],
    "keys": ["keys"],
    "compact": ["compact"],
}


def state(folder):
    """What the folder has, with the time of each change, and its own."""
    files = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    return folder.stat().st_mtime_ns, files


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", ["leveldb", "rocksdict", "files"])
def test_a_folder_of_somebody_else_stays_as_it_was(tmp_path, name, verb):
    folder = tmp_path / name
    if name == "files":
        folder.mkdir()
        (folder / "notes.txt").write_text("text")
    else:
        shutil.copytree(FOLDERS / name, folder)
    before = state(folder)
    result = Store(folder).run(*VERBS[verb], stdin=b"value")
    assert result.code == 4
    assert str(folder) in result.err and "choose another folder" in result.err
    assert state(folder) == before
