"""import: every file under a folder, and what cannot be one."""

import os
import re
import resource
import socket

import pytest


def test_the_key_is_the_prefix_and_the_relative_path(store, tree):
    root = tree({"a": b"1", "b/c/d": b"2", "b/empty": b"", "é": b"3"})
    result = store.run("import", str(root), "--prefix", "p:")
    assert (result.code, result.out) == (0, b"")
    assert store.keys() == {b"p:a", b"p:b/c/d", b"p:b/empty", "p:é".encode()}
    assert store.ok("get", "p:b/c/d", "p:b/empty", "p:é") == b"23"


def test_the_summary_says_how_much_and_how_fast(store, tree):
    root = tree({"a": b"x" * 2**20, "b": b"y" * 2**19})
    result = store.run("import", str(root))
    assert re.fullmatch(r"imported 2 files, 1\.5 MiB in \d+\.\d s \(\d+\.\d MiB/s\)\n", result.err)


def test_an_empty_folder_is_no_error(store, tree):
    result = store.run("import", str(tree({})))
    assert result.code == 0
    assert result.err.startswith("imported 0 files, 0 bytes in ")
    assert store.ok("count") == b"0\n"


def test_the_folder_may_be_given_through_a_link_and_with_a_slash(store, tree, tmp_path):
    root = tree({"a": b"1"})
    (tmp_path / "link").symlink_to(root)
    assert store.run("import", f"{tmp_path}/link/").code == 0
    assert store.keys() == {b"a"}


def test_links_to_files_are_read_and_links_to_folders_counted(store, tree):
    root = tree({"file": b"content", "folder/inner": b""})
    (root / "link").symlink_to("file")
    (root / "folder/loop").symlink_to("..")
    result = store.run("import", str(root))
    assert result.code == 0
    assert result.err.endswith("; 1 link to folders not followed\n")
    assert store.keys() == {b"file", b"link", b"folder/inner"}
    assert store.ok("get", "link") == b"content"


def test_names_that_are_not_utf8_are_reported_and_skipped(store, tree):
    root = tree({b"caf\xe9": b"", b"bad\xff/inner": b"", "good": b""})
    result = store.run("import", str(root))
    assert result.code == 1
    assert 'left out "caf\\xe9": as a key it is not valid UTF-8 at byte 3' in result.err
    assert 'left out "bad\\xff/inner": as a key it is not valid UTF-8 at byte 3' in result.err
    assert "imported 1 file," in result.err and "; 2 paths left out\n" in result.err
    assert store.keys() == {b"good"}


def test_what_is_no_file_is_reported_and_skipped(store, tree, monkeypatch):
    root = tree({"good": b""})
    (root / "broken").symlink_to("nowhere")
    (root / "circle").symlink_to("circle")
    (root / "null").symlink_to("/dev/null")
    os.mkfifo(root / "fifo")
    monkeypatch.chdir(root)  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        result = store.run("import", str(root))
    assert result.code == 1
    for line in [
        '"broken": it is a broken symbolic link',
        '"circle": Too many levels of symbolic links',
        '"null": it is a device',
        '"fifo": it is a FIFO',
        '"socket": it is a socket',
    ]:
        assert f"bytestore: left out {line}\n" in result.err
    assert "; 5 paths left out\n" in result.err
    assert store.keys() == {b"good"}


def test_a_file_that_changes_while_it_is_read_is_reported_and_the_rest_goes_on(store, tree):
    root = tree({"good": b"1", "z": b"2"})
    (root / "growing").symlink_to("/proc/self/status")  # says 0 bytes, and has more
    result = store.run("import", str(root))
    assert result.code == 1
    assert 'left out "growing": it changed while it was read' in result.err
    assert store.keys() == {b"good", b"z"}


def test_a_key_over_the_limit_is_reported_and_skipped(store, tree):
    root = tree({"long-name": b"", "n": b""})
    result = store.run("import", str(root), "--prefix", "x" * 65_534)
    assert result.code == 1
    assert 'left out "long-name": as a key it has 65543 bytes' in result.err
    assert store.ok("count") == b"1\n"


def test_a_file_that_no_value_can_hold_is_reported_and_skipped(store, tree):
    root = tree({"good": b"", "large": b""})
    os.truncate(root / "large", 2**30 + 1)
    result = store.run("import", str(root))
    assert result.code == 1
    assert 'left out "large": it has more than 1024.0 MiB' in result.err
    assert store.keys() == {b"good"}


def test_a_disk_that_is_full_ends_it_at_once(store, tree):
    store.put("kept")
    root = tree({f"{i:02}": os.urandom(2**20) for i in range(40)})

    def limit_file_size():
        # As on a full disk, every write over the limit fails, and goes on failing.
        resource.setrlimit(resource.RLIMIT_FSIZE, (10 * 2**20, 10 * 2**20))

    result = store.start("import", str(root), preexec_fn=limit_file_size).end()
    assert result.code == 1
    said = result.err.splitlines()
    assert len(said) == 2, "one summary and one reason, not a line for each file"
    # Part of what could not be written may be in the log.
    summary = re.match(r"imported (\d+) files?, .*; (\d+) files? may have been stored$", said[0])
    assert summary
    assert int(summary[1]) + int(summary[2]) < 40, "it did not try the rest"
    assert "stopped, because the store failed" in said[1] and "free space" in said[1]
    assert int(store.ok("count")) >= int(summary[1]) + 1


def test_a_second_import_replaces(store, tree):
    store.run("import", str(tree({"a": b"old", "b": b"kept"}, "first")))
    assert store.run("import", str(tree({"a": b"new"}, "second"))).code == 0
    assert store.ok("get", "a", "b") == b"newkept"


def test_a_store_below_the_folder_is_left_out(store, tree, tmp_path):
    tree({"a": b""})
    store.put("key")
    result = store.run("import", str(tmp_path))
    assert result.code == 0
    assert 'left out "store": it is the store itself' in result.err
    assert store.keys() == {b"key", b"tree/a"}
    assert store.run("import", str(store.folder)).code == 2


@pytest.mark.parametrize("wrong", ["none", "file"])
def test_a_folder_that_cannot_be_opened_is_wrong_usage(store, tree, wrong):
    root = tree({"file": b""})
    result = store.run("import", str(root / wrong))
    assert result.code == 2
    assert not store.folder.exists()


def test_a_prefix_that_is_not_utf8_is_wrong_usage(store, tree):
    assert store.run("import", str(tree({"a": b""})), "--prefix", b"caf\xe9").code == 2
    assert not store.folder.exists()
