"""Who is measured: how to run each, and what it can do."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_ALL = frozenset({"mset", "mget", "mdelete", "keys"})
_BY_KEY = _ALL - {"keys"}


@dataclass(frozen=True)
class Contender:
    name: str
    title: str
    program: Callable[[Path], list[str]]  # from the folder of built programs to a command line
    verbs: frozenset[str] = _ALL
    slow: bool = False  # takes minutes for what others do in a second
    swept: bool = False  # takes --window and --threads, to be found by a sweep
    peer: str = "bytestore"  # of ours, the one that it is compared with


def _built(name: str, *options: str) -> Callable[[Path], list[str]]:
    return lambda programs: [str(programs / name), *options]


def _client(name: str, *options: str) -> Callable[[Path], list[str]]:
    module = f"{__package__}.clients.{name}"
    return lambda _: [sys.executable, "-W", "ignore", "-m", module, *options]


ON_CASSANDRA = (
    Contender("bytestore", "bytestore", _built("cassandra_bench")),
    Contender(
        "ungrouped", "bytestore, grouping off", _built("cassandra_bench", "--grouping", "off")
    ),
    Contender(
        "speculative",
        "bytestore, speculative requests after 50 ms",
        _built("cassandra_bench", "--speculative-delay", "50"),
    ),
    Contender("python", "bytestore from Python", _client("bytestore_python")),
    Contender(
        "python_awaited",
        "bytestore from Python, asynchronous",
        _client("bytestore_python", "--awaited"),
    ),
    Contender("seed", "LangChain's CassandraByteStore", _client("seed"), slow=True),
    Contender(
        "seed_nodelay",
        "LangChain's CassandraByteStore, TCP_NODELAY",
        _client("seed", "--nodelay"),
        slow=True,
    ),
    Contender("python_driver", "Python driver by itself", _client("python_driver")),
    Contender(
        "acsylla_128",
        "acsylla, 128 in flight",
        _client("acsylla_client", "--in-flight", "128"),
        _BY_KEY,
    ),
    Contender(
        "acsylla_512",
        "acsylla, 512 in flight",
        _client("acsylla_client", "--in-flight", "512"),
        _BY_KEY,
    ),
    Contender(
        "limit",
        "the limit: a loop by hand on the scylla driver",
        _built("limit/bytestore-limit"),
        swept=True,
    ),
)

EMBEDDED = (
    Contender(
        "rocksdb_sync",
        "bytestore on RocksDB, sync=true",
        _built("embedded_bench"),
        peer="rocksdb_sync",
    ),
    Contender(
        "rocksdb_nosync",
        "bytestore on RocksDB, sync=false",
        _built("embedded_bench", "--sync", "false"),
        peer="rocksdb_nosync",
    ),
    Contender(
        "python_sync",
        "bytestore on RocksDB from Python, sync=true",
        _client("bytestore_python"),
        peer="rocksdb_sync",
    ),
    Contender(
        "python_nosync",
        "bytestore on RocksDB from Python, sync=false",
        _client("bytestore_python", "--sync", "false"),
        peer="rocksdb_nosync",
    ),
    # Each is compared with the one of ours that promises as much.
    Contender(
        "sqlite",
        "LangChain's SQLStore on SQLite (syncs)",
        _client("sql_store"),
        peer="rocksdb_sync",
    ),
    Contender(
        "local_files",
        "LangChain's LocalFileStore (does not sync)",
        _client("local_files"),
        peer="rocksdb_nosync",
    ),
)

BY_NAME = {contender.name: contender for contender in (*ON_CASSANDRA, *EMBEDDED)}
