"""What the verbs do, on each kind of store, blocking and not."""

from __future__ import annotations

import array
import asyncio
import copy
import ctypes
import pickle
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import InFolder
from langchain_classic.storage import create_kv_docstore
from langchain_core.documents import Document
from langchain_core.stores import BaseStore
from pydantic import BaseModel

from langchain_bytestore import (
    InvalidArgumentError,
    NativeByteStore,
    OperationCancelledError,
)


class _Verbs:
    """One face for both styles."""

    def __init__(self, store: NativeByteStore, run: Callable[[Any], Any] | None) -> None:
        self._store = store
        self._run = run

    def _call(self, verb: str, *arguments: Any) -> Any:
        if self._run is None:
            return getattr(self._store, verb)(*arguments)
        return self._run(getattr(self._store, "a" + verb)(*arguments))

    def get(self, keys: Any) -> Any:
        return self._call("mget", keys)

    def set(self, entries: Any) -> None:
        self._call("mset", entries)

    def delete(self, keys: Any) -> None:
        self._call("mdelete", keys)

    def keys(self, prefix: str | None = None) -> list[str]:
        if self._run is None:
            return list(self._store.yield_keys(prefix=prefix))

        async def listed() -> list[str]:
            return [key async for key in self._store.ayield_keys(prefix=prefix)]

        keys: list[str] = self._run(listed())
        return keys


@pytest.fixture(params=["blocking", "async"])
def verbs(request: pytest.FixtureRequest, store: NativeByteStore) -> _Verbs:
    return _Verbs(store, asyncio.run if request.param == "async" else None)


def test_it_is_a_byte_store(store: NativeByteStore) -> None:
    assert isinstance(store, BaseStore)


def test_empty_batches(verbs: _Verbs) -> None:
    verbs.set([])
    assert verbs.get([]) == []
    verbs.delete([])
    assert verbs.keys() == []


def test_values_by_position(verbs: _Verbs) -> None:
    verbs.set([("a", b"1"), ("empty", b"")])
    assert verbs.get(["a", "absent", "empty", "a"]) == [b"1", None, b"", b"1"]
    assert all(type(value) is bytes for value in verbs.get(["a", "empty"]))


def test_the_last_duplicate_wins(verbs: _Verbs) -> None:
    verbs.set([("a", b"1"), ("b", b"2"), ("a", b"3")])
    assert verbs.get(["a", "b"]) == [b"3", b"2"]


def test_the_last_duplicate_wins_in_any_order_of_keys(verbs: _Verbs) -> None:
    entries = [(f"key-{i * 7 % 50}", str(i).encode()) for i in range(1_000)]
    verbs.set(entries)
    expected = dict(entries)
    assert verbs.get(expected) == list(expected.values())
    assert sorted(verbs.keys()) == sorted(expected)


def test_any_iterable_is_taken(verbs: _Verbs) -> None:
    entries = {"a": b"1", "b": b"2", "c": b"3"}
    verbs.set(entries.items())
    verbs.set((key, value) for key, value in [("d", b"4")])
    verbs.set([["e", b"5"]])  # a pair of any kind
    assert verbs.get(key for key in "abcde") == [b"1", b"2", b"3", b"4", b"5"]
    assert verbs.get(entries.keys()) == [b"1", b"2", b"3"]
    verbs.delete(iter(["a", "e"]))
    assert sorted(verbs.keys()) == ["b", "c", "d"]


class Point(ctypes.Structure):
    _fields_ = [("x", ctypes.c_uint8), ("y", ctypes.c_uint8)]


def test_any_bytes_are_taken(verbs: _Verbs) -> None:
    large = random.Random(1).randbytes(100_000)
    verbs.set(
        [
            ("bytearray", bytearray(b"mutable")),
            ("memoryview", memoryview(b"0123456789")[2:5]),
            ("array", array.array("B", b"array")),
            ("large", large),
            ("large view", memoryview(large)),
            ("every third", memoryview(large)[::3]),
            ("backwards", memoryview(b"abc")[::-1]),
            ("table", memoryview(b"abcdef").cast("B", (2, 3))),
            ("numbers", array.array("h", [1, -1])),
            ("record", np.array([(1, 2)], dtype=[("Odd", "u1"), ("Open", "u1")])),
            ("structure", Point(1, 2)),
            ("complex", np.array([1j])),
        ]
    )
    names = ["bytearray", "memoryview", "array", "large", "large view"]
    assert verbs.get(names) == [b"mutable", b"234", b"array", large, large]
    assert verbs.get(["every third", "backwards"]) == [large[::3], b"cba"]
    assert verbs.get(["table", "numbers"]) == [b"abcdef", bytes(array.array("h", [1, -1]))]
    assert verbs.get(["record", "structure"]) == [b"\1\2", b"\1\2"]
    assert verbs.get(["complex"]) == [np.array([1j]).tobytes()]


