"""Certificates of clients, from the authority of a server of the tests, and how they are renewed."""

import itertools
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cassandra_cluster import tls
from servers import Server

_CONFIG = """\
[ca]
default_ca = authority
[authority]
database = {folder}/index
new_certs_dir = {folder}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
x509_extensions = client
[any]
commonName = supplied
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectAltName = URI:{identity}
"""


def make(server: Server, folder: Path, identity: str, end: datetime) -> dict[str, str]:
    """Returns the contents of a certificate and its key: `client.pem` and `client.key`."""
    folder.mkdir()
    (folder / "index").touch()
    (folder / "config").write_text(
        _CONFIG.format(folder=folder, identity=identity), encoding="ascii"
    )
    authority = Path(server.told["tls"]["ca"]).parent
    key = folder / "client.key"
    _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
    request = folder / "request"
    _openssl("req", "-new", "-key", key, "-subj", "/CN=a test's client", "-out", request)
    signer = ("-cert", authority / "ca.pem", "-keyfile", authority / "ca.key")
    begin = datetime.now(UTC) - timedelta(days=1)
    times = ("-startdate", _written(begin), "-enddate", _written(end))
    made = folder / "client.pem"
    _openssl(
        *("ca", "-batch", "-notext", "-config", folder / "config", *signer, *times),
        *("-in", request, "-out", made),
    )
    return {each.name: each.read_text(encoding="ascii") for each in (made, key)}


def new_authority(server: Server, folder: Path) -> dict[str, str]:
    """Makes another authority, and certificates of its own for this server and its clients. Returns
    the contents of all files."""
    tls.generate(folder, server.told["contact_points"])
    return {
        each.name: each.read_text(encoding="ascii") for each in folder.iterdir() if each.is_file()
    }


def _written(time: datetime) -> str:
    return time.strftime("%Y%m%d%H%M%SZ")


def _openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Mounted:
    """Files as Kubernetes mounts secrets: each name is a link to a file in a folder, which is a
    link to the present folder, and that link is replaced."""

    def __init__(self, folder: Path, contents: dict[str, str]) -> None:
        folder.mkdir()
        self._folder = folder
        self._numbers = itertools.count()
        self.replace(contents)
        for name in contents:
            self.path(name).symlink_to(f"..data/{name}")

    def path(self, name: str) -> Path:
        return self._folder / name

    def replace(self, contents: dict[str, str]) -> None:
        version = self._folder / f"version_{next(self._numbers)}"
        version.mkdir()
        for name, content in contents.items():
            file = version / name
            file.touch(mode=0o600)
            file.write_text(content, encoding="ascii")
        link = self._folder / "..new"
        link.symlink_to(version.name)
        link.rename(self._folder / "..data")
