"""LangChain's standard tests of byte stores."""

from __future__ import annotations

from pathlib import Path

import pytest
from langchain_tests.integration_tests.base_store import BaseStoreAsyncTests, BaseStoreSyncTests

import langchain_bytestore
from langchain_bytestore import CassandraByteStore, NativeByteStore, RocksDBByteStore, Session


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


class _InMemory(_Values):
    @pytest.fixture
    def kv_store(self) -> NativeByteStore:
        return langchain_bytestore.open("memory:")


class TestCassandra(_OnCassandra, BaseStoreSyncTests[bytes]):
    pass


class TestCassandraAsync(_OnCassandra, BaseStoreAsyncTests[bytes]):
    pass


class TestRocksDB(_OnRocksDB, BaseStoreSyncTests[bytes]):
    pass


class TestRocksDBAsync(_OnRocksDB, BaseStoreAsyncTests[bytes]):
    pass


class TestMemory(_InMemory, BaseStoreSyncTests[bytes]):
    pass


class TestMemoryAsync(_InMemory, BaseStoreAsyncTests[bytes]):
    pass
