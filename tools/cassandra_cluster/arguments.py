"""The command line: what may be written, and what it means."""

import argparse
from pathlib import Path

from . import settings, versions
from .addresses import STORAGE_PORT
from .layout import DEFAULT_BUILD_FOLDER

_DESCRIPTION = (
    "Start, break and stop real Cassandra clusters for tests and benchmarks, on loopback addresses."
)

_EXAMPLES = """\
examples:
  tools/cassandra up                          one node on 127.0.0.1:9042
  tools/cassandra up --name ha --nodes 3      three more, side by side with it
  tools/cassandra kill 2 --name ha            SIGKILL; `start 2` brings it back with its data
  tools/cassandra join --name ha              a fourth node; `leave` lets it go again
  tools/cassandra up --name safe --auth --tls --json
  tools/cassandra up --name old --version 4.0.19
  tools/cassandra up --name mixed --version 4.1.10,5.0.9
  tools/cassandra kill 1 --name mixed && tools/cassandra up --name mixed --version 5.0.9,5.0.9
                                              upgrades the first node, with its data
  eval "$(tools/cassandra status --env)"      CASSANDRA_CONTACT_POINTS and so on
  tools/cassandra cql "CREATE KEYSPACE app WITH replication =
    {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}"
  tools/cassandra down --purge --name ha      stop it and remove its data

The first `up` fetches Cassandra with Maven into the user's cache folder. Data, logs, passwords and
certificates lie in build/cassandra/NAME. A JDK 17 or 21, Maven and openssl come from
script/bootstrap. Versions before 5.0 want a Java 11: one in JAVA_HOME, PATH or /usr/lib/jvm, else
pip fetches one into the user's cache folder.
"""


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(
        prog="tools/cassandra",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    verbs = root.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    common = _common()
    _add_up(verbs, common)
    down = _verb(
        verbs,
        common,
        "down",
        "stop all nodes: SIGTERM, and SIGKILL after 20 s (several nodes take about 10 s to drain)",
    )
    down.add_argument(
        "--purge",
        action="store_true",
        help="remove its data, logs and secrets too (with SIGKILL: at once)",
    )
    for name, text in (
        ("kill", "SIGKILL nodes"),
        ("pause", "SIGSTOP nodes: connections stay open, nothing answers"),
        ("resume", "SIGCONT paused nodes"),
        ("start", "start killed nodes with the data they have, and wait until they are ready"),
    ):
        verb = _verb(verbs, common, name, text)
        verb.add_argument("numbers", metavar="N", type=int, nargs="+", help="node number, from 1")
        if name == "start":
            _add_overrides(verb, "for this start only")
            _add_timeout(verb)
    replacing = _verb(
        verbs,
        common,
        "replace",
        "start a killed node without its data, as a new one in its place, and wait until it has its "
        "share of the data",
    )
    replacing.add_argument("number", metavar="N", type=int, help="node number, from 1")
    _add_overrides(replacing, "for this start only")
    _add_timeout(replacing)
    for name, text in (
        ("join", "add a node to a running cluster, and wait until it has its share of the data"),
        ("leave", "have the newest node hand its data to the others, and remove it"),
        ("reloadssl", "have the nodes read their certificates again, for connections from now on"),
    ):
        _add_timeout(_verb(verbs, common, name, text))
    status = _verb(
        verbs,
        common,
        "status",
        "tell what runs and how to connect; exit code 0 if every node answers, else 3",
    )
    _add_output(status)
    log = _verb(verbs, common, "log", "print the log of a node")
    log.add_argument("number", metavar="N", type=int, help="node number, from 1")
    log.add_argument(
        "--lines",
        metavar="L",
        type=_count,
        default=100,
        help="how many lines from the end; 0 means all (default: %(default)s)",
    )
    cql = _verb(
        verbs, common, "cql", "run CQL statements as a superuser; what they answer is not printed"
    )
    cql.add_argument("statements", metavar="STATEMENT", nargs="+", help="run in this order")
    fetch = verbs.add_parser(
        "fetch",
        help="only fetch and check what a server runs on",
        description="Fetch and check the server's jars, and the Java that it wants.",
        allow_abbrev=False,
    )
    _add_version(fetch, "with commas several")
    verbs.add_parser(
        "versions",
        help="print the versions that --version takes, one a line",
        description="Print the versions that --version takes, one a line, the newest first.",
        allow_abbrev=False,
    )
    fetch.add_argument(
        "--record",
        action="store_true",
        help="resolve pom.xml afresh and rewrite the committed checksums, for a new version",
    )
    return root


def _add_up(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", common: argparse.ArgumentParser
) -> None:
    up = _verb(
        verbs,
        common,
        "up",
        "start a cluster, or what is missing of it, and wait until each node answers CQL",
    )
    up.add_argument(
        "--nodes", metavar="N", type=int, help=f"1 to {settings.MAX_NODES} (default: 1)"
    )
    _add_version(up, "one for all nodes, or with commas one for each")
    up.add_argument(
        "--partitioner",
        choices=settings.PARTITIONERS,
        default=settings.PARTITIONERS[0],
        help="which order of keys it has (default: %(default)s)",
    )
    up.add_argument(
        "--dc",
        metavar="NAME[:COUNT]",
        action="append",
        default=[],
        help=(
            f"the datacenter's name (default: {settings.DEFAULT_DATACENTER}); repeat it with "
            "counts for several: --dc east:2 --dc west:1"
        ),
    )
    up.add_argument(
        "--auth",
        action="store_true",
        help="passwords and permissions; an ordinary role and a superuser are made",
    )
    up.add_argument(
        "--tls",
        action="store_true",
        help="clients must use TLS and show a certificate; a CA and certificates are made",
    )
    up.add_argument(
        "--tls-names",
        choices=settings.TLS_NAMES,
        metavar="NAMES",
        help=(
            "what the nodes' certificates name: address (default), dns (one name, no address), "
            "other (a host that is none of them); implies --tls"
        ),
    )
    up.add_argument(
        "--namespaces",
        action="store_true",
        help=(
            "put each node into a network namespace of its own, at 10.127.K.N, behind a bridge of the "
            "namespace that the launcher runs in (as root)"
        ),
    )
    up.add_argument(
        "--port",
        metavar="PORT",
        type=_port,
        default=settings.DEFAULT_PORT,
        help="port for clients (default: %(default)s)",
    )
    up.add_argument(
        "--heap",
        metavar="SIZE",
        help=(
            f"heap of each node (default: {settings.TEST_HEAP}, with --bench {settings.BENCH_HEAP})"
        ),
    )
    up.add_argument(
        "--bench",
        action="store_true",
        help="for benchmarks: the full JIT and G1; otherwise what starts fastest",
    )
    _add_overrides(up, "repeatable")
    _add_timeout(up)
    _add_output(up)


def _verb(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]",
    common: argparse.ArgumentParser,
    name: str,
    text: str,
) -> argparse.ArgumentParser:
    return verbs.add_parser(
        name,
        parents=[common],
        help=text,
        description=text[0].upper() + text[1:] + ".",
        allow_abbrev=False,
    )


