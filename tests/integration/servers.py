"""The server of a test: as CTest started it, to the Python driver, and as the URI of a store."""

import json
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster

KEYSPACE = "bytestore_test"


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
