"""The servers that are measured on, through tools/cassandra."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
_LAUNCHER = REPOSITORY / "tools" / "cassandra"
_KEYSPACE = "bench"

# Of each node. The machine that this is made for has 24 GiB.
_HEAPS = {1: "2g", 3: "1g"}


class Cluster:
    """One that runs, as `tools/cassandra up --json` told."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        folder = Path(told["folder"])  # BUILD/cassandra/NAME
        self._which = ["--name", told["name"], "--build-dir", str(folder.parents[1])]
        nodes = len(told["contact_points"])
        self.cql(
            f"CREATE KEYSPACE IF NOT EXISTS {_KEYSPACE} WITH replication = "
            f"{{'class': 'NetworkTopologyStrategy', '{told['datacenter']}': {nodes}}}",
            f"USE {_KEYSPACE}",
        )

    @property
    def environment(self) -> dict[str, str]:
        """Of the contenders."""
        return {
            "CASSANDRA_CONTACT_POINTS": ",".join(self.told["contact_points"]),
            "CASSANDRA_KEYSPACE": _KEYSPACE,
        }

    @property
    def description(self) -> dict[str, Any]:
        nodes = len(self.told["contact_points"])
        return {"version": self.told["version"], "nodes": nodes}

    def cql(self, *statements: str) -> None:
        _launch("cql", *self._which, *statements)

    def make_table(self, name: str) -> None:
        columns = "row_id TEXT, body_blob BLOB, PRIMARY KEY (row_id)"
        self.cql(f"CREATE TABLE {_KEYSPACE}.{name} ({columns})")

    def drop_table(self, name: str) -> None:
        self.cql(f"DROP TABLE IF EXISTS {_KEYSPACE}.{name}")

    @contextmanager
    def last_node_paused(self) -> Iterator[None]:
        number = str(len(self.told["contact_points"]))
        _launch("pause", *self._which, number)
        try:
            yield
        finally:
            _launch("resume", *self._which, number)


def given(description: Path) -> Cluster:
    """One that somebody else started, and left the launcher's JSON of in a file."""
    return Cluster(json.loads(description.read_text(encoding="utf-8")))


@contextmanager
def started(nodes: int, build: Path) -> Iterator[Cluster]:
    """A new one, as it is run in production but for its small heap."""
    which = ["--name", f"bench-{nodes}", "--build-dir", str(build)]
    _launch("down", "--purge", *which)
    options = ["--nodes", str(nodes), "--bench", "--heap", _HEAPS[nodes]]
    options += ["--set", "auto_snapshot=false"]  # or each dropped table stays on the disk
    try:
        yield Cluster(json.loads(_launch("up", "--json", *which, *options)))
    finally:
        _launch("down", "--purge", *which)


def _launch(*arguments: str) -> str:
    done = subprocess.run([_LAUNCHER, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return done.stdout
