"""What the tests here share."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from cassandra.cluster import Session
from langchain_community.storage.cassandra import CassandraByteStore
from servers import KEYSPACE, Server, given_server, new_table_name


@pytest.fixture(scope="session")
def server() -> Server:
    return given_server()


@pytest.fixture(scope="session")
def session(server: Server) -> Iterator[Session]:
    """Of the Python driver, as the superuser where there are roles."""
    with server.cluster(server.superuser if server.told["auth"] else None) as cluster:
        yield cluster.connect()


@pytest.fixture
def table() -> str:
    """The name of a table that is not there yet."""
    return new_table_name()


Seeds = Callable[..., CassandraByteStore]


@pytest.fixture
def seed(session: Session) -> Seeds:
    """Makes LangChain's own store, which creates its table."""

    def make(table: str, keyspace: str = KEYSPACE) -> CassandraByteStore:
        return CassandraByteStore(table, session=session, keyspace=keyspace)

    return make


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its relative path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
