"""Memory stays bounded however large the tree. Measured, not timed."""

import os
import subprocess

import pytest
from conftest import COMMAND, SANITIZED

MIB = 2**20

# What RocksDB may fill with a large tree and not with a small one: two write buffers of 64 MiB when
# it is written, the block cache of 32 MiB when it is read. Holding the tree would take its 300 MiB
# on top.
WRITING_GROWTH = 200 * MIB
READING_GROWTH = 64 * MIB


def peak_memory(store, *arguments):
    """The largest resident size of the command, in bytes."""
    process = subprocess.Popen(
        [COMMAND, *arguments],
        env=os.environ | {"BYTESTORE_STORE": store.uri},
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss * 1024


def sparse_tree(folder, files, size):
    folder.mkdir()
    for i in range(files):
        with open(folder / str(i), "wb") as file:
            file.truncate(size)
    return str(folder)


@pytest.mark.skipif(SANITIZED, reason="a sanitizer's own memory grows with what is touched")
def test_import_and_export_of_a_large_tree_stay_small(store, tmp_path):
    small = sparse_tree(tmp_path / "small", 8, MIB)
    large = sparse_tree(tmp_path / "large", 300, MIB)
    small_peak = peak_memory(store, "import", small, "--prefix", "small/")
    assert peak_memory(store, "import", large, "--prefix", "large/") < small_peak + WRITING_GROWTH
    out = str(tmp_path / "out")
    assert peak_memory(store, "export", out, "--prefix", "large/") < small_peak + READING_GROWTH
    assert store.ok("count", "--prefix", "large/") == b"300\n"


def test_a_folder_of_many_files_is_imported_whole(store, tmp_path):
    many = sparse_tree(tmp_path / "many", 3000, 10)
    assert store.run("import", many).code == 0
    assert store.ok("count") == b"3000\n"
