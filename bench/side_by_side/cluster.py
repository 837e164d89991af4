"""The servers that are measured on, through tools/cassandra."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import cassandra.cluster
from cassandra.cluster import Session

from .repository import REPOSITORY

_LAUNCHER = REPOSITORY / "tools" / "cassandra"
_KEYSPACE = "bench"

# Of each node. The machine that this is made for has 24 GiB.
_HEAPS = {1: "2g", 3: "1g"}


class Cluster:
    """One that runs, as `tools/cassandra up --json` told."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._told = told
        self._session = self._connect()
        folder = Path(told["folder"])  # BUILD/cassandra/NAME
        self._which = ["--name", told["name"], "--build-dir", str(folder.parents[1])]
        self._nodes = len(told["contact_points"])
        self._session.execute(
            f"CREATE KEYSPACE IF NOT EXISTS {_KEYSPACE} WITH replication = "
            f"{{'class': 'NetworkTopologyStrategy', '{told['datacenter']}': {self._nodes}}}"
        )

    def _connect(self) -> Session:
        """Of the Python driver, which waits until the nodes agree on a table."""
        return cassandra.cluster.Cluster(self._told["contact_points"]).connect()

    def close(self) -> None:
        self._session.cluster.shutdown()

    @property
    def environment(self) -> dict[str, str]:
        """Of the contenders."""
        return {
            "CASSANDRA_CONTACT_POINTS": ",".join(self._told["contact_points"]),
            "CASSANDRA_KEYSPACE": _KEYSPACE,
        }

    @property
    def description(self) -> dict[str, Any]:
        return {"version": self._told["version"], "nodes": self._nodes}

    def make_table(self, name: str) -> None:
        columns = "row_id TEXT, body_blob BLOB, PRIMARY KEY (row_id)"
        self._session.execute(f"CREATE TABLE {_KEYSPACE}.{name} ({columns})")

    def drop_table(self, name: str) -> None:
        self._session.execute(f"DROP TABLE IF EXISTS {_KEYSPACE}.{name}")

    def revive(self) -> bool:
        """Starts the nodes that died; returns whether there were any."""
        asked = subprocess.run(
            [_LAUNCHER, "status", "--json", *self._which],
            capture_output=True,
            text=True,
            check=False,  # its exit code tells whether all run
        )
        nodes = json.loads(asked.stdout)["nodes"]
        dead = [str(node["number"]) for node in nodes if node["state"] == "stopped"]
        if dead:
            _launch("start", *self._which, *dead)
            self.close()
            self._session = self._connect()
        return bool(dead)

    @contextmanager
    def last_node_paused(self) -> Iterator[None]:
        last = str(self._nodes)
        _launch("pause", *self._which, last)
        try:
            yield
        finally:
            _launch("resume", *self._which, last)


@contextmanager
def given(description: Path) -> Iterator[Cluster]:
    """One that somebody else started, and left the launcher's JSON of in a file."""
    with closing(Cluster(json.loads(description.read_text(encoding="utf-8")))) as cluster:
        yield cluster


@contextmanager
def started(nodes: int, build: Path) -> Iterator[Cluster]:
    """A new one, as it is run in production but for its small heap."""
    which = ["--name", f"bench-{nodes}", "--build-dir", str(build)]
    _launch("down", "--purge", *which)
    options = ["--nodes", str(nodes), "--bench", "--heap", _HEAPS[nodes]]
    options += ["--set", "auto_snapshot=false"]  # or each dropped table stays on the disk
    try:
        with closing(Cluster(json.loads(_launch("up", "--json", *which, *options)))) as cluster:
            yield cluster
    finally:
        _launch("down", "--purge", *which)


def _launch(*arguments: str) -> str:
    done = subprocess.run([_LAUNCHER, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return done.stdout
