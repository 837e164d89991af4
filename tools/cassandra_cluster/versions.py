"""The releases of Cassandra that can be started, and what differs between them. No I/O."""

from dataclasses import dataclass

from .errors import LauncherError
from .java import MAJORS

DEFAULT = "5.0.9"  # the latest 5.0.x: what every test runs on that does not ask for another


@dataclass(frozen=True)
class Release:
    """One release, and how it wants to be started."""

    version: str
    javas: tuple[int, ...] = MAJORS  # major versions, the best first

    # Whether cassandra.yaml has durations as `name: 5s`; before, they are `name_in_ms: 5000`.
    durations_with_units: bool = True
    # Whether it reads certificates and keys in PEM; before, only in Java's own format.
    pem: bool = True
    # Whether it can be told how many nodes hold its own keyspaces, and at which level it reads and
    # writes roles; before, both are fixed.
    own_replication: bool = True


_BEFORE_4_1 = {"durations_with_units": False, "pem": False, "own_replication": False}

# The newest first.
RELEASES = {
    release.version: release
    for release in (
        Release("6.0-alpha2"),
        Release(DEFAULT),
        Release("4.1.10", javas=(11,)),
        Release("4.0.19", javas=(11,), **_BEFORE_4_1),
        Release("3.11.19", javas=(11,), **_BEFORE_4_1),
    )
}


def parse(text: str) -> tuple[str, ...]:
    """`--version`: one for all nodes, or one for each with commas between them.

    >>> parse("4.1.10,5.0.9")
    ('4.1.10', '5.0.9')
    """
    versions = tuple(text.split(","))
    for version in versions:
        if version not in RELEASES:
            known = ", ".join(RELEASES)
            raise LauncherError(f"--version wants one of {known}, not {version!r}")
    return versions


def of_each_node(versions: tuple[str, ...], nodes: int) -> tuple[str, ...]:
    """One version for each of `nodes`, of one for all or of one for each.

    >>> of_each_node(("5.0.9",), 2)
    ('5.0.9', '5.0.9')
    """
    if len(versions) == 1:
        return versions * nodes
    if len(versions) != nodes:
        raise LauncherError(
            f"--version names {len(versions)} versions for {nodes} nodes; it wants one for all, or "
            "one for each"
        )
    return versions


def refuse_what_is_missing(versions: tuple[str, ...], *, tls: bool) -> None:
    """Raise if a cluster of nodes of these versions is to do what one of them cannot."""
    for release in (RELEASES[version] for version in versions):
        if tls and not release.pem:
            raise LauncherError(
                f"--tls makes certificates in PEM, which Cassandra {release.version} does not "
                "read; 4.1 and newer do"
            )
        if len(versions) > 1 and not release.own_replication:
            raise LauncherError(
                f"Cassandra {release.version} is started as one node only, since it cannot be told "
                "how many nodes hold its own keyspaces; 4.1 and newer can"
            )


def is_older(version: str, other: str) -> bool:
    """Whether a node of `version` cannot read what one of `other` has written."""
    order = list(RELEASES)
    return order.index(version) > order.index(other)
