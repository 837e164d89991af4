"""What the tests here share."""

from collections.abc import Iterator

import pytest
from servers import Server, given_server, new_table_name


@pytest.fixture(scope="session")
def server() -> Server:
    return given_server()


@pytest.fixture(autouse=True)
def whole(server: Server) -> Iterator[None]:
    """Each test begins, and leaves, servers that answer."""
    server.mend()
    yield
    server.mend()


@pytest.fixture
def table() -> str:
    """The name of a table that is not there yet."""
    return new_table_name()
