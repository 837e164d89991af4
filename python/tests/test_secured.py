"""A server with roles and TLS."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster
from cassandra.cluster import Session as DriverSession
from forwarder import Forwarder
from servers import KEYSPACE, Role, Server, wait_until

import langchain_bytestore
from langchain_bytestore import CassandraByteStore, Error, UnauthorizedError


def _options(server: Server) -> dict[str, Any]:
    return {
        "port": server.told["port"],
        "keyspace": KEYSPACE,
        "username": server.role.name,
        "password": server.role.password,
        **server.tls,
    }


def test_credentials_and_tls(server: Server, table: str) -> None:
    session = langchain_bytestore.connect(server.told["contact_points"], **_options(server))
    store = CassandraByteStore(table, session=session)
    store.mset([("a", b"1")])
    assert store.mget(["a"]) == [b"1"]


def test_a_wrong_password_is_not_told(server: Server) -> None:
    options = {**_options(server), "password": "of no value"}
    with pytest.raises(PermissionError) as raised:
        langchain_bytestore.connect(server.told["contact_points"], **options)
    assert isinstance(raised.value, UnauthorizedError)
    assert "of no value" not in str(raised.value)


def test_init_takes_credentials(server: Server, table: str) -> None:
    options = _options(server)
    langchain_bytestore.init(contact_points=server.told["contact_points"], **options)
    try:
        assert CassandraByteStore(table).mget(["a"]) == [None]
    finally:
        langchain_bytestore.shutdown()


def test_a_drivers_session_is_taken_over(server: Server, table: str) -> None:
    tls = server.tls
    with Cluster(
        server.told["contact_points"],
        port=server.told["port"],
        auth_provider=PlainTextAuthProvider(server.role.name, server.role.password),
        ssl_options={
            "ca_certs": tls["tls_ca"],
            "certfile": tls["tls_certificate"],
            "keyfile": tls["tls_key"],
            "cert_reqs": ssl.CERT_REQUIRED,
        },
    ) as cluster:
        store = CassandraByteStore(table, session=cluster.connect(), keyspace=KEYSPACE)
        store.mset([("a", b"1")])
        assert store.mget(["a"]) == [b"1"]


@pytest.fixture(scope="module")
def superusers_session(server: Server) -> Iterator[DriverSession]:
    with server.cluster(server.superuser) as cluster:
        yield cluster.connect()


@pytest.fixture
def role(superusers_session: DriverSession, table: str) -> Role:
    """One whose password the test may change."""
    role = Role(f"role_{table}", "the first")
    superusers_session.execute(
        f"CREATE ROLE {role.name} WITH LOGIN = true AND PASSWORD = '{role.password}'"
    )
    superusers_session.execute(f"GRANT ALL ON KEYSPACE {KEYSPACE} TO {role.name}")
    return role


@pytest.fixture
def forwarder(server: Server) -> Iterator[Forwarder]:
    # At the server's own address: drivers look there for all nodes, at the port of the contact point.
    host = server.told["contact_points"][0]
    listener = socket.create_server((host, 0))
    with Forwarder(listener, (host, server.told["port"])) as forwarder:
        yield forwarder


Rotate = Callable[[Role, str], None]


@pytest.fixture
def rotate(superusers_session: DriverSession) -> Rotate:
    def rotate(role: Role, password: str) -> None:
        superusers_session.execute(f"ALTER ROLE {role.name} WITH PASSWORD = '{password}'")

    return rotate


def _works(store: CassandraByteStore) -> bool:
    try:
        store.mset([("a", b"1")])
    except Error:
        return False
    return store.mget(["a"]) == [b"1"]


def test_a_function_is_asked_again(
    server: Server, forwarder: Forwarder, role: Role, rotate: Rotate, table: str
) -> None:
    threads = set()
    password = role.password

    def credentials() -> tuple[str, str]:
        threads.add(threading.current_thread())
        return role.name, password

    options = {**_options(server), "port": forwarder.port, "credentials": credentials}
    del options["username"], options["password"]
    session = langchain_bytestore.connect(server.told["contact_points"], **options)
    store = CassandraByteStore(table, session=session)
    assert _works(store)
    password = "the second"
    rotate(role, password)
    forwarder.hang_up()
    wait_until(lambda: _works(store))
    assert threading.main_thread() not in threads


def test_what_a_function_raises_is_told(server: Server) -> None:
    def credentials() -> tuple[str, str]:
        raise LookupError("the vault is sealed")

    options = {**_options(server), "credentials": credentials}
    del options["username"], options["password"]
    with pytest.raises(UnauthorizedError, match="LookupError.*the vault is sealed"):
        langchain_bytestore.connect(server.told["contact_points"], **options)


@pytest.mark.parametrize("told", [None, "user", ("user",), ("user", 1), ("a", "secret", "c")])
def test_a_function_that_returns_something_else(server: Server, told: Any) -> None:
    options = {**_options(server), "credentials": lambda: told}
    del options["username"], options["password"]
    with pytest.raises(UnauthorizedError, match="both str") as raised:
        langchain_bytestore.connect(server.told["contact_points"], **options)
    assert "secret" not in str(raised.value)


def test_credentials_of_two_kinds_are_refused(server: Server) -> None:
    with pytest.raises(ValueError, match="give one of them"):
        langchain_bytestore.connect("127.0.0.1", username="me", credentials=lambda: ("me", "x"))
    with pytest.raises(TypeError, match="credentials is not callable"):
        langchain_bytestore.connect("127.0.0.1", credentials="me")  # type: ignore[arg-type]


def test_the_provider_of_a_drivers_session_is_asked_again(
    server: Server, forwarder: Forwarder, role: Role, rotate: Rotate, table: str
) -> None:
    tls = server.tls
    provider = PlainTextAuthProvider(role.name, role.password)
    with Cluster(
        server.told["contact_points"],
        port=forwarder.port,
        auth_provider=provider,
        ssl_options={
            "ca_certs": tls["tls_ca"],
            "certfile": tls["tls_certificate"],
            "keyfile": tls["tls_key"],
            "cert_reqs": ssl.CERT_REQUIRED,
        },
    ) as cluster:
        store = CassandraByteStore(table, session=cluster.connect(), keyspace=KEYSPACE)
        assert _works(store)
    provider.password = "the second"
    rotate(role, provider.password)
    forwarder.hang_up()
    wait_until(lambda: _works(store))


def test_a_password_file_that_others_can_read_is_logged(
    server: Server, table: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "password"
    file.write_text(server.role.password, encoding="ascii")
    file.chmod(0o644)
    uri = server.uri(table, user=server.role.name, password_file=str(file), **server.tls)
    langchain_bytestore.open(uri)
    wait_until(lambda: any(str(file) in record.getMessage() for record in caplog.records))


def test_an_opaque_context_is_refused(server: Server, table: str) -> None:
    with server.cluster(server.role) as cluster, pytest.raises(ValueError, match="tls_ca"):
        CassandraByteStore(table, session=cluster.connect(), keyspace=KEYSPACE)
