"""The store on Apache Cassandra; it replaces `langchain_community.storage.CassandraByteStore`."""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import Any, Callable, Optional, Tuple, Union

from langchain_bytestore import _greenlets, _native
from langchain_bytestore._checks import check_timeout, check_type
from langchain_bytestore._driver_session import (
    DriverSession,
    consistency_of,
    is_of_driver,
    keyspace_of,
    taken_over,
    timestamps_of,
)
from langchain_bytestore._outcome import outcome, running_loop
from langchain_bytestore._store import NativeByteStore
from langchain_bytestore.errors import NotConfiguredError
from langchain_bytestore.session import (
    Session,
    cassio_default,
    check_session,
    default,
)

__all__ = ["CassandraByteStore", "PreparedStatement", "SetupMode"]


class SetupMode(Enum):
    """When a store looks up its table, and creates it if it does not exist."""

    SYNC = 1  # before the constructor returns
    ASYNC = 2  # in the background; blocking calls fail until then, and asynchronous ones wait
    OFF = 3  # never


class PreparedStatement:
    """A statement that the store has prepared.

    Attributes:
        query_string: The text of the statement.
    """

    def __init__(self, query_string: str) -> None:
        self.query_string = query_string

    def __repr__(self) -> str:
        return f"PreparedStatement({self.query_string!r})"


_LONGEST_TIMEOUT = 1e9  # seconds; a longer one is as good as none

# The methods that the verbs of LangChain's own store call, and which verbs call them.
_NOT_CALLED = {
    "get_select_statement": "mget and amget",
    "get_insert_statement": "mset and amset",
    "get_delete_statement": "mdelete and amdelete",
    "ensure_db_setup": "mget, mset, mdelete and yield_keys",
    "aensure_db_setup": "amget, amset, amdelete and ayield_keys",
}


class CassandraByteStore(NativeByteStore):
    """A store in a table of Apache Cassandra or ScyllaDB.

    The table is that of LangChain's `CassandraByteStore`, and both may use it at the same time.

    A subclass may override the verbs. Overriding the statement getters or the set-up raises
    `TypeError`: the verbs of LangChain's store call them, but the verbs of this store do not.

    Args:
        table: The name of the table. Like that of the keyspace, it is folded to lower case unless
            it is in double quotes.
        session: A `Session`, or a `cassandra.cluster.Session` of the Python driver, whose contact
            points, credentials, TLS files, local datacenter and consistency are taken over. If
            None, the store uses the session of cassio if that was initialised, else that of
            `langchain_bytestore.init`.
        keyspace: The keyspace of the table. If None, it is that of `session` if this is a `Session`
            that has one, else that of cassio or `langchain_bytestore.init`, else the session's.
        setup_mode: When the table is created. `ASYNC` needs a running event loop.
        consistency: As in `connect`. If None, it is the session's.
        timeout: Seconds that a call may take; it does not apply to listings. Keys that are not done
            by then fail with `timeout`. It also limits the set-up with `SYNC`, and connecting to
            the cluster of a driver's session. If None, only the session's `give_up_after` limits
            each key and the set-up.
        timestamps: Who gives a write its timestamp: `"client"` or `"server"`. With `"server"`, a
            write that may have been applied is not retried. All clients of a table must have the
            same: timestamps of two kinds lose later writes. If None, it is what the driver's
            session uses, else `"client"`.
        speculative_delay: Seconds after which a speculative request is sent to another replica if a
            request is not answered. If None, none is sent.
        grouping: With `"replica_set"`, keys that the same nodes hold share requests. With `"off"`,
            each key has a request of its own.
        read_group_keys: How many keys one request may read or delete: 1 to 100. If the server
            allows fewer, the store finds that out, and keeps to it.
        write_group_rows: How many rows one batch may write: 1 to 100.
        write_group_bytes: How many bytes one batch may have, as the server counts them.
        response_target_bytes: The target size of one response in bytes.

    Raises:
        ValueError: "DB session not set." or "DB keyspace not set."; a name is not valid; a setting
            of the driver's session cannot be taken over; the keyspace is missing, or the table has
            other columns.
        RuntimeError: `setup_mode` is `ASYNC`, and no event loop is running.
        PermissionError: The role may not create the table, or may not read it without masks.
        ConnectionError, TimeoutError: The cluster cannot be reached.

    Example:
        ```python
        from langchain_bytestore import CassandraByteStore, connect

        session = connect(["127.0.0.1"], keyspace="app")
        store = CassandraByteStore("embeddings", session=session)
        store.mset([("a", b"1")])
        store.mget(["a", "b"])  # [b"1", None]
        ```
    """

    _native_store: _native.CassandraStore

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name, verbs in _NOT_CALLED.items():
            if getattr(cls, name) is not getattr(CassandraByteStore, name):
                raise TypeError(
                    f"{cls.__name__} overrides {name}, which no verb calls; override {verbs}"
                )

    def __init__(
        self,
        table: str,
        *,
        session: Optional[Union[Session, DriverSession]] = None,
        keyspace: Optional[str] = None,
        setup_mode: SetupMode = SetupMode.SYNC,
        consistency: Optional[str] = None,
        timeout: Optional[float] = None,
        timestamps: Optional[str] = None,
        speculative_delay: Optional[float] = None,
        grouping: str = "replica_set",
        read_group_keys: int = 32,
        write_group_rows: int = 10,
        write_group_bytes: int = 5_000,
        response_target_bytes: int = 1 << 20,
    ) -> None:
        check_type("table", table, str)
        check_timeout(timeout)
        mode = _setup_mode(setup_mode)
        loop = running_loop() if mode is SetupMode.ASYNC else None
        self.table = table
        self.session, self.keyspace = _resolved(session, keyspace)
        ours = self.session
        if is_of_driver(self.session):
            consistency = consistency or consistency_of(self.session)
            timestamps = timestamps or timestamps_of(self.session)
            ours = taken_over(self.session, timeout)
        native = _greenlets.open_table(
            table,
            ours,
            {
                "keyspace": self.keyspace,
                "setup_mode": mode.name,
                "setup_deadline": _setup_deadline(mode, timeout),
                "consistency": consistency,
                "timestamps": timestamps,
                "speculative_delay": speculative_delay,
                "grouping": grouping,
                "read_group_keys": read_group_keys,
                "write_group_rows": write_group_rows,
                "write_group_bytes": write_group_bytes,
                "response_target_bytes": response_target_bytes,
            },
        )
        super().__init__(native, timeout)
        self.select_statement: Any = None
        self.insert_statement: Any = None
        self.delete_statement: Any = None
        self.db_setup_task: Optional[asyncio.Task[None]] = None
        if loop is not None:
            self.db_setup_task = loop.create_task(self.aensure_db_setup())
            self.db_setup_task.add_done_callback(_look_at_outcome)

    def ensure_db_setup(self) -> None:
        """Checks that the set-up of the table has finished; does not wait.

        Raises:
            ValueError: It has not finished.
            Error: It has failed; this is its error.
        """
        self._native_store.ensure_db_setup()

    async def aensure_db_setup(self) -> None:
        """Waits until the set-up of the table is finished."""
        await outcome(self._native_store.aensure_db_setup)

    def get_select_statement(self) -> Any:
        """Returns the prepared statement that reads.

        With a session of the Python driver, it is a statement for a list of keys that this session
        can execute, as in LangChain's own store. Otherwise it is a `PreparedStatement` for one key.

        The verbs do not execute it, so changing it, such as its `consistency_level`, has no effect
        on them. Pass `consistency` to the store instead.
        """
        if self.select_statement is None:
            self.select_statement = self._prepared(
                self._native_store.select_cql, "SELECT row_id, body_blob FROM {} WHERE row_id IN ?"
            )
        return self.select_statement

    def get_insert_statement(self) -> Any:
        """Returns the prepared statement that writes an entry; see `get_select_statement`."""
        if self.insert_statement is None:
            self.insert_statement = self._prepared(
                self._native_store.insert_cql, "INSERT INTO {} (row_id, body_blob) VALUES (?, ?)"
            )
        return self.insert_statement

    def get_delete_statement(self) -> Any:
        """Returns the prepared statement that deletes; see `get_select_statement`."""
        if self.delete_statement is None:
            self.delete_statement = self._prepared(
                self._native_store.delete_cql, "DELETE FROM {} WHERE row_id IN ?"
            )
        return self.delete_statement

    def stats(self) -> _native.CassandraStats:
        """Returns what this store has done, and the present state of its session."""
        return self._native_store.stats()

    def _prepared(self, ours: Callable[[], str], drivers: str) -> Any:
        if is_of_driver(self.session):
            name = f"{_quoted(self.keyspace)}.{_quoted(self.table)}"
            return self.session.prepare(drivers.format(name))
        return PreparedStatement(_greenlets.call(ours))


