"""Whose session and keyspace a store has."""

from __future__ import annotations

import asyncio
import copy
import inspect
import logging
import pickle
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from typing import Any, get_type_hints

import cassio.config
import pytest
from cassandra import ConsistencyLevel
from cassandra.auth import AuthProvider, PlainTextAuthenticator, PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.cluster import Session as DriverSession
from cassandra.connection import DefaultEndPoint, EndPointFactory, UnixSocketEndPoint
from cassandra.policies import (
    AddressTranslator,
    DCAwareRoundRobinPolicy,
    HostFilterPolicy,
    RoundRobinPolicy,
    TokenAwarePolicy,
    WhiteListRoundRobinPolicy,
)
from cassandra.query import ValueSequence
from cassandra.timestamps import MonotonicTimestampGenerator
from conftest import Connect
from servers import KEYSPACE, Server, wait_until

import langchain_bytestore
from langchain_bytestore import (
    CassandraByteStore,
    InvalidArgumentError,
    Session,
    SetupMode,
    StoreTimeoutError,
    _native,
)
from langchain_bytestore._driver_session import (
    consistency_of,
    settings_of,
    taken_over,
    timestamps_of,
)
from langchain_bytestore.session import SessionOptions

_CREATE_MIXED = (
    'CREATE KEYSPACE IF NOT EXISTS "Mixed" WITH replication = '
    "{'class': 'SimpleStrategy', 'replication_factor': 1}"
)


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("CONTACT_POINTS", "KEYSPACE", "USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"CASSANDRA_{name}", raising=False)
    monkeypatch.setattr(cassio.config, "default_session", None)
    monkeypatch.setattr(cassio.config, "default_keyspace", None)
    yield
    langchain_bytestore.shutdown()


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


def test_a_drivers_consistency_is_that_of_now(
    driver_session: DriverSession, table: str, server: Server
) -> None:
    CassandraByteStore(table, session=driver_session, keyspace=KEYSPACE)
    profile = driver_session.cluster.profile_manager.default
    before = profile.consistency_level
    try:
        profile.consistency_level = ConsistencyLevel.THREE  # of one node: none can do it
        store = CassandraByteStore(table, session=driver_session, keyspace=KEYSPACE)
        with pytest.raises(ConnectionError):
            store.mset([("a", b"1")])
    finally:
        profile.consistency_level = before


def test_names_of_a_drivers_session_are_quoted(driver_session: DriverSession) -> None:
    driver_session.execute(_CREATE_MIXED)
    session = driver_session.cluster.connect("Mixed")
    store = CassandraByteStore("table", session=session)
    store.mset([("a", b"1")])
    rows = session.execute(store.get_select_statement(), [ValueSequence(["a"])])
    assert [row.body_blob for row in rows] == [b"1"]


def test_a_sessions_own_mixed_keyspace(
    driver_session: DriverSession, connect: Connect, table: str
) -> None:
    driver_session.execute(_CREATE_MIXED)
    session = connect(keyspace='"Mixed"')
    store = CassandraByteStore(table, session=session)
    store.mset([("a", b"1")])
    rows = driver_session.execute(f'SELECT row_id FROM "Mixed".{table}')
    assert [row.row_id for row in rows] == ["a"]
    langchain_bytestore.init(session=session)
    assert CassandraByteStore(table).mget(["a"]) == [b"1"]


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


def test_stores_of_a_drivers_session_share_a_session(
    driver_session: DriverSession, table: str
) -> None:
    stores = [
        CassandraByteStore(table, session=driver_session, keyspace=KEYSPACE) for _ in range(3)
    ]
    stores[0].mset([("a", b"1")])
    assert [store.mget(["a"]) for store in stores] == [[b"1"]] * 3
    assert taken_over(driver_session) is taken_over(driver_session)


def test_a_copy_has_the_drivers_session(driver_session: DriverSession, table: str) -> None:
    store = CassandraByteStore(table, session=driver_session, keyspace=KEYSPACE)
    assert copy.deepcopy({"store": store})["store"] is store
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(store)


def test_what_is_taken_over_of_a_drivers_session(server: Server) -> None:
    policy = TokenAwarePolicy(DCAwareRoundRobinPolicy("datacenter1"))
    profile = ExecutionProfile(policy, consistency_level=ConsistencyLevel.LOCAL_QUORUM)
    with Cluster(
        server.told["contact_points"],
        port=server.told["port"],
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
    ) as cluster:
        settings = settings_of(cluster.connect(KEYSPACE))
    assert settings == {
        "contact_points": [f"{server.told['contact_points'][0]}:{server.told['port']}"],
        "port": server.told["port"],
        "keyspace": KEYSPACE,
        "local_datacenter": "datacenter1",
    }


def test_whose_time_a_drivers_session_writes_with(
    driver_session: DriverSession, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []

    def native(name: str, session: Session, options: dict[str, Any]) -> _native.CassandraStore:
        taken.append(options["timestamps"])
        return made(name, session, options)

    made = _native.CassandraStore
    monkeypatch.setattr(_native, "CassandraStore", native)
    for is_clients in (True, False):
        monkeypatch.setattr(driver_session, "use_client_timestamp", is_clients)
        CassandraByteStore(table, session=driver_session, keyspace=KEYSPACE)
    CassandraByteStore(table, session=driver_session, keyspace=KEYSPACE, timestamps="client")
    assert taken == ["client", "server", "client"]


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


def test_a_timeout_limits_connecting_like_a_drivers_session() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        session = _Unconnected()
        session.cluster = Cluster(["127.0.0.1"], port=mute.getsockname()[1])
        with pytest.raises(StoreTimeoutError, match="within 300 ms"):
            taken_over(session, 0.3)


def test_the_drivers_default_consistency_is_taken_over(driver_session: DriverSession) -> None:
    assert consistency_of(driver_session) == "LOCAL_ONE"


@pytest.mark.parametrize("name", ["ANY", "SERIAL", "LOCAL_SERIAL"])
def test_a_consistency_that_not_all_verbs_can_have(server: Server, table: str, name: str) -> None:
    level = ConsistencyLevel.name_to_value[name]
    with Cluster(
        server.told["contact_points"],
        port=server.told["port"],
        execution_profiles={EXEC_PROFILE_DEFAULT: ExecutionProfile(consistency_level=level)},
    ) as cluster:
        session = cluster.connect()
        with pytest.raises(InvalidArgumentError, match=f"consistency {name} .*pass consistency="):
            CassandraByteStore(table, session=session, keyspace=KEYSPACE)
        store = CassandraByteStore(table, session=session, keyspace=KEYSPACE, consistency="ONE")
        assert store.mget(["a"]) == [None]


def test_timestamps_of_two_kinds_are_a_warning(
    connect: Connect, session: Session, table: str, caplog: pytest.LogCaptureFixture
) -> None:
    first = CassandraByteStore(table, session=session)
    with CassandraByteStore(table, session=connect()):
        pass
    with CassandraByteStore(table, session=connect(), timestamps="server"):
        wait_until(lambda: "opened with timestamps=server" in caplog.text)
    assert caplog.text.count("opened with timestamps=") == 1
    first.close()


def test_a_timestamp_generator_of_the_program(
    driver_session: DriverSession, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver_session.cluster, "timestamp_generator", lambda: 1)
    with pytest.raises(
        InvalidArgumentError, match='timestamp_generator .*pass timestamps="client"'
    ):
        CassandraByteStore(table, session=driver_session, keyspace=KEYSPACE)
    for whose in ("client", "server"):
        CassandraByteStore(table, session=driver_session, keyspace=KEYSPACE, timestamps=whose)
    monkeypatch.setattr(driver_session, "use_client_timestamp", False)
    CassandraByteStore(table, session=driver_session, keyspace=KEYSPACE)


def test_a_timestamp_generator_of_the_driver() -> None:
    quiet = MonotonicTimestampGenerator(warn_on_drift=False)
    assert timestamps_of(_Unconnected(timestamp_generator=quiet)) == "client"


def test_a_session_with_attributes_in_place_of_profiles(server: Server) -> None:
    with Cluster(
        server.told["contact_points"],
        port=server.told["port"],
        load_balancing_policy=DCAwareRoundRobinPolicy("datacenter1"),
    ) as cluster:
        session = cluster.connect()
        session.default_consistency_level = ConsistencyLevel.QUORUM
        assert consistency_of(session) == "QUORUM"
        assert settings_of(session)["local_datacenter"] == "datacenter1"


class _Unconnected:
    """What a session of the driver tells, of a cluster that is not there."""

    keyspace = KEYSPACE
    use_client_timestamp = True

    def __init__(self, **settings: Any) -> None:
        self.cluster = Cluster(["127.0.0.1"], **settings)


def test_credentials_are_taken_over() -> None:
    provider = PlainTextAuthProvider("user", "word")
    credentials = settings_of(_Unconnected(auth_provider=provider))["credentials"]
    assert credentials() == ("user", "word")
    provider.password = "another word"
    assert credentials() == ("user", "another word")


class _Vault(AuthProvider):  # type: ignore[misc]
    """Has a new password for each connection."""

    def __init__(self) -> None:
        self.asked = 0

    def new_authenticator(self, host: str) -> PlainTextAuthenticator:
        self.asked += 1
        return PlainTextAuthenticator(f"user of {host}", f"word {self.asked}")


def test_a_provider_of_the_program_is_asked_each_time() -> None:
    credentials = settings_of(_Unconnected(auth_provider=_Vault()))["credentials"]
    first, second = credentials(), credentials()
    assert first[0] == second[0] == "user of 127.0.0.1"
    assert first[1] != second[1]


def test_tls_files_are_taken_over() -> None:
    options = {"ca_certs": "ca.pem", "certfile": "mine.pem", "keyfile": "mine.key"}
    taken = {"tls_ca": "ca.pem", "tls_certificate": "mine.pem", "tls_key": "mine.key"}
    for given, verify in (
        ({}, {"tls_verify": "chain"}),
        ({"check_hostname": True}, {}),
        (
            {"check_hostname": True, "server_hostname": "db"},
            {"tls_verify": "name", "tls_name": "db"},
        ),
        ({"cert_reqs": ssl.CERT_REQUIRED, "ssl_version": None}, {"tls_verify": "chain"}),
    ):
        settings = settings_of(_Unconnected(ssl_options={**options, **given}))
        assert {k: v for k, v in settings.items() if k.startswith("tls_")} == {**taken, **verify}


class _Kerberos(AuthProvider):  # type: ignore[misc]
    pass


class _Translator(AddressTranslator):  # type: ignore[misc]
    pass


class _OwnEndPoints(EndPointFactory):  # type: ignore[misc]
    pass


class _Moved(AddressTranslator):  # type: ignore[misc]
    def translate(self, addr: str) -> str:
        return {"172.17.0.3": "10.0.0.3", "fd00::3": "fd00::4"}.get(addr, addr)


def test_an_address_translator_is_asked() -> None:
    settings = settings_of(_Unconnected(address_translator=_Moved()))
    assert settings["address_map"]("172.17.0.3:9042") == "10.0.0.3:9042"
    assert settings["address_map"]("172.17.0.4:9042") == "172.17.0.4:9042"
    assert settings["address_map"]("[fd00::3]:9042") == "[fd00::4]:9042"


def test_contact_points_are_taken_over_as_they_were_given() -> None:
    """A name may lead elsewhere later."""
    session = _Unconnected()
    points = ["localhost", ("127.0.0.1", 9043), DefaultEndPoint("::1", 9044)]
    session.cluster = Cluster(points, port=9050)
    assert settings_of(session)["contact_points"] == [
        "localhost:9050",
        "127.0.0.1:9043",
        "[::1]:9044",
    ]
    session.cluster = Cluster([UnixSocketEndPoint("/run/cassandra")])
    with pytest.raises(InvalidArgumentError, match="contact point .*pass session=.*connect"):
        settings_of(session)


def test_a_translator_leads_to_a_server(server: Server, table: str) -> None:
    """It is asked for the nodes, and its answers are used."""
    asked: list[str] = []

    class Recorded(AddressTranslator):  # type: ignore[misc]
        def translate(self, addr: str) -> str:
            asked.append(addr)
            return addr

    points = server.told["contact_points"]
    with Cluster(points, port=server.told["port"], address_translator=Recorded()) as cluster:
        session = cluster.connect()
        asked.clear()
        store = CassandraByteStore(table, session=session, keyspace=KEYSPACE)
        store.mset([("a", b"1")])
        assert store.mget(["a"]) == [b"1"]
    assert set(asked) == set(points)


def test_an_address_map_leads_to_a_server(connect: Connect, server: Server, table: str) -> None:
    point = server.told["contact_points"][0]
    port = server.told["port"]
    asked: list[str] = []

    def ask(announced: str) -> str | None:
        asked.append(announced)
        return None

    for address_map in ({point: f"{point}:{port}"}, ask):
        session = connect(address_map=address_map)
        store = CassandraByteStore(table, session=session)
        store.mset([("a", b"1")])
        assert store.mget(["a"]) == [b"1"]
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


@pytest.mark.parametrize(
    ("settings", "instead"),
    [
        ({"ssl_context": ssl.create_default_context()}, "tls_ca"),
        ({"ssl_options": {"certfile": "mine.pem"}}, "tls_ca"),
        ({"ssl_options": {"ca_certs": "ca.pem", "ciphers": "ALL"}}, "tls_"),
        ({"ssl_options": {"ca_certs": "ca.pem", "cert_reqs": ssl.CERT_NONE}}, "tls_ca"),
        ({"ssl_options": {"ca_certs": "ca.pem", "ssl_version": ssl.PROTOCOL_TLSv1_2}}, "tls_ca"),
        ({"auth_provider": _Kerberos()}, "username and password"),
        ({"address_translator": _Translator()}, "address_map"),
        ({"endpoint_factory": _OwnEndPoints()}, "address_map"),
        ({"column_encryption_policy": object()}, "keep the driver"),
        ({"load_balancing_policy": WhiteListRoundRobinPolicy(["127.0.0.1"])}, "contact_points"),
        (
            {"load_balancing_policy": HostFilterPolicy(RoundRobinPolicy(), lambda _: True)},
            "contact_points",
        ),
    ],
)
def test_what_cannot_be_taken_over_says_what_to_pass(
    settings: dict[str, Any], instead: str
) -> None:
    with pytest.raises(InvalidArgumentError, match="cannot be taken over") as raised:
        settings_of(_Unconnected(**settings))
    assert instead in str(raised.value)
    assert "langchain_bytestore.connect" in str(raised.value)


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
