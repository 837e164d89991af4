"""The command on servers with each of the partitioners."""

from pathlib import Path

import pytest
from command import Store
from servers import Server

_NUMBER = 1_500


@pytest.mark.parametrize("setup", ["sync", "off"])
def test_what_lists_has_every_key(server: Server, table: str, setup: str, tmp_path: Path) -> None:
    Store(server.uri(table)).put("\1made", b"")
    names = {f"name {number}" for number in range(_NUMBER)}
    (tmp_path / "in").mkdir()
    for name in names:
        (tmp_path / "in" / name).write_bytes(name.encode())
    store = Store(server.uri(table, setup=setup))
    result = store.run("import", str(tmp_path / "in"))
    assert result.code == 0, result

    listed = store.run("keys", "--prefix", "name ").out.decode().splitlines()
    assert len(listed) == _NUMBER
    assert set(listed) == names
    some = store.run("keys", "--prefix", "name 1").out.decode().splitlines()
    assert set(some) == {name for name in names if name.startswith("name 1")}
    assert store.run("count").out.strip() == str(_NUMBER + 1).encode(), "with the one of U+0001"
    assert store.run("count", "--estimate").code == 0

    result = store.run("export", str(tmp_path / "out"), "--prefix", "name ")
    assert result.code == 0, result
    out = tmp_path / "out"
    assert {path.read_bytes() for path in out.iterdir()} == {name.encode() for name in names}
