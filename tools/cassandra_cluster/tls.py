"""Certificates for a cluster and for the tests of its clients, made with the openssl command.

Under `<cluster>/tls`, all PEM, keys unencrypted PKCS#8 with mode 0600:

    ca.pem                          what a client trusts
    client.pem client.key           what the servers accept
    server-address.pem .key         names the IP address of each node
    server-dns.pem .key             names DNS_NAME only, so that no IP address matches
    server-other.pem .key           names another host only
    untrusted/ca.pem client.pem client.key    the same from a CA that the servers do not know
"""

import shutil
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .errors import LauncherError

DNS_NAME = "cassandra.bytestore.test"
# Of the clients, to servers that know them by their certificates.
IDENTITY = "spiffe://bytestore.test/client"
_OTHER_NAMES = ("DNS:other.bytestore.test", "IP:192.0.2.1")  # reserved for documentation (RFC 5737)
_DAYS = 3650

_CONFIG = """\
[req]
prompt = no
distinguished_name = subject
[subject]
CN = {subject}
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = {names}
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectAltName = URI:{identity}
"""


def generate(folder: Path, addresses: Sequence[str]) -> None:
    """Make the whole set for nodes at `addresses`; does nothing if it is already there."""
    if (folder / "untrusted" / "client.pem").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "untrusted").mkdir(parents=True, mode=0o700)
    names = {
        "address": [f"IP:{address}" for address in addresses],
        "dns": [f"DNS:{DNS_NAME}"],
        "other": _OTHER_NAMES,
    }
    _certificate(folder / "ca.pem", "bytestore test CA", kind="ca")
    for kind, alternatives in names.items():
        _certificate(
            folder / f"server-{kind}.pem", f"bytestore {kind}", kind="server", names=alternatives
        )
        _join_key_and_chain(folder, kind)
    _certificate(folder / "client.pem", "bytestore client", kind="client")
    _certificate(folder / "untrusted" / "ca.pem", "untrusted CA", kind="ca")
    _certificate(folder / "untrusted" / "client.pem", "untrusted client", kind="client")


def encryption_options(folder: Path, names: str) -> dict[str, Any]:
    """The section client_encryption_options of cassandra.yaml."""
    return {
        "enabled": True,
        "optional": False,
        "require_client_auth": True,
        "ssl_context_factory": {
            "class_name": "org.apache.cassandra.security.PEMBasedSslContextFactory"
        },
        "keystore": str(folder / f"server-{names}.keystore"),
        "truststore": str(folder / "ca.pem"),
    }


def client_context(folder: Path, names: str) -> ssl.SSLContext:
    """Trusts the cluster and shows its client certificate; names are checked if they can match."""
    context = ssl.create_default_context(cafile=folder / "ca.pem")
    context.check_hostname = names == "address"
    context.load_cert_chain(folder / "client.pem", folder / "client.key")
    return context


def describe(folder: Path, names: str) -> dict[str, Any]:
    """Every path that a test needs."""

    def pair(name: str) -> dict[str, str]:
        return {"certificate": str(folder / f"{name}.pem"), "key": str(folder / f"{name}.key")}

    return {
        "ca": str(folder / "ca.pem"),
        "client": pair("client"),
        "server_names": names,
        "servers": {kind: pair(f"server-{kind}") for kind in ("address", "dns", "other")},
        "dns_name": DNS_NAME,
        "untrusted": {
            "ca": str(folder / "untrusted" / "ca.pem"),
            "client": pair("untrusted/client"),
        },
    }


def _certificate(path: Path, subject: str, *, kind: str, names: Sequence[str] = ()) -> None:
    """Write `path` and the key beside it, signed by the folder's CA, or by itself for a CA."""
    key, config = path.with_suffix(".key"), path.with_suffix(".cnf")
    config.write_text(
        _CONFIG.format(subject=subject, names=",".join(names) or "DNS:none", identity=IDENTITY),
        encoding="utf-8",
    )
    _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
    key.chmod(0o600)
    signer = (
        []
        if kind == "ca"
        else ["-CA", path.with_name("ca.pem"), "-CAkey", path.with_name("ca.key")]
    )
    _openssl(
        "req",
        "-new",
        "-x509",
        "-config",
        config,
        "-extensions",
        kind,
        "-key",
        key,
        *signer,
        "-days",
        _DAYS,
        "-out",
        path,
    )
    config.unlink()


def _join_key_and_chain(folder: Path, kind: str) -> None:
    """The server wants its key and its certificates in one file."""
    parts = (folder / f"server-{kind}.key", folder / f"server-{kind}.pem", folder / "ca.pem")
    keystore = folder / f"server-{kind}.keystore"
    keystore.touch(mode=0o600)
    keystore.write_text(
        "".join(part.read_text(encoding="ascii") for part in parts), encoding="ascii"
    )


def _openssl(*arguments: object) -> None:
    try:
        done = subprocess.run(
            ["openssl", *map(str, arguments)],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise LauncherError(
            "the openssl command is needed for --tls, and is not in PATH. Run script/bootstrap."
        ) from None
    if done.returncode != 0:
        raise LauncherError(f"openssl {arguments[0]} failed: {done.stderr.strip()}")
