"""The server of a test: as CTest started it, to the Python driver, and as the URI of a store."""

import json
import os
import ssl
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.policies import WhiteListRoundRobinPolicy

KEYSPACE = "bytestore_test"

_LAUNCHER = Path(__file__).resolve().parents[2] / "tools" / "cassandra"

# Over this, something hangs; nothing that is tested takes a tenth of it.
_PATIENCE_SECONDS = 120

_CONNECTIONS = Path("/proc/net/tcp6")
_MORE_THAN_HEARTBEATS = 2_000  # bytes


def new_table_name() -> str:
    """A name that no table of the servers has: a process may have the number of an earlier one."""
    return f"table_{uuid.uuid4().hex[:16]}"


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "the condition never came about"
        time.sleep(0.005)


@dataclass(frozen=True)
class Role:
    name: str
    password: str


@dataclass(frozen=True)
class Server:
    """What tests/cassandra/server told of a server."""

    told: dict[str, Any]

    @property
    def address(self) -> str:
        return f"{self.told['contact_points'][0]}:{self.told['port']}"

    @property
    def role(self) -> Role:
        """May do everything with keyspaces, and nothing with roles."""
        auth = self.told["auth"]
        return Role(auth["user"], Path(auth["password_file"]).read_text(encoding="ascii"))

    @property
    def superuser(self) -> Role:
        auth = self.told["auth"]
        path = Path(auth["superuser_password_file"])
        return Role(auth["superuser"], path.read_text(encoding="ascii"))

    @property
    def tls(self) -> dict[str, str]:
        """The parameters of a URI by which this server is reached over TLS."""
        tls = self.told["tls"]
        return {
            "tls_ca": tls["ca"],
            "tls_certificate": tls["client"]["certificate"],
            "tls_key": tls["client"]["key"],
        }

    def cluster(self, role: Role | None = None) -> Cluster:
        """For the Python driver."""
        settings: dict[str, Any] = {}
        if role:
            settings["auth_provider"] = PlainTextAuthProvider(role.name, role.password)
        if tls := self.told["tls"]:
            context = ssl.create_default_context(cafile=tls["ca"])
            context.check_hostname = False
            context.load_cert_chain(tls["client"]["certificate"], tls["client"]["key"])
            settings["ssl_context"] = context
        return Cluster(self.told["contact_points"], port=self.told["port"], **settings)

    def launcher(
        self,
        verb: str,
        *numbers: int,
        settings: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Runs tools/cassandra on this cluster: "kill", "start", "pause", "resume" for some nodes,
        "replace" for one, "join" and "leave" for one more, "reloadssl" for all. Nodes may start
        with other `settings`, and in another `environment`."""
        changed = [f"--set={setting}" for setting in settings]
        done = self._launch(verb, *map(str, numbers), *changed, environment=environment)
        assert done.returncode == 0, done.stderr

    def restart_as(self, *options: str) -> None:
        """Stops the servers, and starts them with these options of `tools/cassandra up`."""
        for verb, given in (("down", ()), ("up", options)):
            done = self._launch(verb, *given)
            assert done.returncode == 0, done.stderr

    def upgrade(self, number: int, releases: Sequence[str]) -> None:
        """Stops a node, and starts it again with its data as the release of its place in `releases`,
        of which the other nodes already are."""
        self.launcher("kill", number)
        of_all = (f"--nodes={len(releases)}", f"--version={','.join(releases)}")
        settings = self.told["settings"].items()
        kept = (f"--set={name}={json.dumps(value)}" for name, value in settings)
        done = self._launch("up", *of_all, *kept)
        assert done.returncode == 0, done.stderr

    def mend(self) -> None:
        """Returns when every node answers, whatever was done to it."""
        nodes = self._status()["nodes"]
        if paused := [node["number"] for node in nodes if node["state"] == "paused"]:
            self.launcher("resume", *paused)
        self.launcher("start", *(node["number"] for node in nodes))

    def addresses(self) -> list[str]:
        """Of the nodes that there are now."""
        return [node["address"] for node in self._status()["nodes"]]

    def calls_coordinated(self, address: str, table: str, kind: str) -> int:
        """How many requests of `kind` ("read" or "write") to a table clients have sent to the node
        at `address`."""
        only = ExecutionProfile(load_balancing_policy=WhiteListRoundRobinPolicy([address]))
        profiles = {EXEC_PROFILE_DEFAULT: only}
        with Cluster([address], port=self.told["port"], execution_profiles=profiles) as cluster:
            rows = cluster.connect().execute(
                f'SELECT "count" FROM system_views.coordinator_{kind}_latency '
                "WHERE keyspace_name = %s AND table_name = %s",
                (KEYSPACE, table),
            )
            return sum(row[0] for row in rows)

    def _status(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self._launch("status", "--json").stdout)
        return told

    def _launch(
        self, verb: str, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        cluster = ("--name", self.told["name"], "--build-dir", Path(self.told["folder"]).parents[1])
        return subprocess.run(
            [_LAUNCHER, verb, *cluster, *arguments],
            capture_output=True,
            text=True,
            env=environment,
        )

    def has_unread_requests(self) -> bool:
        """Whether the system of the first node has received requests that the node, which is
        paused, has not."""
        # The kernel writes an address as a number in the machine's order; Java's sockets are of
        # IPv6, where one of IPv4 is the last of four numbers.
        host = bytes(map(int, self.told["contact_points"][0].split(".")))
        local = f"{int.from_bytes(host, sys.byteorder):08X}:{self.told['port']:04X}"
        connections = [line.split() for line in _CONNECTIONS.read_text().splitlines()[1:]]
        unread = sum(int(c[4].split(":")[1], 16) for c in connections if c[1].endswith(local))
        return unread > _MORE_THAN_HEARTBEATS

    def uri(
        self,
        table: str,
        *,
        keyspace: str = KEYSPACE,
        user: str = "",
        address: str = "",
        **parameters: str,
    ) -> str:
        """`user` is `name` or `name:password`, already percent-encoded."""
        named = urlencode({"table": table} | parameters, quote_via=quote)
        credentials = f"{user}@" if user else ""
        where = f"{address or self.address}/{quote(keyspace, safe='')}"
        return f"cassandra://{credentials}{where}?{named}"


def given_server() -> Server:
    """Without one, a test that needs it fails."""
    path = Path(os.environ["BYTESTORE_TEST_SERVER"])
    return Server(json.loads(path.read_text(encoding="utf-8")))
