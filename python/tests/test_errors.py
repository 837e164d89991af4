"""What is raised."""

from __future__ import annotations

import asyncio
import pickle
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from conftest import Connect
from langchain_community.storage.cassandra import CassandraByteStore as Seed

import langchain_bytestore
from langchain_bytestore import (
    BatchError,
    CassandraByteStore,
    CorruptError,
    Error,
    InvalidArgumentError,
    KeyFailure,
    OperationCancelledError,
    RocksDBByteStore,
    SchemaError,
    Session,
    SetupMode,
    StoreTimeoutError,
    TooLargeError,
    UnavailableError,
    errors,
)

_TOO_LARGE = 17 << 20  # a server takes 16 MiB
_SECONDS = 30


@pytest.mark.parametrize(
    ("code", "built_in"),
    [
        ("invalid_argument", ValueError),
        ("not_configured", ValueError),
        ("setup_pending", ValueError),
        ("unauthorized", PermissionError),
        ("schema", ValueError),
        ("unavailable", ConnectionError),
        ("timeout", TimeoutError),
        ("overloaded", ConnectionError),
        ("too_large", ValueError),
        ("corrupt", ValueError),
        ("io", OSError),
        ("cancelled", Error),
    ],
)
def test_each_code_is_an_error_and_the_built_in_that_fits(
    code: str, built_in: type[Exception]
) -> None:
    single = errors.make(code, "words", None, None)
    batch = errors.make(code, "words", [(3, "key", code, "failed", "why")], [None, b"1"])
    for error in (single, batch):
        assert isinstance(error, Error) and isinstance(error, built_in)
        assert error.code == code
        assert type(error) is not Error
    assert str(batch) == "words"
    assert isinstance(batch, BatchError) and isinstance(batch, type(single))
    assert batch.failures == [KeyFailure(3, "key", code, "failed", "why")]
    assert batch.values == [None, b"1"]


def test_errors_can_be_pickled() -> None:
    failures = [(3, "key", "timeout", "unknown", "why")]
    for error in (
        errors.make("unavailable", "words", None, None),
        errors.make("timeout", "words", failures, [b"1"]),
    ):
        copy = pickle.loads(pickle.dumps(error))
        assert type(copy) is type(error) and str(copy) == "words"
        assert copy.__dict__ == error.__dict__


def test_a_batch_tells_which_keys_failed(cassandra_store: CassandraByteStore) -> None:
    with pytest.raises(BatchError) as raised:
        cassandra_store.mset([("a", b"1"), ("large", bytes(_TOO_LARGE)), ("b", b"2")])
    assert isinstance(raised.value, TooLargeError) and isinstance(raised.value, ValueError)
    [failure] = raised.value.failures
    assert (failure.index, failure.key) == (1, "large")
    assert (failure.code, failure.outcome) == ("too_large", "failed")
    assert raised.value.values is None
    assert cassandra_store.mget(["a", "large", "b"]) == [b"1", None, b"2"]


def test_a_failed_read_has_what_it_did_get(
    cassandra_store: CassandraByteStore, session: Session
) -> None:
    """No time is left for the keys that a call does not reach before its deadline."""
    entries = [(f"{i}", bytes(50_000)) for i in range(2_000)]
    cassandra_store.mset(entries)
    keys = [key for key, _ in entries]

    def partly_failed() -> BatchError:
        timeout = 0.01
        while timeout < _SECONDS:
            hurried = CassandraByteStore(
                cassandra_store.table,
                session=session,
                timeout=timeout,
                setup_mode=SetupMode.OFF,  # which has the same limit
                read_group_keys=1,
            )
            try:
                hurried.mget(keys)
                timeout *= 0.7
            except BatchError as error:
                if len(error.failures) < len(keys):
                    return error
                timeout *= 1.3
        raise AssertionError("all or none arrives")

    error = partly_failed()
    assert isinstance(error, StoreTimeoutError) and isinstance(error, TimeoutError)
    assert error.values is not None and len(error.values) == len(keys)
    failed = {failure.index for failure in error.failures}
    for position, value in enumerate(error.values):
        assert value == (None if position in failed else bytes(50_000))


def test_a_closed_store(tmp_path: Path) -> None:
    store = RocksDBByteStore(tmp_path / "store")
    keys = store.yield_keys()
    store.close()
    with pytest.raises(OperationCancelledError):
        store.mget(["a"])
    with pytest.raises(OperationCancelledError):
        asyncio.run(store.amset([("a", b"1")]))
    with pytest.raises(OperationCancelledError):
        next(keys)


