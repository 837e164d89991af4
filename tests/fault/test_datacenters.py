"""Two datacenters with a replica each, of which the other one goes, while clients of the first write,
read, delete and list."""

from pathlib import Path

from command import HelperStore, Store
from histories import minutes, recorded_load
from servers import Server, wait_until

_EAST, _WEST = 1, 2  # the nodes
_SHORT_SECONDS = 15  # until east has noticed that west is gone, and beyond


def test_another_datacenter_that_goes(server: Server, table: str, tmp_path: Path) -> None:
    """LOCAL_QUORUM goes on in the datacenter that is left."""
    east, _ = server.told["contact_points"]
    points = [f"{east}:{server.told['port']}"]
    with recorded_load(server, table, tmp_path, points=points) as (load, judged):
        load.go_on()
        server.launcher("kill", _WEST)
        load.go_on_for(max(_SHORT_SECONDS, 60 * minutes()))
        load.go_on()
        server.launcher("start", _WEST)
        load.go_on()
        verdict = judged()
    verdict.tell("another datacenter goes")
    assert verdict.wrong == []
    assert verdict.told["calls_failed"] == 0, verdict.told["codes"]
    assert verdict.told["listings"] > 0


def test_levels_while_another_datacenter_is_lost(server: Server, table: str) -> None:
    """What operations.md says of each level, and that what was missed arrives later."""

    def uri(datacenter: str, level: str) -> str:
        host = server.told["contact_points"][0 if datacenter == "east" else 1]
        return server.uri(
            table,
            address=f"{host}:{server.told['port']}",
            local_dc=datacenter,
            consistency=level,
            give_up_after="3s",
        )

    def is_unavailable(level: str) -> bool:
        done = Store(uri("east", level)).run("put", "--", "key", given=level.encode())
        assert done.code != 0
        return b"too few replicas are alive" in done.err

    HelperStore(uri("east", "each_quorum")).mset([("key", b"of both")])
    server.launcher("kill", _WEST)
    for level in ("local_quorum", "local_one", "one"):
        HelperStore(uri("east", level)).mset([("key", level.encode())])
        assert HelperStore(uri("east", level)).mget(["key"]) == [level.encode()]
    wait_until(lambda: is_unavailable("quorum"))
    wait_until(lambda: is_unavailable("each_quorum"))
    HelperStore(uri("east", "local_quorum")).mset([("missed", b"while west was away")])
    server.launcher("start", _WEST)
    west = HelperStore(uri("west", "local_one"))
    wait_until(lambda: west.mget(["missed"]) == [b"while west was away"])
