"""`tools/cassandra`: arguments in, printing out."""

import argparse
import json
import sys
from typing import Any

from . import cluster as clusters
from . import interrupts, jars, lifecycle, membership, report, runtimes, statements, versions
from .arguments import parser
from .errors import LauncherError
from .layout import ClusterFolder
from .settings import (
    BENCH_HEAP,
    TEST_HEAP,
    Settings,
    parse_heap,
    parse_name,
    parse_override,
    place_nodes,
)

EXIT_FAILURE = 1
EXIT_NOT_UP = 3


def main(argv: list[str] | None = None) -> int:
    """Returns the exit code: 0; 1 for an error; 2 for a wrong command line; 3 if not all is up."""
    arguments = parser().parse_args(argv)
    interrupts.install()
    try:
        return _run(arguments)
    except LauncherError as error:
        _say(str(error))
        return EXIT_FAILURE
    except OSError as error:
        _say(str(error))
        return EXIT_FAILURE
    except interrupts.Interrupted as interruption:
        _say(f"{interruption}; stopped what this command had started")
        return 128 + interruption.signum


def _run(arguments: argparse.Namespace) -> int:
    if arguments.verb == "versions":
        print("\n".join(versions.RELEASES))
        return 0
    if arguments.verb == "fetch":
        return _fetch(versions.parse(arguments.version), arguments.record)
    folder = ClusterFolder(arguments.build_dir.resolve(), parse_name(arguments.name))
    match arguments.verb:
        case "up":
            cluster = lifecycle.up(folder, _settings(arguments), arguments.timeout, _say)
            _print(report.describe(cluster), arguments.output)
        case "down":
            stopped = lifecycle.down(folder, arguments.purge)
            _say(
                f"{folder.name}: stopped {stopped} node(s)"
                + (", removed its data" if arguments.purge else "")
            )
        case "start":
            overrides = _overrides(arguments)
            lifecycle.start(folder, arguments.numbers, overrides, arguments.timeout, _say)
        case "join":
            node = membership.join(folder, arguments.timeout, _say)
            _say(f"{folder.name}: node {node.number} ({node.address}) has joined")
        case "leave":
            node = membership.leave(folder, arguments.timeout)
            _say(f"{folder.name}: node {node.number} ({node.address}) has left")
        case "replace":
            node = membership.replace_node(
                folder, arguments.number, _overrides(arguments), arguments.timeout, _say
            )
            _say(f"{folder.name}: a new node {node.number} ({node.address}) is in place of the old")
        case "reloadssl":
            lifecycle.reload_certificates(folder, arguments.timeout)
        case "kill":
            lifecycle.kill(folder, arguments.numbers)
        case "pause":
            lifecycle.pause(folder, arguments.numbers)
        case "resume":
            lifecycle.resume(folder, arguments.numbers)
        case "status":
            return _status(folder, arguments.output)
        case "log":
            print(clusters.load_existing(folder).node(arguments.number).log_tail(arguments.lines))
        case "cql":
            statements.run(clusters.load_existing(folder), arguments.statements)
    return 0


def _settings(arguments: argparse.Namespace) -> Settings:
    heap = arguments.heap or (BENCH_HEAP if arguments.bench else TEST_HEAP)
    named = versions.parse(arguments.version)
    nodes = arguments.nodes
    if nodes is None and not arguments.dc and len(named) > 1:
        nodes = len(named)
    placed = place_nodes(nodes, arguments.dc)
    of_each_node = versions.of_each_node(named, len(placed))
    versions.refuse_what_is_missing(of_each_node, tls=bool(arguments.tls or arguments.tls_names))
    return Settings(
        versions=of_each_node,
        datacenters=placed,
        partitioner=arguments.partitioner,
        port=arguments.port,
        auth=arguments.auth,
        namespaces=arguments.namespaces,
        tls=arguments.tls_names or ("address" if arguments.tls else None),
        heap=parse_heap(heap),
        bench=arguments.bench,
        overrides=_overrides(arguments),
    )


def _overrides(arguments: argparse.Namespace) -> dict[str, Any]:
    return dict(parse_override(text) for text in arguments.overrides)


def _status(folder: ClusterFolder, output: str | None) -> int:
    cluster = clusters.load(folder)
    told = report.describe(cluster) if cluster else report.absent(folder)
    _print(told, output)
    return 0 if told["state"] == "up" else EXIT_NOT_UP


def _fetch(wanted: tuple[str, ...], record: bool) -> int:
    for version in wanted:
        checksums = jars.checksums(version)
        if record:
            _say(f"recorded {jars.record(version)} checksums in {checksums}")
        fetched = runtimes.ensure([version], _say)[version]
        _say(
            f"{len(fetched.jars)} jars in {jars.folder(version)}, all as {checksums.name} says, "
            f"and {fetched.java.path}"
        )
    return 0


def _print(told: dict[str, Any], output: str | None) -> None:
    match output:
        case "json":
            print(json.dumps(told, indent=2))
        case "env":
            print(report.environment(told))
        case _:
            print(report.text(told))


def _say(message: str) -> None:
    print(f"tools/cassandra: {message}", file=sys.stderr, flush=True)
