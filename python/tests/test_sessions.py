"""Whose session and keyspace a store has."""

from __future__ import annotations

import asyncio
import inspect
import logging
import socket
import sys
import time
from typing import Any, get_type_hints

import cassio.config
import pytest
from cassandra.cluster import Session as DriverSession
from conftest import Connect
from forwarder import Forwarder
from servers import KEYSPACE, Server

import langchain_bytestore
from langchain_bytestore import (
    CassandraByteStore,
    InvalidArgumentError,
    Session,
    SetupMode,
    StoreTimeoutError,
    _native,
)
from langchain_bytestore.session import SessionOptions

pytestmark = pytest.mark.usefixtures("nothing_is_set")


def _points(server: Server) -> str:
    return ",".join(f"{point}:{server.told['port']}" for point in server.told["contact_points"])


def test_nothing_is_set(table: str) -> None:
    with pytest.raises(ValueError, match="^DB keyspace not set.$"):
        CassandraByteStore(table)
    with pytest.raises(ValueError, match="^DB session not set.$"):
        CassandraByteStore(table, keyspace=KEYSPACE)


def test_no_keyspace(table: str, connect: Connect) -> None:
    with pytest.raises(ValueError, match="^DB keyspace not set.$"):
        CassandraByteStore(table, session=connect(keyspace=None))


def test_something_else_is_no_session(table: str) -> None:
    with pytest.raises(TypeError, match="str"):
        CassandraByteStore(table, session="127.0.0.1", keyspace=KEYSPACE)  # type: ignore[arg-type]


def test_a_session_tells_what_it_is(session: Session) -> None:
    assert session.keyspace == KEYSPACE
    assert session.local_datacenter
    assert KEYSPACE in repr(session)
    assert session.warnings == []


def test_a_sessions_own_keyspace_comes_before_the_default(
    session: Session, driver_session: DriverSession, table: str
) -> None:
    langchain_bytestore.init(session=session, keyspace="another")
    assert CassandraByteStore(table, session=session).keyspace == KEYSPACE
    cassio.init(session=driver_session, keyspace="one_more")
    assert CassandraByteStore(table, session=session).keyspace == KEYSPACE
    with pytest.raises(ValueError, match="one_more"):
        CassandraByteStore(table, session=driver_session)  # as LangChain's own store has it


def test_init_has_the_parameters_of_cassio() -> None:
    theirs = list(inspect.signature(cassio.init).parameters)
    assert list(inspect.signature(langchain_bytestore.init).parameters)[: len(theirs)] == theirs


def test_aconnect_is_typed_as_connect_is() -> None:
    theirs = get_type_hints(langchain_bytestore.connect)
    del theirs["contact_points"], theirs["return"]
    assert get_type_hints(SessionOptions) == theirs


def test_init_checks_what_it_is_given(session: Session) -> None:
    with pytest.raises(TypeError, match="str"):
        langchain_bytestore.init(session="127.0.0.1")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="consistency"):
        langchain_bytestore.init(session=session, consistency="ONE")
    with pytest.raises(TypeError, match="contact point is int"):
        langchain_bytestore.init(contact_points=[1])  # type: ignore[list-item]
    for points in (b"127.0.0.1", 127):
        with pytest.raises(TypeError, match=f"contact_points is {type(points).__name__}"):
            langchain_bytestore.connect(points)  # type: ignore[arg-type]


def test_init(server: Server, table: str) -> None:
    langchain_bytestore.init(contact_points=_points(server), keyspace=KEYSPACE)
    first = CassandraByteStore(table)
    first.mset([("a", b"1")])
    langchain_bytestore.init(
        contact_points=server.told["contact_points"],
        keyspace=KEYSPACE,
        port=server.told["port"],
        consistency="ONE",
    )
    second = CassandraByteStore(table)
    assert second.session is not first.session
    assert first.mget(["a"]) == second.mget(["a"]) == [b"1"]


def test_init_with_a_session(session: Session, driver_session: DriverSession, table: str) -> None:
    langchain_bytestore.init(session=session)
    assert CassandraByteStore(table).session is session
    langchain_bytestore.init(session=driver_session, keyspace=KEYSPACE)
    assert CassandraByteStore(table).mget(["a"]) == [None]


def test_init_from_the_environment(
    server: Server, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidArgumentError, match="CASSANDRA_CONTACT_POINTS"):
        langchain_bytestore.init(auto=True)
    monkeypatch.setenv("CASSANDRA_CONTACT_POINTS", _points(server))
    monkeypatch.setenv("CASSANDRA_KEYSPACE", KEYSPACE)
    langchain_bytestore.init(auto=True)
    assert CassandraByteStore(table).mget(["a"]) == [None]
    with pytest.raises(InvalidArgumentError, match="auto"):
        langchain_bytestore.init(auto=True, keyspace=KEYSPACE)


@pytest.mark.parametrize(
    "arguments",
    [
        {"token": "AstraCS:secret"},
        {"secure_connect_bundle": "secret.zip"},
        {"init_string": "secret"},
        {"database_id": "secret"},
        {"bundle_url_template": "secret"},
        {"cloud_kwargs": {"secret": 1}},
    ],
)
def test_astra_is_not_supported(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError, match="not supported, because") as raised:
        langchain_bytestore.init(**arguments)
    assert next(iter(arguments)) in str(raised.value)
    assert "secret" not in str(raised.value).replace("secure_connect_bundle", "").replace(
        next(iter(arguments)), ""
    )


