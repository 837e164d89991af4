"""Certificates that end while a session uses them, and that tell who a client is."""

import itertools
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from client_certificates import Mounted, make, new_authority
from command import Result, Store
from forwarder import Forwarder
from rounds import Rounds
from servers import Server, wait_until

KEYS = 100
ROUNDS = 1_000_000  # more than there will be
PATIENT = {"connect_timeout": "200s", "give_up_after": "200s"}
CLIENT = "spiffe://bytestore.test/client"  # of the launcher's own certificate
APP = "spiffe://bytestore.test/app"
STRANGER = "spiffe://bytestore.test/stranger"


def _in_seconds(seconds: int) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)


def _tls(server: Server, mounted: Mounted) -> dict[str, str]:
    files = {"tls_certificate": "client.pem", "tls_key": "client.key"}
    return server.tls | {name: str(mounted.path(file)) for name, file in files.items()}


def test_a_certificate_that_ends_is_renewed_under_a_session(
    server: Server, table: str, tmp_path: Path
) -> None:
    """The server restarts, so that no session of TLS helps."""
    password = {"password": server.role.password}
    for seconds in itertools.accumulate(itertools.repeat(5)):  # a busy machine needs more
        end = _in_seconds(seconds)
        made = make(server, tmp_path / f"made_{seconds}", APP, end)
        mounted = Mounted(tmp_path / f"mounted_{seconds}", made | password)
        parameters = {"password_file": str(mounted.path("password"))} | _tls(server, mounted)
        uri = server.uri(table, user=server.role.name, **parameters, **PATIENT)
        rounds = Rounds(uri, "mset", KEYS, ROUNDS)
        if rounds.begin(2):
            break
    mounted.replace(make(server, tmp_path / "renewed", APP, _in_seconds(86_400)) | password)
    server.launcher("kill", 1)
    wait_until(lambda: datetime.now(UTC) > end)
    server.launcher("start", 1)
    rounds.wait_for(2)
    rounds.stop().check_all_succeeded()


class ServerFiles:
    """Of the server: its certificate and key, and the authorities whose clients it lets in."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._folder = Path(server.told["tls"]["ca"]).parent
        self._names = ("server-address.keystore", "ca.pem")

    def use(self, keystore: str, authorities: str) -> None:
        for name, content in zip(self._names, (keystore, authorities), strict=True):
            (self._folder / name).write_text(content, encoding="ascii")
        self._server.launcher("reloadssl")

    @contextmanager
    def restored(self) -> Iterator[tuple[str, str]]:
        """Yields what they contain, and has them contain it in the end."""
        before = [(self._folder / name).read_text(encoding="ascii") for name in self._names]
        try:
            yield before[0], before[1]
        finally:
            self.use(*before)


def test_an_authority_is_replaced_under_a_session(
    server: Server, table: str, tmp_path: Path
) -> None:
    """With both at first. Neither the server nor the session is restarted."""
    password = {"password": server.role.password}
    renewed = new_authority(server, tmp_path / "renewed")
    old_client = make(server, tmp_path / "old", APP, _in_seconds(86_400))
    new_client = {name: renewed[name] for name in ("client.pem", "client.key")}
    files = ServerFiles(server)
    at = (server.told["contact_points"][0], server.told["port"])
    with files.restored() as (_, old_ca), Forwarder(socket.create_server((at[0], 0)), at) as link:
        both, new_ca = old_ca + renewed["ca.pem"], renewed["ca.pem"]
        mounted = Mounted(tmp_path / "mounted", password | old_client | {"ca.pem": old_ca})
        parameters = _tls(server, mounted) | {
            "tls_ca": str(mounted.path("ca.pem")),
            "password_file": str(mounted.path("password")),
        }
        address = f"{at[0]}:{link.port}"
        uri = server.uri(table, user=server.role.name, address=address, **parameters, **PATIENT)
        rounds = Rounds(uri, "mset", KEYS, ROUNDS)
        assert rounds.begin(2)
        for client, ca, server_trusts in (
            (old_client, both, both),
            (new_client, new_ca, new_ca),
        ):
            mounted.replace(password | client | {"ca.pem": ca})
            files.use(renewed["server-address.keystore"], server_trusts)
            link.hang_up()
            rounds.wait_for(2)
        rounds.stop().check_all_succeeded()


@pytest.fixture
def mutual(server: Server) -> Iterator[Server]:
    """The server when it knows clients that show a certificate by that alone.

    Its authenticator is MutualTlsAuthenticator where there is a certificate; the launcher cannot do
    without the other half, which has passwords for roles.
    """
    roles = {CLIENT: server.superuser.name, APP: server.role.name}
    with server.cluster(server.superuser) as cluster:
        session = cluster.connect()
        for identity, role in roles.items():
            session.execute(f"ADD IDENTITY IF NOT EXISTS '{identity}' TO ROLE '{role}'")
    options = ("--auth", "--tls", "--set", "dynamic_data_masking_enabled=true")
    by_certificate = (
        *("--set", "authenticator.class_name=MutualTlsWithPasswordFallbackAuthenticator"),
        *("--set", "authenticator.parameters.validator_class_name=SpiffeCertificateValidator"),
    )
    server.restart_as(*options, *by_certificate)
    yield server
    server.restart_as(*options)


def test_a_certificate_is_enough(mutual: Server, table: str, tmp_path: Path) -> None:
    def put(identity: str, user: str = "") -> Result:
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        mounted = Mounted(Path(f"{folder}m"), make(mutual, folder, identity, _in_seconds(86_400)))
        uri = mutual.uri(table, user=user, **_tls(mutual, mounted))
        return Store(uri).run("put", "key", given=b"value")

    for user in ("", "anybody:whatever"):
        result = put(APP, user)
        assert (result.code, result.err) == (0, b""), result
    stranger = put(STRANGER)
    assert stranger.code == 4, stranger
    assert STRANGER in stranger.err.decode(), stranger
