"""A server with roles and TLS."""

from __future__ import annotations

import ssl
from typing import Any

import pytest
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster
from servers import KEYSPACE, Server

import langchain_bytestore
from langchain_bytestore import CassandraByteStore, UnauthorizedError


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


def test_an_opaque_context_is_refused(server: Server, table: str) -> None:
    with server.cluster(server.role) as cluster, pytest.raises(ValueError, match="tls_ca"):
        CassandraByteStore(table, session=cluster.connect(), keyspace=KEYSPACE)
