"""compact."""

import os
import re
import subprocess

import pytest
from test_progress import on_a_terminal


def fill(store, tree):
    folder = tree({f"f{i:03}": os.urandom(100_000) for i in range(100)})
    assert store.run("import", str(folder)).code == 0
    keys = [f"f{i:03}" for i in range(100) if i % 10]
    assert store.run("delete", *keys).code == 0
    return folder


def size_of(folder):
    return sum(file.stat().st_size for file in folder.iterdir())


def test_the_space_of_deleted_values_is_freed(store, tree):
    folder = fill(store, tree)
    result = store.run("compact")
    assert result.code == 0
    assert result.out == b""
    assert re.fullmatch(r"compacted \d+\.\d MiB to \d+\.\d (MiB|KiB)\n", result.err), result.err
    assert size_of(store.folder) < 2_000_000
    assert store.ok("get", "f050") == (folder / "f050").read_bytes()
    assert store.ok("count") == b"10\n"


def test_it_shows_how_far_it_is(store, tree):
    fill(store, tree)
    text = on_a_terminal(store, "compact")
    assert re.search(r"\r\x1b\[Kcompacted .*\r\n$", text), repr(text)
    assert re.search(r"\r\x1b\[Kcompacting, .* of at most .* written, 0:\d\d", text), repr(text)


def test_a_store_that_is_not_there_is_not_made(store):
    assert store.run("compact").code == 4
    assert not store.folder.exists()


@pytest.mark.parametrize(
    ("uri", "remedy"),
    [("cassandra://127.0.0.1/app?table=t", "nodetool compact"), ("memory:", "local folder")],
)
def test_a_store_in_no_folder_is_refused_with_what_to_do(store, uri, remedy):
    store.uri = uri
    result = store.run("compact")
    assert (result.code, remedy in result.err) == (2, True), result.err


def test_ctrl_c_ends_it_and_loses_nothing(store, tree):
    fill(store, tree)
    running = store.start("compact", stdin=subprocess.PIPE)
    running.wait_for_watch()
    running.interrupt()
    result = running.end()
    assert result.code in (0, 130), result.err
    assert store.ok("count") == b"10\n"
