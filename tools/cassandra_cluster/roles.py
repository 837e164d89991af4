"""The roles of a cluster with --auth: a superuser and an ordinary role, their passwords made here.

A password is in one file of mode 0600, without a newline; it is never an argument, in a log or in a
message. Cassandra's own `cassandra/cassandra` is dropped.
"""

import re
import secrets
from collections.abc import Callable

from .cql import BadCredentials, Connection, Credentials
from .files import write_atomically
from .layout import ClusterFolder

SUPERUSER = "bytestore_admin"
ORDINARY = "bytestore"
_PRESET = Credentials("cassandra", "cassandra")
_GRANTS = ("CREATE", "ALTER", "DROP", "SELECT", "MODIFY")

Connect = Callable[[Credentials], Connection]


def make_passwords(folder: ClusterFolder) -> None:
    """Write the password files that are not there yet."""
    folder.auth.mkdir(parents=True, exist_ok=True)
    for user in (SUPERUSER, ORDINARY):
        path = folder.auth / user
        if not path.exists():
            write_atomically(path, secrets.token_urlsafe(24), mode=0o600)


def credentials(folder: ClusterFolder, user: str) -> Credentials:
    return Credentials(user, (folder.auth / user).read_text(encoding="ascii"))


def describe(folder: ClusterFolder) -> dict[str, str]:
    return {
        "user": ORDINARY,
        "password_file": str(folder.auth / ORDINARY),
        "superuser": SUPERUSER,
        "superuser_password_file": str(folder.auth / SUPERUSER),
    }


def provision(folder: ClusterFolder, connect: Connect) -> None:
    """Bring the roles about. After a failure (CqlError, OSError) it may simply be called again.

    The ordinary role may do all to every keyspace and nothing to roles; guardrails apply to it.
    """
    superuser, ordinary = credentials(folder, SUPERUSER), credentials(folder, ORDINARY)
    _ensure_superuser(superuser, connect)
    with connect(superuser) as connection:
        connection.query(
            f"CREATE ROLE IF NOT EXISTS {ORDINARY} WITH LOGIN = true AND SUPERUSER = false "
            f"AND {_password(ordinary)}"
        )
        for permission in _GRANTS:
            connection.query(f"GRANT {permission} ON ALL KEYSPACES TO {ORDINARY}")
        connection.query(f"DROP ROLE IF EXISTS {_PRESET.user}")


def _ensure_superuser(superuser: Credentials, connect: Connect) -> None:
    try:
        with connect(superuser):
            return
    except BadCredentials:
        pass
    with connect(_PRESET) as connection:
        connection.query(
            f"CREATE ROLE IF NOT EXISTS {SUPERUSER} WITH LOGIN = true AND SUPERUSER = true "
            f"AND {_password(superuser)}"
        )


def _password(role: Credentials) -> str:
    assert re.fullmatch(r"[A-Za-z0-9_-]+", role.password)  # so that it needs no quoting
    return f"PASSWORD = '{role.password}'"
