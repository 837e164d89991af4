"""Memory stays bounded however large the tree. Measured, not timed."""

import os
import subprocess
import sys

import pytest
from conftest import COMMAND, SANITIZED

MIB = 2**20

# What RocksDB may fill with a large tree and not with a small one: two write buffers of 64 MiB when
# it is written, the block cache of 32 MiB when it is read. Holding the tree would take its 300 MiB
# on top.
WRITING_GROWTH = 200 * MIB
READING_GROWTH = 64 * MIB


# Their names alone take 7.3 MiB; half of that is far over what two runs on one folder differ in.
MANY = 30_000


# A process counts the memory of the one that forked it until it runs its own program: so this small
# one starts the command, and not the large one of the tests.
MEASURE = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak_memory(store, *arguments, code=0):
    """The largest resident size of the command, in bytes."""
    measured = subprocess.run(
        [sys.executable, "-I", "-S", "-c", MEASURE, COMMAND, *arguments],
        env=os.environ | {"BYTESTORE_STORE": store.uri},
        stdout=subprocess.PIPE,
        check=True,
    )
    ended, kibibytes = map(int, measured.stdout.split())
    assert ended == code
    return kibibytes * 1024


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


@pytest.mark.skipif(SANITIZED, reason="a sanitizer's own memory grows with what is touched")
def test_import_holds_no_list_of_the_files(store, tmp_path):
    # Names that cannot be keys: what the database would hold of them is out of the measure.
    def folder_of(number):
        folder = tmp_path / str(number)
        folder.mkdir()
        for i in range(number):
            open(os.fsencode(folder) + b"/%06d" % i + b"\xff" * 249, "wb").close()
        return str(folder)

    few = peak_memory(store, "import", folder_of(10), code=1)
    many = peak_memory(store, "import", folder_of(MANY), code=1)
    assert many < few + MANY * 255 / 2
