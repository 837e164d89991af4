"""put, get and delete: one value, several, any bytes."""

import os

import pytest
from conftest import Result

EVERY_BYTE = bytes(range(256)) * 3 + b"\r\n\0"


def test_a_value_passes_standard_input_and_output_unchanged(store):
    assert store.ok("put", "key", stdin=EVERY_BYTE) == b""
    assert store.ok("get", "key") == EVERY_BYTE
    assert store.ok("put", "key", "-", stdin=b"") == b""
    assert store.ok("get", "key") == b""


def test_a_value_larger_than_all_buffers_is_unchanged(store):
    value = EVERY_BYTE * 4000
    store.put("key", value)
    assert store.ok("get", "key") == value


def test_a_value_passes_files_unchanged(store, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(EVERY_BYTE)
    assert store.ok("put", "key", str(source)) == b""
    assert store.ok("get", "key", "-o", str(target)) == b""
    assert target.read_bytes() == EVERY_BYTE
    assert store.ok("get", "key", "-o", "-") == EVERY_BYTE


def test_a_value_is_read_from_a_fifo(store, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    running = store.start("put", "key", str(fifo))
    with open(fifo, "wb") as writer:
        writer.write(EVERY_BYTE)
    assert running.end().code == 0
    assert store.ok("get", "key") == EVERY_BYTE


def test_values_come_one_after_another_in_the_order_of_the_keys(store):
    for key in "abc":
        store.put(key, key.encode() * 2)
    assert store.ok("get", "c", "a", "b", "a") == b"ccaabbaa"


def test_absent_keys_are_listed_and_the_others_written(store):
    store.put("there", b"value")
    result = store.run("get", "no", "there", "neither")
    assert (result.code, result.out) == (3, b"value")
    assert result.err == 'bytestore: "no": no such key\nbytestore: "neither": no such key\n'


def test_a_file_is_written_only_if_all_keys_were_found(store, tmp_path):
    store.put("there", b"value")
    target = tmp_path / "out" / "target"
    target.parent.mkdir()
    target.write_bytes(b"old")
    assert store.run("get", "there", "no", "-o", str(target)).code == 3
    assert target.read_bytes() == b"old"
    assert os.listdir(target.parent) == ["target"]


@pytest.mark.parametrize("key", ["[a,b]", "\x01[", "put", "-dash", "ключ", "a b\nc", "x" * 65_535])
def test_any_valid_key_can_be_given(store, key):
    store.put(key, b"value")
    assert store.ok("get", "--", key) == b"value"
    assert store.keys() == {key.encode()}
    store.ok("delete", "--", key)
    assert store.keys() == set()


def test_delete_takes_several_keys_and_absent_ones(store):
    for key in "abc":
        store.put(key)
    assert store.ok("delete", "a", "no", "c") == b""
    assert store.keys() == {b"b"}


def test_a_listing_is_deleted_through_a_pipe(store, tree):
    # Many keys: the listing fills the pipe, and holds the store until all of it is read.
    names = {f"{i:05}" + "x" * 200: b"" for i in range(1000)}
    assert store.run("import", str(tree(names)), "--prefix", "old/").code == 0
    store.put("new")
    listing = store.start("keys", "-0", "--prefix", "old/")
    deleting = store.start("delete", "-0", stdin=listing.process.stdout)
    listing.process.stdout.close()
    assert deleting.end() == Result(0, b"", "")
    assert listing.process.wait() == 0
    listing.process.stderr.close()
    assert store.keys() == {b"new"}


@pytest.mark.parametrize("listed, left", [(b"", {b"a", b"b"}), (b"a\0no\0b\0", set())])
def test_keys_to_delete_come_from_standard_input(store, listed, left):
    for key in "ab":
        store.put(key)
    assert store.ok("delete", "-0", stdin=listed) == b""
    assert store.keys() == left


@pytest.mark.parametrize("listed", [b"a\n", b"a\0b"])
def test_a_list_of_another_form_deletes_nothing(store, listed):
    for key in "ab":
        store.put(key)
    result = store.run("delete", "-0", stdin=listed)
    assert (result.code, result.out) == (2, b"")
    assert store.keys() == {b"a", b"b"}


@pytest.mark.parametrize("key", [b"", b"caf\xe9", b"x" * 65_536])
def test_a_key_in_a_list_that_no_store_accepts_is_left_out(store, key):
    for present in "abc":
        store.put(present)
    result = store.run("delete", "-0", stdin=b"a\0" + key + b"\0b\0")
    assert (result.code, result.out) == (1, b"")
    assert "left out " in result.err
    assert store.keys() == {b"c"}


def test_keys_to_delete_come_from_one_place(store):
    store.put("a")
    assert store.run("delete", "-0", "a", stdin=b"a\0").code == 2
    assert store.keys() == {b"a"}


@pytest.mark.parametrize("key", ["", b"caf\xe9", "x" * 65_536])
@pytest.mark.parametrize("verb", ["put", "get", "delete"])
def test_an_invalid_key_is_wrong_usage(store, verb, key):
    result = store.run(verb, key)
    assert (result.code, result.out) == (2, b"")
    assert result.err.startswith("bytestore: the key ")
    assert not store.folder.exists()


def test_an_invalid_key_keeps_the_valid_ones_from_being_written(store):
    store.put("a", b"value")
    result = store.run("get", "a", "")
    assert (result.code, result.out) == (2, b"")


def test_a_file_that_cannot_be_opened_is_wrong_usage(store, tmp_path):
    result = store.run("put", "key", str(tmp_path / "none"))
    assert result.code == 2
    assert "No such file" in result.err
    assert not store.folder.exists()


def test_a_folder_in_the_place_of_a_file_is_wrong_usage(store, tmp_path):
    result = store.run("put", "key", str(tmp_path))
    assert result.code == 2
    assert "it is a folder" in result.err
    assert not store.folder.exists()


def test_a_file_that_cannot_be_read_is_a_failure(store):
    result = store.run("put", "key", "/proc/self/mem")  # can be opened; its first bytes cannot be read
    assert result.code == 1
    assert "cannot read" in result.err
    assert not store.folder.exists()


def test_a_target_that_cannot_be_written_is_wrong_usage(store, tmp_path):
    store.put("key", b"value")
    assert store.run("get", "key", "-o", str(tmp_path)).code == 2
    assert store.run("get", "key", "-o", str(tmp_path / "none" / "file")).code == 2


def test_a_link_to_nothing_yet_makes_its_target(store, tmp_path):
    store.put("key", b"value")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inner").symlink_to("file")
    (tmp_path / "link").symlink_to("folder/inner")
    assert store.ok("get", "key", "-o", str(tmp_path / "link")) == b""
    assert (tmp_path / "link").is_symlink() and (tmp_path / "folder" / "inner").is_symlink()
    assert (tmp_path / "folder" / "file").read_bytes() == b"value"
    assert sorted(os.listdir(tmp_path / "folder")) == ["file", "inner"]


def test_a_link_that_leads_nowhere_is_wrong_usage(store, tmp_path):
    store.put("key", b"value")
    (tmp_path / "loop").symlink_to("other")
    (tmp_path / "other").symlink_to("loop")
    (tmp_path / "link").symlink_to("none/file")
    loop = store.run("get", "key", "-o", str(tmp_path / "loop"))
    assert (loop.code, "loop" in loop.err) == (2, True)
    assert "Too many levels of symbolic links" in loop.err
    missing = store.run("get", "key", "-o", str(tmp_path / "link"))
    assert missing.code == 2
    assert f'cannot open the folder "{tmp_path}/none": No such file' in missing.err
    assert set(os.listdir(tmp_path)) == {"loop", "other", "link", "store"}
