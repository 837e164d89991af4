"""Takes over the settings of a session of the Python driver (`cassandra.cluster.Session`)."""

from __future__ import annotations

import os
import ssl
import threading
from typing import Any, Dict, List, MutableMapping, Optional, Protocol, Tuple
from weakref import WeakKeyDictionary

from langchain_bytestore import _greenlets
from langchain_bytestore._native import Session
from langchain_bytestore.errors import InvalidArgumentError

_CONNECT_TIMEOUT = 10.0  # seconds, as by default

_NOT_OF_ALL_VERBS = ("ANY", "SERIAL", "LOCAL_SERIAL")  # consistencies


class DriverSession(Protocol):
    """A `cassandra.cluster.Session` for type checkers, since its package has no annotations."""

    cluster: Any
    keyspace: Any

    def prepare(self, query: str, /) -> Any:
        """Returns a statement that the session can execute."""


class _Taken:
    """The session of ours that was made from one session of the driver."""

    def __init__(self) -> None:
        self.lock = threading.RLock()  # a signal handler may make a store meanwhile
        self.session: Optional[Session] = None


class _All:
    """The sessions of ours, for all sessions of the driver that are alive."""

    def __init__(self) -> None:
        self.lock = threading.RLock()  # never held while something connects
        self.by_session: MutableMapping[Any, _Taken] = WeakKeyDictionary()

    def of(self, session: Any) -> _Taken:
        with self.lock:
            return self.by_session.setdefault(session, _Taken())


_all = _All()
# The locks may be held by threads that a child does not have.
os.register_at_fork(after_in_child=lambda: _all.__init__())  # type: ignore[misc]


def is_of_driver(session: Any) -> bool:
    """Returns whether it is a session of the Python driver, which need not be installed."""
    return any(
        kind.__module__ == "cassandra.cluster" and kind.__name__ == "Session"
        for kind in type(session).__mro__
    )


def taken_over(session: Any, timeout: Optional[float] = None) -> Session:
    """Returns a session of ours to the same cluster, one for each session of the driver.

    May block, for `timeout` seconds at most.

    Raises:
        InvalidArgumentError: For a setting that cannot be taken over; the message names the
            argument of `connect` that has the same meaning.
    """
    taken = _all.of(session)
    with taken.lock:
        if taken.session is None:
            settings = settings_of(session)
            if timeout is not None:
                settings["connect_timeout"] = min(timeout, _CONNECT_TIMEOUT)
            taken.session = _greenlets.connect(settings)
        return taken.session


def keyspace_of(session: Any) -> Optional[str]:
    """Returns the keyspace as CQL writes it; all sessions have the stored form."""
    name = getattr(session, "keyspace", None)
    if not name or name == name.lower():
        return name or None
    return f'"{name}"'


def consistency_of(session: Any) -> str:
    """Returns the present consistency of the session's statements, by name.

    Raises:
        InvalidArgumentError: Not every statement can use it.
    """
    from cassandra import ConsistencyLevel

    level = (
        session.default_consistency_level
        if _is_legacy(session.cluster)
        else session.cluster.profile_manager.default.consistency_level
    )
    name = str(ConsistencyLevel.value_to_name[level])
    if name in _NOT_OF_ALL_VERBS:
        raise _refused(f"the consistency {name}", "pass consistency=... to the store")
    return name


def timestamps_of(session: Any) -> str:
    """Returns who gives its writes their timestamps: "client" or "server".

    Raises:
        InvalidArgumentError: The program has its own timestamp generator.
    """
    from cassandra.timestamps import MonotonicTimestampGenerator

    if not session.use_client_timestamp:
        return "server"
    generator = session.cluster.timestamp_generator
    if type(generator) is not MonotonicTimestampGenerator:
        raise _refused(
            f"the timestamp_generator {type(generator).__name__}",
            'pass timestamps="client" or "server" to the store',
        )
    return "client"


def settings_of(session: Any) -> Dict[str, Any]:
    """Returns the options of `connect` that correspond to a session of the driver.

    They do not include its consistency, since stores have their own.
    """
    cluster = session.cluster
    _check_reachable(cluster)
    _check_unencrypted(cluster)
    return {
        "contact_points": _contact_points(cluster),
        "port": cluster.port,
        **_address_map(cluster),
        "keyspace": keyspace_of(session),
        "local_datacenter": _local_datacenter(_load_balancing_policy(cluster)),
        **_credentials(cluster),
        **_tls(cluster),
    }


def _is_legacy(cluster: Any) -> bool:
    """Returns whether it was configured by attributes, not by execution profiles."""
    from cassandra.cluster import _ConfigMode

    return bool(cluster._config_mode == _ConfigMode.LEGACY)


def _load_balancing_policy(cluster: Any) -> Any:
    if _is_legacy(cluster):
        return cluster.load_balancing_policy
    return cluster.profile_manager.default.load_balancing_policy


def _refused(what: str, remedy: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"{what} of the driver's session cannot be taken over; {remedy}")


def _cannot(what: str, instead: str) -> InvalidArgumentError:
    return _refused(what, f"pass session=langchain_bytestore.connect(...) with {instead}")


