"""What is taken over of a session of the Python driver."""

from __future__ import annotations

import copy
import pickle
import socket
import ssl
from typing import Any

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
    StoreTimeoutError,
    _native,
)
from langchain_bytestore._driver_session import (
    consistency_of,
    settings_of,
    taken_over,
    timestamps_of,
)

pytestmark = pytest.mark.usefixtures("nothing_is_set")

_CREATE_MIXED = (
    'CREATE KEYSPACE IF NOT EXISTS "Mixed" WITH replication = '
    "{'class': 'SimpleStrategy', 'replication_factor': 1}"
)


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