def _setup_deadline(mode: SetupMode, timeout: Optional[float]) -> Optional[float]:
    """With `ASYNC`, the calls that wait for the set-up have the timeout, and not the set-up."""
    if mode is not SetupMode.SYNC or timeout is None:
        return None
    return min(timeout, _LONGEST_TIMEOUT)


def _setup_mode(given: Any) -> SetupMode:
    """Returns our value for one of ours or of LangChain's own enumeration."""
    name = given.name if isinstance(given, Enum) else ""
    if name not in SetupMode.__members__:
        raise TypeError(f"setup_mode is {given!r}, not SetupMode.SYNC, ASYNC or OFF")
    return SetupMode[name]


def _look_at_outcome(task: asyncio.Task[None]) -> None:
    """Reads the task's exception: each call raises it, so that nothing needs to await the task."""
    if not task.cancelled():
        task.exception()


def _quoted(name: str) -> str:
    return name if name.startswith('"') else f'"{name.lower()}"'


def _resolved(session: Any, keyspace: Optional[str]) -> Tuple[Any, str]:
    """Returns the session and keyspace that were given, else those of cassio, else those of `init`.

    The keyspace of a session of ours comes before those of cassio and `init`; that of a session of
    the driver comes after them, as in LangChain's store.
    """
    cassio_session, cassio_keyspace = cassio_default()
    init_session, init_keyspace = default()
    if session is None:
        session = cassio_session or init_session
        fallback = cassio_keyspace if cassio_session else init_keyspace
    else:
        check_session(session)
        fallback = cassio_keyspace or init_keyspace
        if isinstance(session, Session):
            fallback = keyspace_of(session) or fallback
    keyspace = keyspace or fallback or keyspace_of(session)
    if not keyspace:
        raise NotConfiguredError("DB keyspace not set.")
    if session is None:
        raise NotConfiguredError("DB session not set.")
    return session, keyspace
