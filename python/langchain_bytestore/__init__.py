"""Byte stores for LangChain on Apache Cassandra, RocksDB and LMDB, by a native library.

`CassandraByteStore` replaces the one of `langchain_community.storage`: change the import, and the
program runs as before on the same table.
"""

from __future__ import annotations

import atexit
import os
from typing import Optional

from langchain_bytestore import _greenlets, _native
from langchain_bytestore._checks import check_timeout, check_type
from langchain_bytestore._store import NativeByteStore
from langchain_bytestore.cassandra import CassandraByteStore, PreparedStatement, SetupMode
from langchain_bytestore.errors import (
    BatchError,
    CorruptError,
    Error,
    InvalidArgumentError,
    KeyFailure,
    NotConfiguredError,
    OperationCancelledError,
    OverloadedError,
    SchemaError,
    SetupPendingError,
    StorageError,
    StoreTimeoutError,
    TooLargeError,
    UnauthorizedError,
    UnavailableError,
)
from langchain_bytestore.lmdb import LmdbByteStore
from langchain_bytestore.rocksdb import RocksDBByteStore
from langchain_bytestore.session import Session, aconnect, connect, init, shutdown

__version__ = _native.version()

__all__ = [
    "BatchError",
    "CassandraByteStore",
    "CorruptError",
    "Error",
    "InvalidArgumentError",
    "KeyFailure",
    "LmdbByteStore",
    "NativeByteStore",
    "NotConfiguredError",
    "OperationCancelledError",
    "OverloadedError",
    "PreparedStatement",
    "RocksDBByteStore",
    "SchemaError",
    "Session",
    "SetupMode",
    "SetupPendingError",
    "StorageError",
    "StoreTimeoutError",
    "TooLargeError",
    "UnauthorizedError",
    "UnavailableError",
    "__version__",
    "aconnect",
    "connect",
    "init",
    "shutdown",
]


def open(  # noqa: A001 - the library's name for it
    uri: str, *, create_if_missing: bool = True, timeout: Optional[float] = None
) -> NativeByteStore:
    """Opens the store that a URI names.

    Args:
        uri: `memory:`, `rocksdb:PATH`, `lmdb:PATH` or
            `cassandra://[USER[:PASSWORD]@]HOST[:PORT][,...]/KEYSPACE?table=TABLE[&...]`.
        create_if_missing: Whether to create a store that does not exist.
        timeout: Seconds that a call may take, and opening the store too. If None, only the store's
            own limits apply.

    Raises:
        Error: `invalid_argument` for an unknown scheme or parameter; the message lists the valid
            ones. Also the errors of opening the store.
    """
    check_type("uri", uri, str, "; RocksDBByteStore takes a path")
    check_type("create_if_missing", create_if_missing, bool)
    check_timeout(timeout)
    store = _greenlets.call(_native.open_uri, uri, create_if_missing, timeout)
    return NativeByteStore(store, timeout)


# Threads of the library must have left the interpreter before it ends.
atexit.register(_native.end)
os.register_at_fork(after_in_child=_native.after_fork)
