"""export: the way back, and the keys that must not take it."""

import os
import re
import resource

import pytest
from conftest import contents

FILES = {
    b"a": b"1",
    b"b/c/d": bytes(range(256)) * 1000,
    b"b/c/empty": b"",
    b"b/line\nbreak": b"2",
    "é/ключ".encode(): b"3",
    b"large": os.urandom(3 * 2**20),
} | {b"many/%d" % i: b"%d" % i for i in range(1500)}


def test_a_tree_comes_back_byte_by_byte(store, tree, tmp_path):
    root = tree(FILES)
    (root / "link").symlink_to("a")
    assert store.run("import", str(root), "--prefix", "p/").code == 0
    result = store.run("export", str(tmp_path / "new" / "copy"), "--prefix", "p/")
    assert (result.code, result.out) == (0, b"")
    assert contents(tmp_path / "new" / "copy") == FILES | {b"link": b"1"}


def test_the_summary_says_how_much_and_how_fast(store, tmp_path):
    store.put("a", b"x" * 2**20)
    result = store.run("export", str(tmp_path / "copy"))
    assert re.fullmatch(r"exported 1 file, 1\.0 MiB in \d+\.\d s \(\d+\.\d MiB/s\)\n", result.err)


def test_only_keys_with_the_prefix_are_written(store, tmp_path):
    for key in ["docs/a", "docs2/b", "c"]:
        store.put(key, key.encode())
    assert store.run("export", str(tmp_path / "copy"), "--prefix", "docs/").code == 0
    assert contents(tmp_path / "copy") == {b"a": b"docs/a"}


def test_files_that_are_there_are_replaced_and_others_kept(store, tree):
    store.put("a", b"new")
    folder = tree({"a": b"old, and longer", "b": b"kept"})
    assert store.run("export", str(folder)).code == 0
    assert contents(folder) == {b"a": b"new", b"b": b"kept"}


def test_keys_that_would_leave_the_folder_are_refused(store, tmp_path):
    wrong = ["../x", "/abs", "a//b", "a/./b", "a/../../x", "dir/", "..", "x" * 256]
    for key in [*wrong, "good"]:
        store.put(key)
    result = store.run("export", str(tmp_path / "in" / "copy"))
    assert result.code == 1
    for key in wrong:
        assert f'bytestore: not exported "{key}": ' in result.err
    assert "exported 1 file, 0 bytes" in result.err
    assert f"; {len(wrong)} keys not exported\n" in result.err
    assert contents(tmp_path / "in") == {b"copy/good": b""}
    assert not os.path.lexists("/abs")


def test_a_key_that_is_only_the_prefix_or_goes_on_with_a_slash_is_refused(store, tmp_path):
    for key in ["docs", "docs/a"]:
        store.put(key)
    result = store.run("export", str(tmp_path / "copy"), "--prefix", "docs")
    assert result.code == 1
    assert "; 2 keys not exported\n" in result.err
    assert contents(tmp_path / "copy") == {}


def test_no_link_inside_the_folder_is_passed_through(store, tree):
    outside = tree({}, "outside")
    folder = tree({}, "copy")
    (folder / "link").symlink_to(outside)
    for key in ["link/x", "link/deep/y", "good"]:
        store.put(key)
    result = store.run("export", str(folder))
    assert result.code == 1
    assert 'not exported "link/x": "link" is a symbolic link there' in result.err
    assert list(outside.iterdir()) == []
    assert contents(folder) == {b"good": b""}


def test_a_link_in_place_of_a_file_is_replaced_and_its_target_kept(store, tree):
    store.put("a", b"new")
    outside = tree({"target": b"kept"}, "outside")
    folder = tree({}, "copy")
    (folder / "a").symlink_to(outside / "target")
    assert store.run("export", str(folder)).code == 0
    assert contents(outside) == {b"target": b"kept"}
    assert not (folder / "a").is_symlink()


def test_a_file_where_another_key_needs_a_folder_is_a_failure(store, tmp_path):
    for key in ["a", "a/b", "c"]:
        store.put(key)
    result = store.run("export", str(tmp_path / "copy"))
    assert result.code == 1
    assert 'not exported "a/b": "a" is a file there, where a folder is needed' in result.err
    assert contents(tmp_path / "copy") == {b"a": b"", b"c": b""}


def test_a_file_that_cannot_be_written_whole_leaves_nothing(store, tree, tmp_path):
    store.put("large", b"x" * 2**20)
    store.put("small", b"y")
    folder = tree({"large": b"old"}, "copy")

    def limit_file_size():
        # The write that would pass the limit fails; the store's own files stay below it.
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**19, 2**19))

    result = store.start("export", str(folder), preexec_fn=limit_file_size).end()
    assert result.code == 1
    assert 'not exported "large": File too large' in result.err
    assert contents(folder) == {b"large": b"old", b"small": b"y"}


def test_the_store_itself_is_kept_out_of(store, tmp_path):
    store.put("store/CURRENT")
    result = store.run("export", str(tmp_path))
    assert result.code == 1
    assert 'not exported "store/CURRENT": the folder "store" is the store itself' in result.err
    assert store.ok("count") == b"1\n"


@pytest.mark.parametrize("below", ["", "sub", "sub/../deep/er", "../store/sub", "../link/sub"])
def test_no_folder_inside_the_store_is_written_to(store, tmp_path, below):
    store.put("a")
    (tmp_path / "link").symlink_to(store.folder)
    result = store.run("export", f"{store.folder}/{below}")
    assert result.code == 2
    assert "lies in the folder of the store itself" in result.err
    assert not {"a", "sub", "deep"} & set(os.listdir(store.folder))


def test_a_relative_folder_is_checked_from_where_the_command_runs(store, tmp_path):
    store.put("a")
    assert store.start("export", "sub", cwd=store.folder).end().code == 2
    assert store.start("export", "sub", cwd=tmp_path).end().code == 0
    assert contents(tmp_path / "sub") == {b"a": b""}


def test_a_folder_that_cannot_be_made_is_wrong_usage(store, tree):
    store.put("a")
    root = tree({"file": b""})
    assert store.run("export", str(root / "file")).code == 2
    assert store.run("export", str(root / "file" / "below")).code == 2


def test_a_store_that_is_not_there_leaves_no_folder_behind(store, tmp_path):
    assert store.run("export", str(tmp_path / "copy")).code == 4
    assert not (tmp_path / "copy").exists()