def test_what_init_cannot_take(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidArgumentError, match="ssl_context"):
        langchain_bytestore.init(contact_points="127.0.0.1", cluster_kwargs={"ssl_context": 1})
    with pytest.raises(InvalidArgumentError, match="contact_points"):
        langchain_bytestore.init()
    with pytest.raises(InvalidArgumentError, match="both"):
        langchain_bytestore.init(contact_points="127.0.0.1", username="user")
    monkeypatch.setenv("ASTRA_DB_APPLICATION_TOKEN", "secret")
    with pytest.raises(InvalidArgumentError, match="not supported, because"):
        langchain_bytestore.init(auto=True)


def test_cassio(driver_session: DriverSession, table: str) -> None:
    cassio.init(session=driver_session, keyspace=KEYSPACE)
    store = CassandraByteStore(table)
    assert store.session is driver_session
    assert store.keyspace == KEYSPACE
    store.mset([("a", b"1")])
    assert store.mget(["a"]) == [b"1"]


def test_cassio_comes_before_init(
    driver_session: DriverSession, session: Session, table: str
) -> None:
    langchain_bytestore.init(session=session)
    cassio.init(session=driver_session, keyspace=KEYSPACE)
    assert CassandraByteStore(table).session is driver_session


def test_a_timeout_limits_the_set_up(
    session: Session, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not that of an asynchronous one, for which calls wait, with their own."""
    limits = []

    def native(name: str, session: Session, options: dict[str, Any]) -> _native.CassandraStore:
        limits.append(options["setup_deadline"])
        return made(name, session, options)

    made = _native.CassandraStore
    monkeypatch.setattr(_native, "CassandraStore", native)
    for timeout in (60, float("inf"), None):
        CassandraByteStore(table, session=session, timeout=timeout)

    async def make() -> None:
        await CassandraByteStore(
            table, session=session, timeout=60, setup_mode=SetupMode.ASYNC
        ).aensure_db_setup()

    asyncio.run(make())
    assert limits == [60, 1e9, None, None]


def test_a_timeout_limits_opening() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(StoreTimeoutError, match="within 300 ms"):
            langchain_bytestore.open(
                f"cassandra://{address}/app?table=kv&connect_timeout=900s", timeout=0.3
            )


def test_an_address_map_leads_to_a_server(connect: Connect, server: Server, table: str) -> None:
    """To another address than the server announces, where something passes all on to it."""
    point = server.told["contact_points"][0]
    port = server.told["port"]
    asked: list[str] = []

    def ask(announced: str) -> str | None:
        asked.append(announced)
        return reachable

    for way in ("map", "function", "nothing"):
        listener = socket.create_server(("127.0.0.1", 0))
        with Forwarder(listener, (point, port)) as forwarder:
            reachable = None if way == "nothing" else f"127.0.0.1:{forwarder.port}"
            session = connect(address_map={point: reachable} if way == "map" else ask)
            with CassandraByteStore(table, session=session) as store:
                store.mset([("a", way.encode())])
                assert store.mget(["a"]) == [way.encode()]
            assert (forwarder.connections > 0) == (way != "nothing")
    assert f"{point}:{port}" in asked


def test_an_address_map_that_leads_nowhere(connect: Connect, server: Server) -> None:
    point = server.told["contact_points"][0]

    def fail(announced: str) -> str:
        raise KeyError(announced)

    with pytest.raises(langchain_bytestore.Error, match=f"KeyError: '{point}:"):
        connect(address_map=fail)
    with pytest.raises(langchain_bytestore.Error, match="returned int, neither str nor None"):
        connect(address_map=lambda announced: 1)
    with pytest.raises(langchain_bytestore.Error, match=f"{point}.* 127.0.0.1:1: .*address_map"):
        connect(address_map={point: "127.0.0.1:1"})


@pytest.mark.parametrize(
    ("address_map", "error", "message"),
    [
        ("a=b", TypeError, "address_map is str"),
        ({"10.0.0.1": 1}, TypeError, "entry 1 of address_map has a int"),
        ({"10.0.0.1": "a:1", "db": "b:1"}, InvalidArgumentError, "entry 2 of address_map"),
    ],
)
def test_a_wrong_address_map(address_map: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        langchain_bytestore.connect("127.0.0.1:1", address_map=address_map)  # type: ignore[arg-type]


def test_a_log_that_fails_breaks_no_call(
    connect: Connect, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a filter of the logger raises is reported once for each session."""
    records: list[logging.LogRecord] = []
    reported: list[object] = []

    def fail(record: logging.LogRecord) -> bool:
        records.append(record)
        raise RuntimeError("the log is full")

    monkeypatch.setattr(sys, "unraisablehook", lambda raised: reported.append(raised.exc_value))
    logger = logging.getLogger("langchain_bytestore")
    logger.addFilter(fail)
    try:
        store = CassandraByteStore(table, session=connect(), write_group_bytes=20_000)
        entries = [(f"key{i}", bytes(1_000)) for i in range(10)]
        until = time.monotonic() + 60
        # The server warns of each write; the log is told once a second, one message at a time.
        while len(records) < 3 and time.monotonic() < until:
            store.mset(entries)
    finally:
        logger.removeFilter(fail)
    assert len(records) >= 3
    assert "a server warns of writing" in records[0].getMessage()
    assert [str(error) for error in reported] == ["the log is full"]
    assert store.mget(["key0"]) == [bytes(1_000)]
