"""put, get and delete: one value, several, any bytes."""

import os

import pytest

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


@pytest.mark.parametrize("key", ["", b"caf\xe9", "x" * 65_536])
@pytest.mark.parametrize("verb", ["put", "get", "delete"])
def test_an_invalid_key_is_wrong_usage(store, verb, key):
    result = store.run(verb, key)
    assert (result.code, result.out) == (2, b"")
    assert "is no key" in result.err
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


def test_a_file_that_cannot_be_read_is_a_failure(store, tmp_path):
    result = store.run("put", "key", str(tmp_path))
    assert result.code == 1
    assert "Is a directory" in result.err
    assert not store.folder.exists()


def test_a_target_that_cannot_be_written_is_wrong_usage(store, tmp_path):
    store.put("key", b"value")
    assert store.run("get", "key", "-o", str(tmp_path)).code == 2
    assert store.run("get", "key", "-o", str(tmp_path / "none" / "file")).code == 2
