"""What is told about a cluster: as JSON, as lines for people, as variables for a shell."""

import shlex
from typing import Any

from . import readiness, roles, tls
from .cluster import Cluster
from .layout import ClusterFolder
from .node import Node


def absent(folder: ClusterFolder) -> dict[str, Any]:
    return {"name": folder.name, "state": "absent", "folder": str(folder.root), "nodes": []}


def describe(cluster: Cluster) -> dict[str, Any]:
    """All that a test needs to connect.

    `state` is "up" if every node answers, "down" if none runs, else "partial".
    """
    nodes = [_describe_node(node) for node in cluster.nodes]
    if all(node["answers"] for node in nodes):
        state = "up"
    else:
        state = "down" if all(node["state"] == "stopped" for node in nodes) else "partial"
    settings, folder = cluster.settings, cluster.folder
    return {
        "name": folder.name,
        "state": state,
        "version": ",".join(sorted(set(settings.versions))),
        "partitioner": settings.partitioner,
        "folder": str(folder.root),
        "contact_points": [node["address"] for node in nodes],
        "port": settings.port,
        "datacenter": settings.datacenters[0],
        "nodes": nodes,
        "auth": roles.describe(folder) if settings.auth else None,
        "tls": tls.describe(folder.tls, settings.tls) if settings.tls else None,
        "settings": settings.overrides,
    }


def text(told: dict[str, Any]) -> str:
    """A few lines for people."""
    if told["state"] == "absent":
        return f"{told['name']}: no such cluster"
    lines = [
        f"{told['name']}: {told['state']}, Cassandra {told['version']}, port {told['port']}, "
        f"in {told['folder']}"
    ]
    for node in told["nodes"]:
        answering = "answers" if node["answers"] else "does not answer"
        pid = f", pid {node['pid']}" if node["pid"] else ""
        lines.append(
            f"  node {node['number']}  {node['address']}  {node['datacenter']}  {node['version']}  "
            f"{node['state']}, {answering}{pid}"
        )
    if told["auth"]:
        lines.append(f"  user {told['auth']['user']}, password in {told['auth']['password_file']}")
        lines.append(
            f"  superuser {told['auth']['superuser']}, password in "
            f"{told['auth']['superuser_password_file']}"
        )
    if told["tls"]:
        lines.append(f"  TLS: trust {told['tls']['ca']}")
        lines.append(
            f"  client certificate {told['tls']['client']['certificate']}, key "
            f"{told['tls']['client']['key']}"
        )
    return "\n".join(lines)


def environment(told: dict[str, Any]) -> str:
    """Lines for `eval`. The password is read by the shell, so that it is not printed here."""
    values = {
        "CASSANDRA_CONTACT_POINTS": ",".join(told.get("contact_points", [])),
        "CASSANDRA_PORT": str(told.get("port", "")),
        "CASSANDRA_DATACENTER": told.get("datacenter", ""),
    }
    if told.get("tls"):
        values["CASSANDRA_TLS_CA"] = told["tls"]["ca"]
        values["CASSANDRA_TLS_CERTIFICATE"] = told["tls"]["client"]["certificate"]
        values["CASSANDRA_TLS_KEY"] = told["tls"]["client"]["key"]
    if told.get("auth"):
        values["CASSANDRA_USERNAME"] = told["auth"]["user"]
    lines = [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    if told.get("auth"):
        lines.append(
            f'export CASSANDRA_PASSWORD="$(cat {shlex.quote(told["auth"]["password_file"])})"'
        )
    return "\n".join(lines)


def _describe_node(node: Node) -> dict[str, Any]:
    state = node.state
    return {
        "number": node.number,
        "address": node.address,
        "datacenter": node.datacenter,
        "version": node.version,
        "state": state,
        "answers": state == "running" and readiness.answers(node),
        "pid": node.pid,
        "log": str(node.folder.log),
    }
