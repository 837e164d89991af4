"""When is a node up: when it answers CQL, over TLS and signed in if need be, and sees the rest."""

import time
from collections.abc import Callable
from functools import partial

from . import cql, roles, tls
from .cql import Connection, CqlError, Credentials
from .errors import LauncherError
from .node import Node

_POLL_SECONDS = 0.2
_LOG_LINES = 30
_REPLICATED_TABLE = "system_distributed.view_build_status"


def connect(node: Node, credentials: Credentials | None, seconds: float = 5.0) -> Connection:
    """A connection with the cluster's TLS settings; raises what `cql.Connection` does."""
    names = node.settings.tls
    context = tls.client_context(node.cluster.tls, names) if names else None
    return Connection(
        node.address, node.settings.port, credentials=credentials, tls=context, seconds=seconds
    )


def answers(node: Node, seconds: float = 2.0) -> bool:
    """One try: does this node serve a query, whatever it thinks of the others?"""
    try:
        with connect(node, superuser(node), seconds) as connection:
            return bool(connection.query("SELECT release_version FROM system.local"))
    except (OSError, CqlError):
        return False


def wait_for_roles(everybody: list[Node], deadline: float) -> None:
    """Until the roles of a cluster with --auth exist. Needs every node: all are written to."""
    node = everybody[0]

    def attempt() -> None:
        roles.provision(node.cluster, lambda credentials: connect(node, credentials))

    _retry(attempt, node, everybody, deadline)


def wait_until_ready(nodes: list[Node], everybody: list[Node], deadline: float) -> None:
    """Until each of `nodes` answers and counts every running node of the cluster as alive.

    Raises LauncherError, with the end of the log, if a process of `nodes` ends, or at `deadline`
    (of time.monotonic).
    """
    running = sum(node.state == "running" for node in everybody)
    for node in nodes:
        _retry(partial(_check, node, len(everybody), running), node, nodes, deadline)


def _check(node: Node, total: int, running: int) -> None:
    with connect(node, superuser(node)) as connection:
        connection.query("SELECT release_version FROM system.local")
        if total == 1:
            # Of a release that fixes how many nodes shall hold this keyspace, all are not there.
            connection.query(f"SELECT * FROM {_REPLICATED_TABLE}", cql.ONE)
            return
        peers = len(connection.query("SELECT peer FROM system.peers_v2"))
        if peers != total - 1:
            raise OSError(f"node {node.number} knows {peers} of {total - 1} other nodes")
        # Every founder holds all of this keyspace, so that the read needs as many of them alive as
        # its consistency level says: all if all nodes are, else as many as there must be.
        alive = min(max(running - node.settings.joined, 1), 3)
        level = cql.ALL if running == total else (cql.ONE, cql.TWO, cql.THREE)[alive - 1]
        connection.query(f"SELECT * FROM {_REPLICATED_TABLE}", level)


def _retry(attempt: Callable[[], None], node: Node, watched: list[Node], deadline: float) -> None:
    while True:
        try:
            attempt()
            return
        except (OSError, CqlError) as error:
            problem = error
        for other in watched:
            if other.state == "stopped":
                raise _failure(other, "its server has ended")
        if time.monotonic() > deadline:
            raise _failure(node, f"it does not answer in time ({problem})")
        time.sleep(_POLL_SECONDS)


def _failure(node: Node, reason: str) -> LauncherError:
    tail = node.log_tail(_LOG_LINES)
    return LauncherError(
        f"node {node.number} ({node.address}) is not up: {reason}. The end of "
        f"{node.folder.log}:\n{tail}"
    )


def superuser(node: Node) -> Credentials | None:
    """With whom this module connects; None where nobody is asked."""
    return roles.credentials(node.cluster, roles.SUPERUSER) if node.settings.auth else None
