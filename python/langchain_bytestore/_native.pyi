class Operation:
    """A call in flight."""

    def cancel(self) -> None: ...

class Store:
    """A store of the library, which NativeByteStore wraps."""

    def mget(self, keys: object | None, deadline: float | None) -> list[bytes | None]: ...

    def mset(self, entries: object | None, deadline: float | None) -> None: ...

    def mdelete(self, keys: object | None, deadline: float | None) -> None: ...

    def estimate_keys(self, deadline: float | None) -> int: ...

    def check_ready(self) -> None: ...

    def close(self, seconds: float) -> None: ...

    def interrupt(self) -> None: ...

    def amget(self, keys: object | None, deadline: float | None, loop: object, settle: object) -> Operation: ...

    def amset(self, entries: object | None, deadline: float | None, loop: object, settle: object) -> Operation: ...

    def amdelete(self, keys: object | None, deadline: float | None, loop: object, settle: object) -> Operation: ...

    def aestimate_keys(self, deadline: float | None, loop: object, settle: object) -> Operation: ...

    def aclose(self, seconds: float, loop: object, settle: object) -> None: ...

class KeyPages:
    """A listing of keys, page by page; an empty page is the end."""

    def __init__(self, store: Store, prefix: object | None, reads_ahead: bool = False) -> None: ...

    def next_page(self) -> list[str]: ...

    def anext_page(self, loop: object, settle: object) -> None: ...

    def cancel(self) -> None: ...

class LatencyStats:
    """The distribution of a duration, in seconds; 0 if nothing was counted."""

    @property
    def count(self) -> int: ...

    @property
    def p50(self) -> float: ...

    @property
    def p90(self) -> float: ...

    @property
    def p99(self) -> float: ...

    @property
    def p999(self) -> float: ...

    @property
    def max(self) -> float: ...

class VerbStats:
    """What one verb of a store has done since the store was opened."""

    @property
    def calls(self) -> int:
        """Calls that have ended."""

    @property
    def keys(self) -> int:
        """Keys of these calls."""

    @property
    def requests(self) -> int:
        """Requests for keys that were sent to servers."""

    @property
    def retries(self) -> int:
        """Retries, also of statement preparation."""

    @property
    def speculative(self) -> int:
        """Speculative requests, sent because the first was slow."""

    @property
    def bytes_sent(self) -> int:
        """Bytes of keys and values."""

    @property
    def bytes_received(self) -> int:
        """Bytes of keys and values."""

    @property
    def failures(self) -> dict[str, int]:
        """How many keys did not succeed, by code."""

    @property
    def call_latency(self) -> LatencyStats: ...

    @property
    def request_latency(self) -> LatencyStats: ...

class CassandraStats:
    """What a store has done, and the present state of its session."""

    @property
    def mget(self) -> VerbStats: ...

    @property
    def mset(self) -> VerbStats: ...

    @property
    def mdelete(self) -> VerbStats: ...

    @property
    def yield_keys(self) -> VerbStats: ...

    @property
    def requests_in_flight(self) -> int: ...

    @property
    def window(self) -> int:
        """How many requests may be in flight now."""

    @property
    def server_warnings(self) -> int: ...

class Session:
    """
    The connections to a cluster, which any number of stores may share. `langchain_bytestore.connect` makes it. The connections end soon after the last store and reference are gone.
    """

    @property
    def keyspace(self) -> str:
        """The keyspace of stores that do not name one; may be empty."""

    @property
    def local_datacenter(self) -> str:
        """The local datacenter that was named or inferred."""

    @property
    def warnings(self) -> list[str]:
        """
        The problems that were found while connecting: clocks that differ, or a keyspace with the SimpleStrategy in a cluster of several datacenters.
        """

    def __repr__(self) -> str: ...

def connect(options: dict[str, object]) -> Session: ...

def aconnect(options: dict[str, object], loop: object, settle: object) -> Operation: ...

class CassandraStore(Store):
    def __init__(self, table: str, session: Session, options: dict[str, object]) -> None: ...

    def ensure_db_setup(self) -> None: ...

    def aensure_db_setup(self, loop: object, settle: object) -> None: ...

    def stats(self) -> CassandraStats: ...

    def select_cql(self) -> str: ...

    def insert_cql(self) -> str: ...

    def delete_cql(self) -> str: ...

def open_uri(uri: str, create_if_missing: bool, timeout: float | None) -> Store: ...

def open_rocksdb(path: bytes, sync: bool, create_if_missing: bool, read_only: bool, block_cache_bytes: int | None) -> Store: ...

def compact_rocksdb(store: Store, on_progress: object | None) -> tuple[int, int]:
    """
    Compacts a store on RocksDB. `on_progress` is called with the bytes that were written and those before, or is None; what it raises, and what a signal handler raises, ends the compaction.
    """

def open_lmdb(path: bytes, sync: bool, create_if_missing: bool) -> Store: ...

def end() -> None: ...

def after_fork() -> None: ...

def warn_of_leaks() -> None:
    """
    Makes the end of the process report native objects that are left. For tests.
    """

def version() -> str: ...
