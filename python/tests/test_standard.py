"""LangChain's standard tests of byte stores."""

from __future__ import annotations

from pathlib import Path

import pytest
from langchain_tests.integration_tests.base_store import BaseStoreAsyncTests, BaseStoreSyncTests
from servers import KEYSPACE, Server

import langchain_bytestore
from langchain_bytestore import (
    CassandraByteStore,
    LmdbByteStore,
    NativeByteStore,
    RocksDBByteStore,
    Session,
)


class _Values:
    @pytest.fixture
    def three_values(self) -> tuple[bytes, bytes, bytes]:
        return b"", b"\x00\xff", b"three"


class _OnCassandra(_Values):
    @pytest.fixture
    def kv_store(self, session: Session, table: str) -> CassandraByteStore:
        return CassandraByteStore(table, session=session)


class _OnRocksDB(_Values):
    @pytest.fixture
    def kv_store(self, tmp_path: Path) -> RocksDBByteStore:
        return RocksDBByteStore(tmp_path / "store")


class _OnLmdb(_Values):
    @pytest.fixture
    def kv_store(self, tmp_path: Path) -> LmdbByteStore:
        return LmdbByteStore(tmp_path / "store")


class _InMemory(_Values):
    @pytest.fixture
    def kv_store(self) -> NativeByteStore:
        return langchain_bytestore.open("memory:")


class _OnCassandraByURI(_Values):
    @pytest.fixture
    def kv_store(self, server: Server, table: str) -> NativeByteStore:
        return langchain_bytestore.open(f"cassandra://{server.address}/{KEYSPACE}?table={table}")


class _OnRocksDBByURI(_Values):
    @pytest.fixture
    def kv_store(self, tmp_path: Path) -> NativeByteStore:
        return langchain_bytestore.open(f"rocksdb:{tmp_path}/store")


class TestCassandra(_OnCassandra, BaseStoreSyncTests[bytes]):
    pass


class TestCassandraAsync(_OnCassandra, BaseStoreAsyncTests[bytes]):
    pass


class TestRocksDB(_OnRocksDB, BaseStoreSyncTests[bytes]):
    pass


class TestRocksDBAsync(_OnRocksDB, BaseStoreAsyncTests[bytes]):
    pass


class TestLmdb(_OnLmdb, BaseStoreSyncTests[bytes]):
    pass


class TestLmdbAsync(_OnLmdb, BaseStoreAsyncTests[bytes]):
    pass


class TestMemory(_InMemory, BaseStoreSyncTests[bytes]):
    pass


class TestMemoryAsync(_InMemory, BaseStoreAsyncTests[bytes]):
    pass


class TestCassandraByURI(_OnCassandraByURI, BaseStoreSyncTests[bytes]):
    pass


class TestCassandraByURIAsync(_OnCassandraByURI, BaseStoreAsyncTests[bytes]):
    pass


class TestRocksDBByURI(_OnRocksDBByURI, BaseStoreSyncTests[bytes]):
    pass


class TestRocksDBByURIAsync(_OnRocksDBByURI, BaseStoreAsyncTests[bytes]):
    pass