def test_a_listing_that_is_not_finished_does_not_keep_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "store"
    store = RocksDBByteStore(path, sync=False)
    store.mset([(f"{i:05}", b"") for i in range(5_000)])
    keys = store.yield_keys()
    assert next(keys) == "00000"

    async def first() -> AsyncIterator[str]:
        more = store.ayield_keys()
        assert await anext(more) == "00000"
        return more

    more = asyncio.run(first())
    store.close()
    with RocksDBByteStore(path) as again:
        assert again.mget(["00000"]) == [b""]
    del keys, more


def test_a_folder_that_is_held(tmp_path: Path) -> None:
    with RocksDBByteStore(tmp_path / "store"):
        for spelling in (tmp_path / "store", f"{tmp_path}/./store/"):
            with pytest.raises(UnavailableError) as raised:
                RocksDBByteStore(spelling)
            assert isinstance(raised.value, ConnectionError)


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        RocksDBByteStore(tmp_path / "store", create_if_missing=False)
    assert not (tmp_path / "store").exists()


def test_a_store_that_is_only_read(tmp_path: Path) -> None:
    path = tmp_path / "store"
    with pytest.raises(UnavailableError):
        RocksDBByteStore(path, read_only=True)
    assert not path.exists()
    with RocksDBByteStore(path) as holder:
        holder.mset([("a", b"1")])
        with RocksDBByteStore(path, read_only=True) as reader:
            assert reader.mget(["a"]) == [b"1"]
            assert list(reader.yield_keys()) == ["a"]
            with pytest.raises(InvalidArgumentError, match="read_only"):
                reader.mset([("a", b"2")])
            with pytest.raises(InvalidArgumentError, match="read_only"):
                asyncio.run(reader.amdelete(["a"]))
    with langchain_bytestore.open(f"rocksdb:{path}?read_only=true") as reader:
        assert reader.mget(["a"]) == [b"1"]


def test_a_missing_log(tmp_path: Path) -> None:
    path = tmp_path / "store"
    script = (
        "import os, sys, langchain_bytestore\n"
        "store = langchain_bytestore.RocksDBByteStore(sys.argv[1])\n"
        "store.mset([('a', b'1')])\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)
    for log in path.glob("*.log"):
        log.unlink()
    with pytest.raises(CorruptError, match=r"write-ahead log \d+\.log is missing"):
        RocksDBByteStore(path)


def test_a_folder_that_is_deleted_while_it_is_open(tmp_path: Path) -> None:
    store = RocksDBByteStore(tmp_path / "store")
    shutil.rmtree(tmp_path / "store")
    with pytest.raises(UnavailableError, match="deleted"):
        store.mset([("a", b"1")])
    store.close()
    assert not (tmp_path / "store").exists()


def test_uris(tmp_path: Path) -> None:
    with langchain_bytestore.open(f"rocksdb:{tmp_path}/store?sync=false") as store:
        store.mset([("a", b"1")])
    with RocksDBByteStore(tmp_path / "store") as store:
        assert store.mget(["a"]) == [b"1"]
    with pytest.raises(InvalidArgumentError, match="rocksdb"):
        langchain_bytestore.open("rocks:db")
    with pytest.raises(InvalidArgumentError, match="sync"):
        langchain_bytestore.open(f"rocksdb:{tmp_path}/store?snyc=false")


@pytest.mark.parametrize(
    "uri",
    [
        "Cassandra://user:s/ecret@host/app?table=kv",
        " cassandra://user:secret@host/app?table=kv",
        "cassandra://user:secret/app?table=kv",
        "redis://user:secret@host",
        "rocksdb://user:secret@host",
        "user:secret@host",
        "//user:secret@host?secret=1",
    ],
)
def test_no_error_repeats_a_password(uri: str) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        langchain_bytestore.open(uri)
    assert "ecret" not in str(raised.value)
    assert "ecret" not in repr(raised.value)


def test_options_are_checked(session: Session, table: str) -> None:
    for options in (
        {"consistency": "MOST"},
        {"grouping": "some"},
        {"timestamps": "clock"},
        {"speculative_delay": 0},
        {"read_group_keys": 101},
        {"read_group_keys": -1},
    ):
        with pytest.raises(InvalidArgumentError):
            CassandraByteStore(table, session=session, **options)
    for level in ("quorum", "Quorum", "QUORUM"):
        assert CassandraByteStore(table, session=session, consistency=level).mget(["a"]) == [None]
    with pytest.raises(TypeError, match="read_group_keys"):
        CassandraByteStore(table, session=session, read_group_keys="many")  # type: ignore[arg-type]
    for mode in ("SYNC", HTTPStatus.OK, None):
        with pytest.raises(TypeError, match="setup_mode"):
            CassandraByteStore(table, session=session, setup_mode=mode)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="table is int, not str"):
        CassandraByteStore(7, session=session)  # type: ignore[arg-type]


