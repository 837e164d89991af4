"""The verb cql: statements for which no client is at hand."""

from . import readiness
from .cluster import Cluster
from .cql import CqlError
from .errors import LauncherError

_SECONDS = 60.0  # a change of the schema on a busy machine


def run(cluster: Cluster, statements: list[str]) -> None:
    """Run the statements, in order, on the first node. Stops at the first that fails."""
    node = cluster.node(1)
    try:
        with readiness.connect(node, readiness.superuser(node), _SECONDS) as connection:
            for statement in statements:
                connection.query(statement)
    except CqlError as error:
        raise LauncherError(f"the server refuses: {error}") from None
