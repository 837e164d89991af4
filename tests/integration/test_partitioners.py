"""The command on servers whose partitioner is not Murmur3."""

from pathlib import Path

import pytest
from cassandra.cluster import Session
from command import Store
from servers import Server


@pytest.fixture
def partitioner(session: Session) -> str:
    return str(session.execute("SELECT partitioner FROM system.local").one().partitioner)


@pytest.mark.parametrize("setup", ["sync", "off"])
def test_what_lists_is_refused_and_the_rest_works(
    server: Server, table: str, partitioner: str, setup: str, tmp_path: Path
) -> None:
    assert "Murmur3" not in partitioner
    Store(server.uri(table)).put("made", b"")
    store = Store(server.uri(table, setup=setup))
    store.put("key", b"value")
    assert store.get(["key"]) == b"value"
    for arguments in (
        ("keys",),
        ("keys", "--prefix", "k"),
        ("count",),
        ("count", "--estimate"),
        ("export", str(tmp_path / "folder")),
    ):
        result = store.run(*arguments)
        assert (result.code, result.out) == (4, b""), result
        assert partitioner in result.err.decode(), result
    assert store.get(["key"]) == b"value"
    store.delete(["key"])
    assert not store.has("key")