def test_a_buffer_may_change_after_the_call(store: NativeByteStore) -> None:
    value = bytearray(b"x" * 1_000)

    async def call() -> None:
        pending = asyncio.ensure_future(store.amset([("a", value)]))
        await asyncio.sleep(0)  # it has begun
        value[:] = b"y" * 1_000
        await pending

    asyncio.run(call())
    assert store.mget(["a"]) == [b"x" * 1_000]


def test_keys_stay_as_they_are(verbs: _Verbs) -> None:
    keys = ["with\x00NUL", "é", "e\u0301", "鍵", "🔑", "'\";--", " ", "k" * 65_535]
    verbs.set([(key, key.encode()) for key in keys])
    assert verbs.get(keys) == [key.encode() for key in keys]
    assert sorted(verbs.keys()) == sorted(keys)


def test_keys_are_listed_by_prefix(verbs: _Verbs) -> None:
    verbs.set([(f"{kind}:{i}", b"") for kind in ("doc", "dog", "é") for i in range(10)])
    assert sorted(verbs.keys("doc:")) == [f"doc:{i}" for i in range(10)]
    assert len(verbs.keys("do")) == 20
    assert len(verbs.keys("é")) == 10
    assert verbs.keys("e") == []
    assert len(verbs.keys("")) == len(verbs.keys()) == 30


def test_large_batches(verbs: _Verbs) -> None:
    entries = [(f"key-{i}", str(i).encode()) for i in range(10_000)]
    verbs.set(entries)
    keys = [key for key, _ in entries]
    assert verbs.get(keys) == [value for _, value in entries]
    assert sorted(verbs.keys()) == sorted(keys)
    verbs.delete(keys)
    assert verbs.keys() == []


@pytest.mark.parametrize("keys", ["key", b"key"])
def test_one_key_in_place_of_many_is_refused(verbs: _Verbs, keys: Any) -> None:
    with pytest.raises(TypeError, match="list"):
        verbs.get(keys)
    with pytest.raises(TypeError, match="list"):
        verbs.delete(keys)
    with pytest.raises(TypeError, match="list"):
        verbs.set(keys)


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "text",
        ["list"],
        1.5,
        np.int64(7),
        np.float32(1.5),
        np.str_("text"),
        np.array(7),
        np.array([None], dtype=object),
        np.array([(1, None)], dtype=[("number", "i4"), ("any", "O")]),
        ctypes.c_int(7),
        ctypes.c_char_p(b"text"),
        (ctypes.c_wchar_p * 1)("text"),
        ctypes.pointer(ctypes.c_int(7)),
    ],
    ids=repr,
)
def test_values_that_are_no_bytes_are_refused(verbs: _Verbs, value: Any) -> None:
    with pytest.raises(TypeError, match=rf"position 1 is (numpy\.)?{type(value).__name__}"):
        verbs.set([("a", b"1"), ("b", value)])
    assert verbs.get(["a"]) == [None]


def test_a_document_names_the_store_of_documents(store: NativeByteStore, verbs: _Verbs) -> None:
    class Page(Document):
        """Of a program."""

    for document in (Document("text"), Page(page_content="text")):
        with pytest.raises(
            TypeError, match=r"position 1 is (Document|Page), not bytes; .*create_kv_"
        ):
            verbs.set([("a", b"1"), ("b", document)])
    documents = create_kv_docstore(store)
    documents.mset([("b", Document("text"))])
    assert documents.mget(["a", "b"]) == [None, Document("text")]


@pytest.mark.parametrize("key", [None, 7, b"bytes", ("a", "b")])
def test_keys_that_are_no_text_are_refused(verbs: _Verbs, key: Any) -> None:
    expected = f"position 1 is {type(key).__name__}"
    with pytest.raises(TypeError, match=expected):
        verbs.get(["a", key])
    with pytest.raises(TypeError, match=expected):
        verbs.delete(["a", key])
    with pytest.raises(TypeError, match=expected):
        verbs.set([("a", b"1"), (key, b"2")])
    assert verbs.get(["a"]) == [None]


@pytest.mark.parametrize("entry", [("only",), ("a", b"1", 2), "ab", 7])
def test_entries_that_are_no_pairs_are_refused(verbs: _Verbs, entry: Any) -> None:
    with pytest.raises(TypeError, match="position 1"):
        verbs.set([("a", b"1"), entry])
    assert verbs.get(["a"]) == [None]


@pytest.mark.parametrize("key", ["", "k" * 65_536, "é" * 32_768])
def test_keys_of_a_wrong_length_are_refused(verbs: _Verbs, key: str) -> None:
    for call in (
        lambda: verbs.get(["a", key]),
        lambda: verbs.delete(["a", key]),
        lambda: verbs.set([("a", b"1"), (key, b"2")]),
    ):
        with pytest.raises(ValueError, match="1") as raised:
            call()
        assert isinstance(raised.value, InvalidArgumentError)
    assert verbs.get(["a"]) == [None]


