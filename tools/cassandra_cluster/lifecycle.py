"""The verbs: up, down, start, kill, pause, resume, reloadssl.

The first three exclude each other on one cluster. The others do not wait for them, so that a fault
may strike a node that is just starting.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from . import cluster as clusters
from . import interrupts, management, processes, readiness, runtimes
from .cluster import Cluster
from .errors import LauncherError
from .files import locked
from .layout import ClusterFolder
from .node import Node
from .runtimes import Runtime, Say
from .settings import Settings

_DRAIN_SECONDS = 20.0  # a test node needs 2 to 4 after SIGTERM


def up(folder: ClusterFolder, settings: Settings, seconds: float, say: Say) -> Cluster:
    """Bring every node up, be it new, killed or paused, and wait until all are ready.

    On failure, an interruption included, what this call started is killed; a cluster that was never
    up before leaves its logs and no more.
    """
    with locked(folder.lock):
        existing = clusters.load(folder)
        adapted = clusters.adapt(existing, settings) if existing and existing.complete else None
        prepared = runtimes.ensure(settings.versions, say)
        cluster = adapted or clusters.create(folder, settings)
        with kill_on_failure(cluster) as started:
            clusters.make_secrets(cluster)
            cluster.save()
            deadline = time.monotonic() + seconds
            for node in cluster.nodes:
                _bring_up(node, prepared[node.version], started)
            if started:
                of_all = f"{len(started)} of {len(cluster.nodes)} nodes"
                say(f"started {of_all}, waiting until they answer CQL")
            if settings.auth and started:
                readiness.wait_for_roles(cluster.nodes, deadline)
            readiness.wait_until_ready(cluster.nodes, cluster.nodes, deadline)
            if settings.auth and started:
                # Again: a node that came late may have made the preset role anew.
                readiness.wait_for_roles(cluster.nodes, deadline)
        cluster = replace(cluster, complete=True)
        cluster.save()
        return cluster


def down(folder: ClusterFolder, purge: bool) -> int:
    """Stop every node, also those of a cluster whose start was cut short. Returns how many ran.

    `purge` deletes the folder as well, and so it does not let the servers write anything more.
    """
    with locked(folder.lock):
        if purge:
            return clusters.remove(folder)
        return processes.stop(folder.pid_files(), _DRAIN_SECONDS)


def start(
    folder: ClusterFolder,
    numbers: list[int],
    overrides: dict[str, Any],
    seconds: float,
    say: Say,
) -> None:
    """Start nodes again with the data they have, and with `overrides` for this once; returns when
    all running ones see each other."""
    with locked(folder.lock):
        cluster = clusters.load_existing(folder)
        settings = cluster.settings
        changed = replace(settings, overrides=settings.overrides | overrides)
        chosen = [replace(cluster.node(number), settings=changed) for number in numbers]
        for node in chosen:
            if node.state == "paused":
                raise LauncherError(
                    f"node {node.number} is paused; `tools/cassandra resume {node.number}` "
                    "lets it go on"
                )
        prepared = runtimes.ensure((node.version for node in chosen), say)
        with kill_on_failure(cluster) as started:
            for node in chosen:
                _bring_up(node, prepared[node.version], started)
            running = [node for node in cluster.nodes if node.state == "running"]
            readiness.wait_until_ready(running, cluster.nodes, time.monotonic() + seconds)


def kill(folder: ClusterFolder, numbers: list[int]) -> None:
    """SIGKILL; returns when the processes are gone. A node that does not run is no error."""
    for node in _chosen(folder, numbers):
        node.kill()


def pause(folder: ClusterFolder, numbers: list[int]) -> None:
    for node in _chosen(folder, numbers):
        node.pause()


def resume(folder: ClusterFolder, numbers: list[int]) -> None:
    """Returns when the processes run, which may be before they answer."""
    for node in _chosen(folder, numbers):
        node.resume()


def reload_certificates(folder: ClusterFolder, seconds: float) -> None:
    """Of every node that runs."""
    for node in clusters.load_existing(folder).nodes:
        if node.state == "running":
            management.reload_certificates(node, seconds)


def _chosen(folder: ClusterFolder, numbers: list[int]) -> list[Node]:
    cluster = clusters.load_existing(folder)
    return [cluster.node(number) for number in numbers]


def _bring_up(node: Node, runtime: Runtime, started: list[Node]) -> None:
    match node.state:
        case "paused":
            node.resume()
        case "stopped":
            started.append(node)
            node.start(runtime)


@contextmanager
def kill_on_failure(cluster: Cluster) -> Iterator[list[Node]]:
    """Yields the list to which the block adds nodes before it starts them."""
    started: list[Node] = []
    try:
        yield started
    except BaseException:
        with interrupts.deferred():
            for node in started:
                node.kill()
            if not cluster.complete:
                cluster.folder.state.unlink(missing_ok=True)
        raise
