"""Sessions: connections to a cluster, to be shared by any number of stores."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple, TypedDict, Union

from typing_extensions import Unpack

from langchain_bytestore import _native
from langchain_bytestore._driver_session import DriverSession, is_of_driver
from langchain_bytestore._native import Session
from langchain_bytestore._outcome import outcome
from langchain_bytestore.errors import InvalidArgumentError

__all__ = ["Session", "aconnect", "connect", "init", "shutdown"]

_NOT_ASTRA = (
    "{} is not supported, because Astra DB is reached through bundles and tokens that only "
    "DataStax's own drivers know; pass contact_points of a Cassandra cluster"
)
_UNSUPPORTED = (
    "secure_connect_bundle",
    "init_string",
    "token",
    "database_id",
    "bundle_url_template",
    "cloud_kwargs",
)


class InitOptions(TypedDict, total=False):
    """The keyword arguments of `connect` that `init` only passes on."""

    port: int
    local_datacenter: Optional[str]
    consistency: Optional[str]
    tls_ca: Optional[str]
    tls_certificate: Optional[str]
    tls_key: Optional[str]
    tls_verify: Optional[str]
    tls_name: Optional[str]
    connect_timeout: float
    attempt_timeout: float
    give_up_after: float
    compression: str
    worker_threads: int
    application_name: Optional[str]
    allow_clock_difference: bool


class SessionOptions(InitOptions, total=False):
    """The keyword arguments of `connect`."""

    keyspace: Optional[str]
    username: Optional[str]
    password: Optional[str]


def connect(
    contact_points: Union[str, Sequence[str]],
    *,
    port: int = 9042,
    keyspace: Optional[str] = None,
    username: Optional[str] = None,
    password: Optional[str] = None,
    local_datacenter: Optional[str] = None,
    consistency: Optional[str] = None,
    tls_ca: Optional[str] = None,
    tls_certificate: Optional[str] = None,
    tls_key: Optional[str] = None,
    tls_verify: Optional[str] = None,
    tls_name: Optional[str] = None,
    connect_timeout: float = 10.0,
    attempt_timeout: float = 10.0,
    give_up_after: float = 30.0,
    compression: str = "none",
    worker_threads: int = 1,
    application_name: Optional[str] = None,
    allow_clock_difference: bool = False,
) -> Session:
    """Connects a session.

    What servers warn of, attempts that are made again, and clocks that differ are told to the
    logger `langchain_bytestore`.

    Args:
        contact_points: Where to begin, as a list or separated by commas: `host`, `host:port`, an
            address, or `[IPv6 address]:port`. The other nodes are found from there.
        port: Of contact points without one, and of the nodes that are found.
        keyspace: Of stores that do not name theirs.
        username: None: no authentication.
        password: To `username`.
        local_datacenter: Requests go to its nodes, and others are not connected to. None: the only
            one, or that of the contact points that are addresses of nodes, or else that of the node
            that answered.
        consistency: Of stores that do not have their own: `"LOCAL_QUORUM"` (if None), `"ONE"`,
            `"LOCAL_ONE"`, `"TWO"`, `"THREE"`, `"QUORUM"`, `"EACH_QUORUM"` or `"ALL"`.
        tls_ca: File of the authorities that sign the servers' certificates, PEM. None: connections
            are not encrypted.
        tls_certificate: File of a certificate to show to servers that ask for one, PEM.
        tls_key: File of its key, PEM.
        tls_verify: Whom a server's certificate must name: `"ip"`, the address that was connected to
            (if None); `"name"`, `tls_name`; `"chain"`, anybody.
        tls_name: The DNS name that the servers' certificates have.
        connect_timeout: Seconds for all of connecting.
        attempt_timeout: Seconds for each attempt at a request; more if its bytes need it on the link.
        give_up_after: Seconds after which keys are given up, counted from the last answer of any
            server; of a key that fails although others are answered, from its first failure.
        compression: Of what is sent: `"none"`, `"lz4"` or `"snappy"`.
        worker_threads: Of the driver; one serves about 40,000 requests a second.
        application_name: What servers show in their list of clients.
        allow_clock_difference: Connects although a node's clock and this machine's are over 60 s
            apart.

    Raises:
        Error: `not_configured` without contact points, `invalid_argument` for options that are
            wrong, `unauthorized` for wrong credentials, `unavailable` or `timeout` if no contact
            point can be reached.
    """
    return _native.connect(_options(locals()))


async def aconnect(
    contact_points: Union[str, Sequence[str]], **options: Unpack[SessionOptions]
) -> Session:
    """Like `connect`, with the same arguments; it does not block the event loop."""
    session: Session = await outcome(
        _native.aconnect, _options({"contact_points": contact_points, **options})
    )
    return session


def _options(given: Dict[str, Any]) -> Dict[str, Any]:
    return {**given, "contact_points": _points(given["contact_points"])}


def _points(given: Union[str, Sequence[str]]) -> List[str]:
    if isinstance(given, (bytes, bytearray, memoryview)) or not isinstance(given, Iterable):
        raise TypeError(f"contact_points is {type(given).__name__}, not str or a list of str")
    points = given.split(",") if isinstance(given, str) else list(given)
    for point in points:
        if not isinstance(point, str):
            raise TypeError(f"a contact point is {type(point).__name__}, not str")
    return [point.strip() for point in points if point.strip()]


_logger = logging.getLogger("langchain_bytestore")

# The session and keyspace of the process, set and read together.
_default: Tuple[Any, Optional[str]] = (None, None)


def default() -> Tuple[Any, Optional[str]]:
    """The session that `init` made or was given, and its keyspace; each None without one."""
    return _default


def init(
    auto: bool = False,
    session: Optional[Union[Session, DriverSession]] = None,
    secure_connect_bundle: Optional[str] = None,
    init_string: Optional[str] = None,
    token: Optional[str] = None,
    database_id: Optional[str] = None,
    keyspace: Optional[str] = None,
    contact_points: Union[str, Sequence[str], None] = None,
    username: Optional[str] = None,
    password: Optional[str] = None,
    cluster_kwargs: Optional[Dict[str, Any]] = None,
    tempfile_basedir: Optional[str] = None,
    bundle_url_template: Optional[str] = None,
    cloud_kwargs: Optional[Dict[str, Any]] = None,
    **options: Unpack[InitOptions],
) -> None:
    """Sets the session and keyspace of all stores that are not given theirs, as `cassio.init` does.

    A second call replaces them; stores that use the old session keep it. If cassio itself was
    initialised, its session comes before this one.

    Args:
        auto: Takes `contact_points`, `keyspace`, `username` and `password` from the environment
            variables `CASSANDRA_CONTACT_POINTS`, `CASSANDRA_KEYSPACE`, `CASSANDRA_USERNAME` and
            `CASSANDRA_PASSWORD`; nothing else may be given but options.
        session: A `Session`, or one of the Python driver.
        secure_connect_bundle: Of Astra DB, so it is refused.
        init_string: The same.
        token: The same.
        database_id: The same.
        keyspace: The keyspace.
        contact_points: As in `connect`.
        username: As in `connect`.
        password: As in `connect`.
        cluster_kwargs: Of the Python driver, so they are refused.
        tempfile_basedir: Of bundles, so nothing is done with it.
        bundle_url_template: Of Astra DB, so it is refused.
        cloud_kwargs: The same.
        options: Further arguments of `connect`, without a session.

    Raises:
        TypeError: `session` is something else, or comes with options.
        InvalidArgumentError: For what `cassio.init` takes and this cannot: Astra DB is reached
            through bundles that only DataStax's own drivers open, and `cluster_kwargs` are of the
            Python driver.
    """
    _refuse_unsupported(
        secure_connect_bundle, init_string, token, database_id, bundle_url_template, cloud_kwargs
    )
    if cluster_kwargs:
        raise InvalidArgumentError(
            "cluster_kwargs are arguments of the Python driver's Cluster; pass what you need of "
            f"them ({', '.join(sorted(cluster_kwargs))}) as arguments of langchain_bytestore.connect"
        )
    if auto:
        if any(
            each is not None for each in (session, keyspace, contact_points, username, password)
        ):
            raise InvalidArgumentError("with auto=True all but options comes from the environment")
        contact_points, keyspace, username, password = _from_environment()
    if session is not None:
        check_session(session)
        if options:
            raise TypeError(f"a session has its own {', '.join(sorted(options))}")
    else:
        if contact_points is None:
            raise InvalidArgumentError("pass contact_points, a session, or auto=True")
        if (username is None) != (password is None):
            raise InvalidArgumentError("pass both username and password, or none of them")
        session = connect(
            contact_points, keyspace=keyspace, username=username, password=password, **options
        )
    if cassio_default()[0] is not None:
        _logger.warning("cassio was initialised too, and stores that are given no session use its")
    global _default
    _default = (session, keyspace)


def cassio_default() -> Tuple[Any, Optional[str]]:
    """The session and keyspace of `cassio.init`; each None without one."""
    cassio = sys.modules.get("cassio.config")
    return getattr(cassio, "default_session", None), getattr(cassio, "default_keyspace", None)


def check_session(session: Any) -> None:
    """Raises `TypeError` for what is neither a session of ours nor of the Python driver."""
    if not isinstance(session, Session) and not is_of_driver(session):
        raise TypeError(
            f"session is {type(session).__name__}, neither langchain_bytestore.Session nor "
            "cassandra.cluster.Session"
        )


def shutdown() -> None:
    """Lets go of what `init` set. Stores that use the session go on."""
    global _default
    _default = (None, None)


def _refuse_unsupported(*values: Any) -> None:
    for name, value in zip(_UNSUPPORTED, values, strict=False):
        if value is not None:
            raise InvalidArgumentError(_NOT_ASTRA.format(name))


def _from_environment() -> Tuple[str, Optional[str], Optional[str], Optional[str]]:
    points = os.environ.get("CASSANDRA_CONTACT_POINTS")
    if points is None:
        if any(name.startswith("ASTRA_DB_") for name in os.environ):
            raise InvalidArgumentError(_NOT_ASTRA.format("the environment of Astra DB"))
        raise InvalidArgumentError(
            "auto=True needs the environment variable CASSANDRA_CONTACT_POINTS"
        )
    names = ("CASSANDRA_KEYSPACE", "CASSANDRA_USERNAME", "CASSANDRA_PASSWORD")
    keyspace, username, password = (os.environ.get(name) for name in names)
    return points, keyspace, username, password
