"""Nodes that join a running cluster, leave it again and are replaced, with the data that is theirs."""

import shutil
import time
from dataclasses import replace
from typing import Any

from . import cluster as clusters
from . import management, readiness, runtimes, versions
from .cluster import Cluster
from .errors import LauncherError
from .files import locked
from .layout import ClusterFolder
from .lifecycle import kill_on_failure
from .node import Node
from .runtimes import Say
from .settings import MAX_NODES


def join(folder: ClusterFolder, seconds: float, say: Say) -> Node:
    """Start one more node, in the datacenter and of the version of the last one; returns when it
    has its data."""
    deadline = time.monotonic() + seconds
    with locked(folder.lock):
        cluster = _running(folder)
        placed, of_nodes = cluster.settings.datacenters, cluster.settings.versions
        if cluster.settings.tls:
            raise LauncherError(
                f"cluster {folder.name} has certificates for {len(placed)} nodes; use one without "
                "--tls, or start it with more --nodes"
            )
        if len(placed) == MAX_NODES:
            raise LauncherError(f"a cluster has 1 to {MAX_NODES} nodes")
        versions.refuse_what_is_missing((*of_nodes, of_nodes[-1]), tls=False)
        settings = replace(
            cluster.settings,
            versions=(*of_nodes, of_nodes[-1]),
            datacenters=(*placed, placed[-1]),
            joined=cluster.settings.joined + 1,
        )
        grown = replace(cluster, settings=settings)
        newcomer = grown.nodes[-1]
        runtime = runtimes.ensure([newcomer.version], say)[newcomer.version]
        shutil.rmtree(newcomer.folder.root, ignore_errors=True)  # of one that failed to join
        with kill_on_failure(cluster) as started:
            started.append(newcomer)
            newcomer.start(runtime)
            readiness.wait_until_ready(grown.nodes, grown.nodes, deadline)
        grown.save()
    return newcomer


def leave(folder: ClusterFolder, seconds: float) -> Node:
    """Have the newest node hand its data over, and remove it; it must be one that has joined."""
    deadline = time.monotonic() + seconds
    with locked(folder.lock):
        cluster = _running(folder)
        if cluster.settings.joined == 0:
            raise LauncherError(
                f"no node has joined cluster {folder.name}, and those it began with stay; "
                "`tools/cassandra join` adds one"
            )
        leaving = cluster.nodes[-1]
        management.decommission(leaving, seconds)
        leaving.kill()
        settings = replace(
            cluster.settings,
            versions=cluster.settings.versions[:-1],
            datacenters=cluster.settings.datacenters[:-1],
            joined=cluster.settings.joined - 1,
        )
        shrunk = replace(cluster, settings=settings)
        shrunk.save()
        shutil.rmtree(leaving.folder.root)
        readiness.wait_until_ready(shrunk.nodes, shrunk.nodes, deadline)
    return leaving


def replace_node(
    folder: ClusterFolder, number: int, overrides: dict[str, Any], seconds: float, say: Say
) -> Node:
    """Start a killed node without its data, as a new one with its tokens; returns when it has its
    share of the data from the others, who must run."""
    deadline = time.monotonic() + seconds
    with locked(folder.lock):
        cluster = clusters.load_existing(folder)
        old = cluster.node(number)
        if old.state != "stopped":
            raise LauncherError(
                f"node {number} of {folder.name} is {old.state}; `tools/cassandra kill {number}` "
                "kills it"
            )
        if cluster.settings.nodes == 1:
            raise LauncherError(
                f"cluster {folder.name} has one node, and no other from which a new one could get "
                f"its data; `tools/cassandra start {number}` starts it again"
            )
        settings = replace(cluster.settings, overrides=cluster.settings.overrides | overrides)
        new = replace(old, settings=settings, replaces=True)
        runtime = runtimes.ensure([new.version], say)[new.version]
        shutil.rmtree(new.folder.data, ignore_errors=True)
        with kill_on_failure(cluster) as started:
            started.append(new)
            new.start(runtime)
            readiness.wait_until_ready(cluster.nodes, cluster.nodes, deadline)
    return new


def _running(folder: ClusterFolder) -> Cluster:
    cluster = clusters.load_existing(folder)
    for node in cluster.nodes:
        if node.state != "running":
            raise LauncherError(
                f"node {node.number} of {folder.name} is {node.state}, and all must run; "
                "`tools/cassandra up` or `resume` mends it"
            )
    return cluster
