"""What the tests of the Python package share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cassandra.cluster import Session as DriverSession
from langchain_community.storage.cassandra import CassandraByteStore as Seed
from servers import KEYSPACE, Server, given_server, new_table_name

import langchain_bytestore
from langchain_bytestore import (
    CassandraByteStore,
    LmdbByteStore,
    NativeByteStore,
    RocksDBByteStore,
    Session,
)


@pytest.fixture(scope="session")
def server() -> Server:
    return given_server()


@pytest.fixture(scope="session")
def session(server: Server) -> Session:
    return langchain_bytestore.connect(
        server.told["contact_points"], port=server.told["port"], keyspace=KEYSPACE
    )


@pytest.fixture(scope="session")
def driver_session(server: Server) -> Iterator[DriverSession]:
    """Of the Python driver."""
    with server.cluster() as cluster:
        yield cluster.connect()


@pytest.fixture
def table() -> str:
    """The name of a table that is not there yet."""
    return new_table_name()


@pytest.fixture
def seed(driver_session: DriverSession, table: str) -> Seed:
    """LangChain's own store on the table, which it creates."""
    return Seed(table, session=driver_session, keyspace=KEYSPACE)


@pytest.fixture
def cassandra_store(session: Session, table: str) -> CassandraByteStore:
    return CassandraByteStore(table, session=session)


@pytest.fixture
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Neither the environment nor cassio names a session or a keyspace."""
    for name in ("CONTACT_POINTS", "KEYSPACE", "USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"CASSANDRA_{name}", raising=False)
    monkeypatch.setattr("cassio.config.default_session", None)
    monkeypatch.setattr("cassio.config.default_keyspace", None)
    yield
    langchain_bytestore.shutdown()


InFolder = type[RocksDBByteStore] | type[LmdbByteStore]


@pytest.fixture(params=[RocksDBByteStore, LmdbByteStore])
def in_folder(request: pytest.FixtureRequest) -> InFolder:
    """A class of stores in folders."""
    made: InFolder = request.param
    return made


@pytest.fixture(params=["rocksdb", "lmdb", "cassandra", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> NativeByteStore:
    """An empty store of each kind."""
    if request.param == "cassandra":
        made: NativeByteStore = request.getfixturevalue("cassandra_store")
        return made
    if request.param == "rocksdb":
        return RocksDBByteStore(tmp_path / "store")
    if request.param == "lmdb":
        return LmdbByteStore(tmp_path / "store")
    return langchain_bytestore.open("memory:")


Connect = Callable[..., Session]


@pytest.fixture
def connect(server: Server) -> Connect:
    """Connects another session."""

    def connect(**options: object) -> Session:
        options = {"port": server.told["port"], "keyspace": KEYSPACE, **options}
        points = options.pop("contact_points", server.told["contact_points"])
        return langchain_bytestore.connect(points, **options)  # type: ignore[arg-type]

    return connect