def test_lone_surrogates_are_refused(verbs: _Verbs) -> None:
    with pytest.raises(UnicodeEncodeError):
        verbs.get(["\ud800"])
    with pytest.raises(UnicodeEncodeError, match="in the key at position 1"):
        verbs.set([("a", b"1"), ("\ud800", b"2")])
    with pytest.raises(UnicodeEncodeError):
        verbs.delete(["\ud800"])
    with pytest.raises(UnicodeEncodeError):
        verbs.keys("\ud800")
    assert verbs.get(["a"]) == [None]


def test_what_an_iterable_raises_goes_on(verbs: _Verbs) -> None:
    def keys() -> Iterator[str]:
        yield "a"
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        verbs.get(keys())
    with pytest.raises(LookupError, match="no more"):
        verbs.set((key, b"1") for key in keys())
    assert verbs.get(["a"]) == [None]


def test_listing_does_nothing_before_the_first_step(store: NativeByteStore) -> None:
    store.mset([("a", b"1")])
    keys = store.yield_keys()
    store.mset([("b", b"2")])
    assert isinstance(keys, Iterator)
    assert sorted(keys) == ["a", "b"]


def test_a_listing_may_be_left(store: NativeByteStore) -> None:
    store.mset([(f"{i}", b"") for i in range(5_000)])
    keys = store.yield_keys()
    assert next(keys)
    keys.close()  # type: ignore[attr-defined]

    async def first() -> str:
        async for key in store.ayield_keys():
            return key
        raise AssertionError("there are keys")

    assert asyncio.run(first())


def test_a_listing_ends_with_its_store(store: NativeByteStore) -> None:
    """Also where the library had read more by then."""
    store.mset([(f"{i:05}", b"") for i in range(20_000)])
    keys = store.yield_keys()
    for _ in range(10_000):
        next(keys)
    store.close()
    listed: list[str] = []
    with pytest.raises(OperationCancelledError):
        listed.extend(keys)
    assert len(listed) < 10_000


def test_a_listing_that_is_left_does_not_hold_its_folder(
    tmp_path: Path, in_folder: InFolder
) -> None:
    with in_folder(tmp_path / "store", sync=False) as store:
        store.mset([(f"{i:05}", b"") for i in range(20_000)])
        keys = store.yield_keys()
        for _ in range(10_000):
            next(keys)
    with in_folder(tmp_path / "store") as again:
        assert again.mget(["00000"]) == [b""]
    del keys


@pytest.mark.parametrize("prefix", [0, b"bytes"])
def test_a_prefix_that_is_no_text_is_refused(verbs: _Verbs, prefix: Any) -> None:
    with pytest.raises(TypeError, match=f"prefix is {type(prefix).__name__}, not str"):
        verbs.keys(prefix)


def test_what_an_entry_raises_goes_on(verbs: _Verbs) -> None:
    class Broken:
        def __iter__(self) -> Iterator[str]:
            raise LookupError("broken")

    with pytest.raises(LookupError, match="broken"):
        verbs.set([Broken()])
    with pytest.raises(TypeError, match="not a real one"):
        verbs.set([_a_mistake()])


def _a_mistake() -> Iterator[str]:
    yield "key"
    raise TypeError("not a real one")


def test_nothing_in_place_of_a_list_is_refused(verbs: _Verbs) -> None:
    for call in (verbs.get, verbs.set, verbs.delete):
        with pytest.raises(TypeError, match="not iterable"):
            call(None)


def test_the_prefix_is_keyword_only(store: NativeByteStore) -> None:
    with pytest.raises(TypeError):
        store.yield_keys("prefix")  # type: ignore[call-arg]


def test_the_number_of_keys_is_estimated(store: NativeByteStore) -> None:
    assert store.estimate_keys() >= 0
    assert asyncio.run(store.aestimate_keys()) >= 0


class _Configured(BaseModel, arbitrary_types_allowed=True):
    store: NativeByteStore


def test_a_copy_is_the_store_itself(store: NativeByteStore) -> None:
    assert copy.copy(store) is store
    assert copy.deepcopy({"store": store})["store"] is store
    assert _Configured(store=store).model_copy(deep=True).store is store


def test_a_store_cannot_be_pickled(store: NativeByteStore) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="cannot be pickled; open it where it is used"):
            pickle.dumps(store, protocol)


def test_a_store_ends_with_its_block(store: NativeByteStore) -> None:
    with store as same:
        assert same is store
        store.mset([("a", b"1")])
    with pytest.raises(Exception, match="closed"):
        store.mget(["a"])
    store.close()  # again


def test_a_store_ends_with_its_asynchronous_block(store: NativeByteStore) -> None:
    async def use() -> None:
        async with store as same:
            assert same is store
            await store.amset([("a", b"1")])
        with pytest.raises(Exception, match="closed"):
            await store.amget(["a"])
        await store.aclose()  # again

    asyncio.run(use())
