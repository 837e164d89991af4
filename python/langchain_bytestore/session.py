"""Sessions: the connections to a cluster, which any number of stores may share."""

from __future__ import annotations

import logging
import os
import sys
from typing import (
    Any,
    Callable,
    Dict,
    Iterable,
    List,
    Mapping,
    Optional,
    Sequence,
    Tuple,
    TypedDict,
    Union,
)

from typing_extensions import Unpack

from langchain_bytestore import _greenlets, _native
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


AddressMap = Union[Mapping[str, str], Callable[[str], Optional[str]]]


class InitOptions(TypedDict, total=False):
    """The keyword arguments of `connect` that `init` only passes on."""

    port: int
    address_map: Optional[AddressMap]
    credentials: Optional[Callable[[], Tuple[str, str]]]
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
    address_map: Optional[AddressMap] = None,
    keyspace: Optional[str] = None,
    username: Optional[str] = None,
    password: Optional[str] = None,
    credentials: Optional[Callable[[], Tuple[str, str]]] = None,
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

    Server warnings, retried requests, nodes that hang or cannot be reached, clock skew, credentials
    and certificates that could not be renewed, and stores of one table with timestamps of two kinds
    are reported to the logger `langchain_bytestore`. What a handler or filter of the logger raises
    breaks no call; it goes to `sys.unraisablehook`, once for each session.

    Args:
        contact_points: The nodes to contact first, as a list or separated by commas: `host`,
            `host:port`, an address, or `[IPv6 address]:port`. The session learns the other nodes
            from them.
        port: The port of contact points that do not name one. The other nodes are reached at the
            port of the contact points; if these are not addresses of nodes, at the ports that nodes
            announce.
        address_map: Where nodes are reached that cannot be reached at the addresses they announce, as
            in containers with mapped ports or through tunnels: a dict from what a node announces
            (`"172.17.0.3"` or `"172.17.0.3:9042"`) to where it is reached (`"127.0.0.1:19043"`;
            without a port, it is the announced one). Or a function that returns this for an
            announced `"172.17.0.3:9042"`, or None for a node that is reached there. It is called on
            a thread of the library, before each new connection, and must not wait for anything; if
            it raises, the node is not reached, and errors and the log say why. A node that answers at
            a contact point and not at what it announces is reached at that contact point.
        keyspace: The keyspace of stores that do not name one.
        username: If None, the session does not log in by a password. A server with
            `MutualTlsAuthenticator` only looks at `tls_certificate`.
        password: The password of `username`.
        credentials: Returns the user and the password, in place of `username` and `password`, for
            passwords that change while the session lives. It is called when the session logs in to
            a server, so again after a refused login; at least 2 s lie between two calls. It is
            called on a thread of the library and may block: a login waits for a second, and then
            uses the last credentials. If it raises, the last credentials are used and the exception
            is logged, so that should have no secret in its text; if there are none yet, connecting
            fails with `unauthorized`. It must not use stores of this session.
        local_datacenter: The datacenter whose nodes get the requests; the session does not connect
            to other nodes. If None, it is the only datacenter, or else that of the contact points
            that are addresses of nodes, or else that of the node that answered.
        consistency: The consistency of stores that do not set one: `"LOCAL_QUORUM"` (if None),
            `"ONE"`, `"LOCAL_ONE"`, `"TWO"`, `"THREE"`, `"QUORUM"`, `"EACH_QUORUM"` or `"ALL"`.
        tls_ca: PEM file with the authorities that sign the servers' certificates. If None,
            connections are not encrypted.
        tls_certificate: PEM file with a certificate for servers that ask the client for one.
        tls_key: PEM file with the key of that certificate. New connections use what is in these
            three files then, so that they may be renewed.
        tls_verify: What a server's certificate must name. `"ip"` (if None): the address that the
            library connects to; `"name"`: `tls_name`; `"chain"`: nothing in particular.
        tls_name: The DNS name that the servers' certificates must have with `"name"`.
        connect_timeout: Seconds that connecting may take in all.
        attempt_timeout: Seconds to wait for the answer to a request; more if the link needs more
            time for its bytes.
        give_up_after: Seconds after which keys are given up. They count from the last answer of any
            server; for a key that fails although others succeed, from its own first failure.
        compression: How the data on connections is compressed: `"none"`, `"lz4"` or `"snappy"`.
        worker_threads: How many threads the driver has. One serves about 40,000 requests per
            second. If there is one, blocking calls that come one after another do its work
            themselves while they wait, which saves most of their time; their thread then needs a
            stack of 512 KiB (`threading.stack_size`).
        application_name: The name that servers show in their list of clients.
        allow_clock_difference: If True, stores with `timestamps="client"` can be opened even if the
            clocks of a node and of this machine differ by more than 60 s. Without it they fail
            with `unavailable` then; stores with `timestamps="server"` can always be opened.

    Raises:
        Error: `not_configured` if there are no contact points, `invalid_argument` if an option is
            not valid, `unauthorized` if the credentials are wrong, `unavailable` or `timeout` if no
            contact point can be reached.
    """
    return _greenlets.connect(_options(locals()))


async def aconnect(
    contact_points: Union[str, Sequence[str]], **options: Unpack[SessionOptions]
) -> Session:
    """Like `connect`, with the same arguments; it does not block the event loop."""
    session: Session = await outcome(
        _native.aconnect, _options({"contact_points": contact_points, **options})
    )
    return session


def _options(given: Dict[str, Any]) -> Dict[str, Any]:
    options = {**given, "contact_points": _points(given["contact_points"])}
    _check_address_map(options.get("address_map"))
    return options


def _check_address_map(given: Any) -> None:
    if given is None or callable(given):
        return
    if not isinstance(given, Mapping):
        raise TypeError(f"address_map is {type(given).__name__}, neither a dict nor a function")
    for number, pair in enumerate(given.items(), 1):
        for text in pair:
            if not isinstance(text, str):
                raise TypeError(
                    f"entry {number} of address_map has a {type(text).__name__}, not only str"
                )


def _points(given: Union[str, Sequence[str]]) -> List[str]:
    if isinstance(given, (bytes, bytearray, memoryview)) or not isinstance(given, Iterable):
        raise TypeError(f"contact_points is {type(given).__name__}, not str or a list of str")
    points = given.split(",") if isinstance(given, str) else list(given)
    for point in points:
        if not isinstance(point, str):
            raise TypeError(f"a contact point is {type(point).__name__}, not str")
    return [point.strip() for point in points if point.strip()]


_logger = logging.getLogger("langchain_bytestore")

# The default session and its keyspace, which are set and read together.
_default: Tuple[Any, Optional[str]] = (None, None)


def default() -> Tuple[Any, Optional[str]]:
    """Returns the session that `init` made or was given, and its keyspace; None if not set."""
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
    """Sets the default session and keyspace, as `cassio.init` does; stores use them by default.

    A second call replaces them; stores that use the old session keep it. If cassio itself was
    initialised, its session takes precedence over this one.

    Args:
        auto: If True, takes `contact_points`, `keyspace`, `username` and `password` from the
            environment variables `CASSANDRA_CONTACT_POINTS`, `CASSANDRA_KEYSPACE`,
            `CASSANDRA_USERNAME` and `CASSANDRA_PASSWORD`; then only options may be given.
        session: A `Session`, or a session of the Python driver.
        secure_connect_bundle: It is for Astra DB, so it is refused.
        init_string: It is for Astra DB, so it is refused.
        token: It is for Astra DB, so it is refused.
        database_id: It is for Astra DB, so it is refused.
        keyspace: The keyspace.
        contact_points: As in `connect`.
        username: As in `connect`.
        password: As in `connect`.
        cluster_kwargs: They are for the Python driver, so they are refused.
        tempfile_basedir: It is for bundles, so it is ignored.
        bundle_url_template: It is for Astra DB, so it is refused.
        cloud_kwargs: They are for Astra DB, so they are refused.
        options: Further arguments of `connect`; not allowed together with `session`.

    Raises:
        TypeError: `session` is something else, or options are given with it.
        InvalidArgumentError: For arguments that `cassio.init` takes and this function cannot use:
            Astra DB is reached through bundles that only DataStax's own drivers open, and
            `cluster_kwargs` are for the Python driver.
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
            raise InvalidArgumentError(
                "with auto=True, everything but options comes from the environment"
            )
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
    """Returns the session and keyspace of `cassio.init`; each is None if not set."""
    cassio = sys.modules.get("cassio.config")
    return getattr(cassio, "default_session", None), getattr(cassio, "default_keyspace", None)


def check_session(session: Any) -> None:
    """Raises `TypeError` for a session that is neither ours nor of the Python driver."""
    if not isinstance(session, Session) and not is_of_driver(session):
        raise TypeError(
            f"session is {type(session).__name__}, neither langchain_bytestore.Session nor "
            "cassandra.cluster.Session"
        )


def shutdown() -> None:
    """Releases the session that `init` set. Stores that use it keep it."""
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