def test_options_of_local_stores_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "store"
    for options in (
        {"sync": "false"},
        {"create_if_missing": 1},
        {"read_only": "true"},
        {"block_cache_bytes": 1.5},
    ):
        with pytest.raises(TypeError):
            RocksDBByteStore(path, **options)
    for size in (-1, 2**70):
        with pytest.raises(InvalidArgumentError, match="block_cache_bytes"):
            RocksDBByteStore(path, block_cache_bytes=size)
    with pytest.raises(InvalidArgumentError, match="path is empty"):
        RocksDBByteStore("")
    with pytest.raises(TypeError, match="RocksDBByteStore"):
        langchain_bytestore.open(path)  # type: ignore[arg-type]
    assert not path.exists()


@pytest.mark.parametrize("timeout", ["5", True, [5]])
def test_times_are_numbers(tmp_path: Path, session: Session, table: str, timeout: Any) -> None:
    path = tmp_path / "store"
    refused = f"timeout is {type(timeout).__name__}"
    with pytest.raises(TypeError, match=refused):
        RocksDBByteStore(path, timeout=timeout)
    with pytest.raises(TypeError, match=refused):
        langchain_bytestore.open(f"rocksdb:{path}", timeout=timeout)
    with pytest.raises(TypeError, match=refused):
        CassandraByteStore(table, session=session, timeout=timeout)
    assert not path.exists()


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_times_are_checked(tmp_path: Path, session: Session, table: str, timeout: float) -> None:
    """Before anything is created."""
    path = tmp_path / "store"
    with pytest.raises(InvalidArgumentError, match="timeout"):
        RocksDBByteStore(path, timeout=timeout)
    with pytest.raises(InvalidArgumentError, match="timeout"):
        langchain_bytestore.open(f"rocksdb:{path}", timeout=timeout)
    assert not path.exists()
    with pytest.raises(InvalidArgumentError, match="timeout"):
        CassandraByteStore(table, session=session, timeout=timeout)
    with pytest.raises(SchemaError):
        CassandraByteStore(table, session=session, setup_mode=SetupMode.OFF).mget(["a"])


def test_options_of_sessions_are_checked(connect: Connect) -> None:
    with pytest.raises(InvalidArgumentError, match="consistency"):
        connect(consistency="MOST")
    with pytest.raises(ValueError, match="connect_timeout"):
        connect(connect_timeout=-1)
    with pytest.raises(TypeError, match="nonsense"):
        connect(nonsense=1)
    with pytest.raises(ValueError, match="port"):
        connect(port=70_000)
    for options in ({"tls_verify": "chain"}, {"tls_name": "node"}, {"tls_key": "key.pem"}):
        with pytest.raises(InvalidArgumentError, match="tls_ca"):
            connect(**options)
    with pytest.raises(InvalidArgumentError, match="/no/such/file"):
        connect(tls_ca="/no/such/file")
    for name in ("tls_ca", "tls_certificate", "tls_key", "tls_name"):
        with pytest.raises(InvalidArgumentError, match=f"{name} wants .* not empty"):
            connect(**{name: ""})


@pytest.mark.parametrize("password", [b"s3cret", ["s3cret"], "s3cret\udc80"])
def test_a_password_is_not_shown(connect: Connect, password: Any) -> None:
    with pytest.raises(TypeError, match="password") as raised:
        connect(username="user", password=password)
    assert "s3cret" not in str(raised.value)


def test_a_cluster_that_is_not_there() -> None:
    with pytest.raises(ConnectionError):
        langchain_bytestore.connect("127.0.0.1:1", connect_timeout=5)
    with pytest.raises(ConnectionError):
        asyncio.run(langchain_bytestore.aconnect("127.0.0.1:1", connect_timeout=5))
    with pytest.raises(langchain_bytestore.NotConfiguredError):
        langchain_bytestore.connect([])


def test_a_keyspace_or_table_that_does_not_fit(session: Session, table: str, seed: Seed) -> None:
    with pytest.raises(SchemaError, match="no_such_keyspace"):
        CassandraByteStore(table, session=session, keyspace="no_such_keyspace")
    seed.session.execute(f"CREATE TABLE {seed.keyspace}.{table}_other (id INT PRIMARY KEY)")
    with pytest.raises(ValueError, match="row_id"):
        CassandraByteStore(f"{table}_other", session=session)


def test_table_names_are_checked(session: Session) -> None:
    for name in ("a b", "a;DROP TABLE b", "", "é", "t" * 223):
        with pytest.raises(InvalidArgumentError):
            CassandraByteStore(name, session=session)