def _check_reachable(cluster: Any) -> None:
    from cassandra.connection import DefaultEndPointFactory

    if getattr(cluster, "cloud", None):
        raise InvalidArgumentError(
            "a session to Astra DB cannot be taken over, because its bundles only open with "
            "DataStax's own drivers"
        )
    if type(cluster.endpoint_factory) is not DefaultEndPointFactory:
        raise _cannot(
            f"the endpoint_factory {type(cluster.endpoint_factory).__name__}",
            "address_map, which tells where nodes are reached",
        )


def _address_map(cluster: Any) -> Dict[str, Any]:
    from cassandra.policies import AddressTranslator, IdentityTranslator

    translator = cluster.address_translator
    if type(translator) is IdentityTranslator:
        return {}
    method = getattr(type(translator), "translate", AddressTranslator.translate)
    if method is AddressTranslator.translate:
        raise _cannot(
            f"the address_translator {type(translator).__name__}",
            "address_map, which tells where nodes are reached",
        )

    def translated(announced: str) -> str:
        """Asks the translator, which knows no ports."""
        host, _, port = announced.rpartition(":")
        return _with_port(translator.translate(host.strip("[]")), port)

    return {"address_map": translated}


def _with_port(host: str, port: Any) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _check_unencrypted(cluster: Any) -> None:
    if cluster.column_encryption_policy is not None:
        raise _refused(
            "the column_encryption_policy",
            "keep the driver for a table with encrypted columns, into which this library would "
            "write what is not encrypted; for others pass session=langchain_bytestore.connect(...)",
        )


def _contact_points(cluster: Any) -> List[str]:
    """Returns them as the program gave them: a name may lead to other addresses later."""
    points = []
    for point in cluster.contact_points:
        if isinstance(point, str):
            points.append(_with_port(point, cluster.port))
        elif isinstance(point, tuple):
            points.append(_with_port(*point))
        elif type(point).__name__ == "DefaultEndPoint":
            points.append(_with_port(point.address, point.port))
        else:
            raise _cannot(f"the contact point {point}", "contact_points")
    return points


def _local_datacenter(policy: Any) -> str:
    """Returns the local datacenter of the policy, or of one that it wraps; "" if none names it.

    Raises:
        InvalidArgumentError: The policy chooses nodes by other rules than ours. Ours use all nodes
            of the local datacenter, and first those that hold a key.
    """
    from cassandra.policies import (
        DCAwareRoundRobinPolicy,
        DefaultLoadBalancingPolicy,
        RoundRobinPolicy,
        TokenAwarePolicy,
    )

    while type(policy) in (DefaultLoadBalancingPolicy, TokenAwarePolicy):
        policy = policy._child_policy
    if type(policy) is DCAwareRoundRobinPolicy:
        return str(policy.local_dc or "")
    if type(policy) is RoundRobinPolicy:
        return ""
    raise _cannot(
        f"the load_balancing_policy {type(policy).__name__}",
        "contact_points and local_datacenter, whose nodes are all used",
    )


def _credentials(cluster: Any) -> Dict[str, Any]:
    provider = cluster.auth_provider
    if provider is None:
        return {}
    address = cluster.endpoints_resolved[0].address

    def credentials() -> Tuple[str, str]:
        """Asks as the driver does for each of its connections."""
        authenticator = provider.new_authenticator(address)
        return authenticator.username, authenticator.password

    if not _gives_passwords(provider, address):
        raise _cannot(f"the auth_provider {type(provider).__name__}", "username and password")
    return {"credentials": credentials}


def _gives_passwords(provider: Any, address: str) -> bool:
    from cassandra.auth import PlainTextAuthenticator

    try:
        return type(provider.new_authenticator(address)) is PlainTextAuthenticator
    except NotImplementedError:
        return False


def _tls(cluster: Any) -> Dict[str, str]:
    if cluster.ssl_context is not None:
        raise _cannot(
            "the ssl_context",
            "tls_ca, tls_certificate, tls_key and tls_verify, since its files cannot be read out",
        )
    if not cluster.ssl_options:
        return {}
    left = {name: value for name, value in cluster.ssl_options.items() if value is not None}
    if left.pop("cert_reqs", ssl.CERT_REQUIRED) != ssl.CERT_REQUIRED:
        raise _cannot("ssl_options with this cert_reqs", "tls_ca: servers are always verified")
    if left.pop("ssl_version", ssl.PROTOCOL_TLS_CLIENT) != ssl.PROTOCOL_TLS_CLIENT:
        raise _cannot("ssl_options with this ssl_version", "tls_ca: only TLS 1.2 and 1.3 are used")
    taken = {
        ours: str(left.pop(theirs))
        for theirs, ours in (
            ("ca_certs", "tls_ca"),
            ("certfile", "tls_certificate"),
            ("keyfile", "tls_key"),
        )
        if theirs in left
    }
    if "tls_ca" not in taken:
        raise _cannot("ssl_options without ca_certs", "tls_ca")
    name = left.pop("server_hostname", None)
    if not left.pop("check_hostname", False):
        taken["tls_verify"] = "chain"
    elif name:
        taken.update(tls_verify="name", tls_name=str(name))
    if left:
        raise _cannot(
            f"ssl_options with {', '.join(sorted(left))}",
            "the tls_... argument that has the same meaning",
        )
    return taken
