"""What an export or a get leaves when it is killed while it writes a file."""

import os
import signal
import stat
from pathlib import Path

import pytest
from conftest import Store, contents, wait_until

# Writing it takes long enough to be seen; a command that was not seen in time is started again.
LARGE = os.urandom(2**20) * 64
ATTEMPTS = 50


def is_unfinished(path):
    """An empty one does not count: it may not be locked yet, so that others may remove it."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return False
    return status.st_mode & stat.S_ISVTX != 0 and status.st_size > 0


def unfinished(folder):
    return [path for path in folder.rglob(".bytestore-*") if is_unfinished(path)]


def state(process):
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]


def catch_while_it_writes(store, folder, number, *arguments):
    """A command that got the signal, and the file that it was writing then."""
    for _ in range(ATTEMPTS):
        running = store.start(*arguments)
        wait_until(lambda: unfinished(folder) or state(running.process) == "Z")
        os.kill(running.process.pid, number)  # `send_signal` would reap one that has ended
        wait_until(lambda: state(running.process) in "TZ")
        if left := unfinished(folder):
            return running, left[0]
        running.process.kill()
        running.end()
    raise AssertionError("it was never seen while it wrote a file")


def kill_while_it_writes(store, folder, *arguments):
    running, left = catch_while_it_writes(store, folder, signal.SIGKILL, *arguments)
    assert running.end().code == -signal.SIGKILL
    return left


@pytest.fixture
def other(tmp_path):
    return Store(tmp_path / "other")


def test_it_is_not_imported(store, other, tree):
    store.put("deep/large", LARGE)
    folder = tree({"deep/there": b"1"}, "copy")
    left = kill_while_it_writes(store, folder, "export", str(folder))
    assert left.parent == folder / "deep"
    result = other.run("import", str(folder))
    assert result.code == 0
    assert result.err.endswith("; 1 unfinished file of an export left out\n")
    assert other.keys() == {b"deep/there"}


@pytest.mark.parametrize("prefix", ["", "none/"])
def test_the_next_export_takes_it_away(store, tree, prefix):
    store.put("deep/large", LARGE)
    folder = tree({"kept": b"1"}, "copy")
    kill_while_it_writes(store, folder, "export", str(folder))
    result = store.run("export", str(folder), "--prefix", prefix)
    assert result.code == 0
    assert result.err.endswith("; 1 unfinished file of an earlier export removed\n")
    assert contents(folder) == {b"kept": b"1"} | ({} if prefix else {b"deep/large": LARGE})
    assert "unfinished" not in store.run("export", str(folder)).err


def test_that_of_an_export_under_way_stays(store, other, tree):
    store.put("large", LARGE)
    other.put("small", b"1")
    folder = tree({}, "copy")
    stopped, left = catch_while_it_writes(store, folder, signal.SIGSTOP, "export", str(folder))
    result = other.run("export", str(folder))
    assert (result.code, "unfinished" in result.err) == (0, False)
    assert left.exists()
    stopped.process.send_signal(signal.SIGCONT)
    assert stopped.end().code == 0
    assert contents(folder) == {b"large": LARGE, b"small": b"1"}


def test_that_of_a_get_is_taken_away_too(store, tree):
    store.put("large", LARGE)
    folder = tree({"target": b"old"}, "copy")
    (folder / "target").chmod(0o400)
    kill_while_it_writes(store, folder, "get", "large", "-o", str(folder / "target"))
    assert (folder / "target").read_bytes() == b"old"
    assert store.run("export", str(folder), "--prefix", "none").code == 0
    assert contents(folder) == {b"target": b"old"}


def test_keys_and_files_of_such_names_are_like_others(store, other, tree, tmp_path):
    name = ".bytestore-0123456789abcdef"
    files = {name.encode(): b"1", f"deep/{name}".encode(): b"2"}
    assert store.run("import", str(tree(files))).code == 0
    assert store.keys() == set(files)
    for _ in range(2):
        assert store.run("export", str(tmp_path / "copy")).code == 0
        assert contents(tmp_path / "copy") == files
    assert store.run("export", str(tmp_path / "copy"), "--prefix", "none").code == 0
    result = other.run("import", str(tmp_path / "copy"))
    assert (result.code, "unfinished" in result.err) == (0, False)
    assert other.keys() == set(files)
    assert other.ok("get", name, f"deep/{name}") == b"12"
