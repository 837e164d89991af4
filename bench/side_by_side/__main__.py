"""Measures workloads, prints their tables, and keeps what was measured."""

import argparse
import datetime
import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from . import cluster, document, machine, results
from .arguments import parse
from .cluster import Cluster
from .compare import Setting, compare
from .places import Folders, Tables
from .tables import required_table, workload_tables
from .warm_up import warm_up
from .workloads import Workload


def main() -> int:
    arguments = parse()
    if arguments.report:
        document.write(results.load(arguments.results))
        return 0
    by_nodes = sorted(arguments.workloads, key=lambda workload: workload.nodes)
    for nodes, workloads in itertools.groupby(by_nodes, key=lambda workload: workload.nodes):
        with _servers(nodes, arguments) as servers:
            for workload in workloads:
                result = _measure(workload, servers, arguments)
                path = results.save(arguments.results, result)
                print(
                    f"\n## {workload.name}: {workload.about}\n\n{workload_tables(result)}\n",
                    flush=True,
                )
                _say(f"kept in {path}")
    if not arguments.trial:
        print(required_table(results.load(arguments.results)))
    return 0


@contextmanager
def _servers(nodes: int, arguments: argparse.Namespace) -> Iterator[Cluster | None]:
    if nodes == 0:
        yield None
    elif arguments.server:
        with cluster.given(arguments.server) as servers:
            yield servers
    else:
        _say(f"starting {nodes} node(s)")
        with cluster.started(nodes, arguments.build) as servers:
            _warm_up(servers, arguments)
            yield servers


def _warm_up(servers: Cluster, arguments: argparse.Namespace) -> None:
    if not arguments.quick:
        programs = arguments.build / "bench"
        warm_up(Tables(servers, programs), programs, _say)


def _measure(
    workload: Workload, servers: Cluster | None, arguments: argparse.Namespace
) -> results.Result:
    programs = arguments.build / "bench"
    asked = workload.quick() if arguments.quick else workload
    names = tuple(name for name in asked.contenders if name in (arguments.contenders or [name]))

    def recover() -> None:
        if servers and servers.revive():
            _say("the server had died of it, and was started again")
            _warm_up(servers, arguments)

    folders = Folders(arguments.build / "bench_store")
    noise = {"before": machine.noise()}
    setting = Setting(
        place=Tables(servers, programs) if servers else folders,
        programs=programs,
        contenders=names,
        repetitions=1 if arguments.quick else arguments.repetitions,
        quick=arguments.quick,
        say=_say,
        recover=recover,
        meanwhile=servers.last_node_paused if servers and asked.paused else None,
    )
    try:
        cases = [compare(case, setting) for case in asked.cases]
    finally:
        folders.clear()
    noise["after"] = machine.noise()
    return {
        "workload": workload.name,
        **machine.commit(),
        "day": datetime.date.today().isoformat(),
        "quick": arguments.quick,
        "repetitions": setting.repetitions,
        "machine": machine.description(),
        "software": machine.software(),
        "server": servers.description if servers else None,
        "noise": noise,
        "cases": cases,
    }


def _say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