def _common() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--name", default="default", help="which cluster (default: %(default)s)")
    common.add_argument(
        "--build-dir",
        metavar="DIR",
        type=Path,
        default=DEFAULT_BUILD_FOLDER,
        help="where cassandra/NAME lies (default: build)",
    )
    return common


def _add_version(verb: argparse.ArgumentParser, several: str) -> None:
    verb.add_argument(
        "--version",
        metavar="VERSION",
        default=versions.DEFAULT,
        help=f"of {', '.join(versions.RELEASES)}; {several} (default: %(default)s)",
    )


def _add_overrides(verb: argparse.ArgumentParser, when: str) -> None:
    verb.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        dest="overrides",
        help=(
            "a setting of cassandra.yaml, dots reaching into sections, with {node} for a node's "
            "number; VALUE is read as JSON where it is (so that texts in a list have double quotes), "
            f"else it is a text; {when}"
        ),
    )


def _add_timeout(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=float,
        default=180.0,
        help="how long it may take (default: %(default).0f)",
    )


def _add_output(verb: argparse.ArgumentParser) -> None:
    output = verb.add_mutually_exclusive_group()
    output.add_argument(
        "--json", action="store_const", const="json", dest="output", help="print JSON"
    )
    output.add_argument(
        "--env",
        action="store_const",
        const="env",
        dest="output",
        help="print export lines for a shell",
    )


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return value


def _port(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 65535 or value == STORAGE_PORT:
        raise argparse.ArgumentTypeError(
            f"must be 1 to 65535, and not {STORAGE_PORT}, where the nodes talk to each other"
        )
    return value
