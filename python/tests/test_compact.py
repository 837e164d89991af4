"""The space of what was deleted, on RocksDB."""

from __future__ import annotations

import os
from pathlib import Path
from typing import List, Tuple

import pytest

from langchain_bytestore import OperationCancelledError, RocksDBByteStore

VALUES = 200


def filled(path: Path) -> RocksDBByteStore:
    store = RocksDBByteStore(path, sync=False)
    store.mset([(str(i), os.urandom(100_000)) for i in range(VALUES)])
    store.mdelete([str(i) for i in range(VALUES) if i % 10])
    return store


def test_compact_frees_the_space_of_deleted_values(tmp_path: Path) -> None:
    with RocksDBByteStore(tmp_path / "s", sync=False) as store:
        store.mset([(str(i), os.urandom(100_000)) for i in range(VALUES)])
        store.compact()
        store.mdelete([str(i) for i in range(VALUES) if i % 10])
        compacted = store.compact()
        assert compacted.bytes_before > VALUES * 90_000
        assert compacted.bytes_after < VALUES * 20_000
        assert sorted(store.yield_keys(), key=int) == [str(i) for i in range(0, VALUES, 10)]


def test_compact_tells_how_far_it_is(tmp_path: Path) -> None:
    told: List[Tuple[int, int]] = []
    with filled(tmp_path / "s") as store:
        compacted = store.compact(
            on_progress=lambda written, before: told.append((written, before))
        )
    assert told
    assert all(before == compacted.bytes_before for _, before in told)


def test_what_is_raised_meanwhile_ends_it(tmp_path: Path) -> None:
    def stop(written: int, before: int) -> None:
        raise KeyError("stop")

    with RocksDBByteStore(tmp_path / "s", sync=False) as store:
        store.mset([(str(i), os.urandom(1_000_000)) for i in range(VALUES)])
        with pytest.raises(KeyError, match="stop"):
            store.compact(on_progress=stop)
        store.compact()


def test_a_closed_store_is_not_compacted(tmp_path: Path) -> None:
    store = filled(tmp_path / "s")
    store.close()
    with pytest.raises(OperationCancelledError):
        store.compact()
