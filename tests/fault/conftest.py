"""What the tests here share."""

import itertools
import os
from collections.abc import Iterator

import pytest
from servers import Server, given_server

_numbers = itertools.count()


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
    return f"fault_{os.getpid()}_{next(_numbers)}"
