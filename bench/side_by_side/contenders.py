"""Who is measured: how to run each, and what it can do."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
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
    called_at_once: bool = False  # takes --callers
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

def _syncing(
    name: str, title: str, program: Callable[[Path], list[str]], peer: str = "rocksdb_sync"
) -> Contender:
    """A contender whose every call is on disk when it returns; it reads as the one that is not."""
    return Contender(name, title, program, frozenset({"mset", "mdelete"}), slow=True, peer=peer)


def _called_at_once(
    name: str, title: str, program: Callable[[Path], list[str]], peer: str
) -> Contender:
    """The same, and any number of threads may call it at once."""
    return replace(_syncing(name, title, program, peer), called_at_once=True)


def _embedded(
    name: str, title: str, program: Callable[[Path], list[str]], peer: str = "python_nosync"
) -> Contender:
    return Contender(name, title, program, peer=peer)


EMBEDDED = (
    _embedded(
        "python_nosync",
        "bytestore from Python, sync=false",
        _client("bytestore_python", "--sync", "false"),
    ),
    _embedded("rocksdb_nosync", "bytestore, sync=false", _built("embedded_bench", "--sync=false")),
    _embedded(
        "python_lmdb_nosync",
        "bytestore from Python on LMDB, sync=false",
        _client("bytestore_python", "--store", "lmdb", "--sync", "false"),
    ),
    _embedded(
        "cpp_lmdb_nosync",
        "bytestore on LMDB, sync=false",
        _built("embedded_bench", "--store=lmdb", "--sync=false"),
        peer="python_lmdb_nosync",
    ),
    _embedded("raw_rocksdb", "RocksDB itself, from C++", _built("embedded_bench", "--raw")),
    _embedded("rocksdict", "rocksdict", _client("rocksdict_client")),
    _embedded(
        "lmdb_nosync",
        "py-lmdb, sync=False",
        _client("lmdb_client", "--sync", "false"),
        peer="python_lmdb_nosync",
    ),
    _embedded("sqlite_normal", "sqlite3, WAL, NORMAL", _client("sqlite_client", "--synchronous", "NORMAL")),
    _called_at_once(
        "rocksdb_sync", "bytestore, sync=true", _built("embedded_bench"), "rocksdb_sync"
    ),
    _called_at_once(
        "python_sync",
        "bytestore from Python, sync=true",
        _client("bytestore_python"),
        "rocksdb_sync",
    ),
    _called_at_once(
        "python_lmdb_sync",
        "bytestore from Python on LMDB, sync=true",
        _client("bytestore_python", "--store", "lmdb"),
        "rocksdb_sync",
    ),
    _called_at_once(
        "cpp_lmdb_sync",
        "bytestore on LMDB, sync=true",
        _built("embedded_bench", "--store=lmdb"),
        "python_lmdb_sync",
    ),
    _called_at_once("lmdb_sync", "py-lmdb", _client("lmdb_client"), "python_lmdb_sync"),
    _syncing("sqlite_full", "sqlite3, WAL, FULL", _client("sqlite_client", "--synchronous", "FULL")),
    replace(_embedded("diskcache", "diskcache", _client("diskcache_client")), slow=True),
    replace(
        _embedded("local_files", "LangChain's LocalFileStore", _client("local_files")), slow=True
    ),
)

FAST_EMBEDDED = tuple(each.name for each in EMBEDDED if not each.slow)

BY_NAME = {contender.name: contender for contender in (*ON_CASSANDRA, *EMBEDDED)}
