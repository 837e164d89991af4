"""A cluster on disk: created, remembered, removed. What runs in it is up to `lifecycle`."""

import json
import shutil
from dataclasses import dataclass, replace

from . import addresses, namespaces, processes, roles, tls
from .errors import LauncherError
from .files import read_json, write_atomically
from .layout import ClusterFolder
from .node import Node
from .settings import Settings, differences, needs_other_data


@dataclass(frozen=True)
class Cluster:
    """`complete` is true once the cluster has been up; before that its data is worth nothing."""

    folder: ClusterFolder
    settings: Settings
    network: int
    complete: bool = False

    @property
    def nodes(self) -> list[Node]:
        return [
            Node(self.folder, self.settings, self.network, n + 1)
            for n in range(self.settings.nodes)
        ]

    def node(self, number: int) -> Node:
        if not 1 <= number <= self.settings.nodes:
            raise LauncherError(
                f"cluster {self.folder.name} has nodes 1 to {self.settings.nodes}, and no "
                f"node {number}"
            )
        return self.nodes[number - 1]

    def save(self) -> None:
        content = {
            "network": self.network,
            "complete": self.complete,
            "settings": self.settings.to_json(),
        }
        write_atomically(self.folder.state, json.dumps(content, indent=2) + "\n")


def load(folder: ClusterFolder) -> Cluster | None:
    """The cluster in `folder`, or None if there is none that this version can read."""
    content = read_json(folder.state)
    if not isinstance(content, dict):
        return None
    try:
        return Cluster(
            folder, Settings.from_json(content["settings"]), content["network"], content["complete"]
        )
    except (TypeError, KeyError):
        return None


def load_existing(folder: ClusterFolder) -> Cluster:
    found = load(folder)
    if found is None:
        raise LauncherError(
            f"there is no cluster {folder.name} in {folder.root.parent}; `tools/cassandra up "
            f"--name {folder.name}` starts it"
        )
    return found


def create(folder: ClusterFolder, settings: Settings) -> Cluster:
    """A cluster on a loopback network of its own, in place of whatever the folder held."""
    remove(folder)
    folder.root.mkdir(parents=True)
    first = 0 if folder.name == "default" else 1  # leave 127.0.0.1 to the default cluster
    with addresses.claimed(folder.state, settings.nodes, settings.port, first) as network:
        cluster = Cluster(folder, settings, network)
        cluster.save()
    return cluster


def remove(folder: ClusterFolder) -> int:
    """Kill what was started in the folder and delete it, and with it the claim on addresses.

    Returns how many nodes were alive.
    """
    killed = sum(processes.kill(pid_file) for pid_file in folder.pid_files())
    removed = load(folder)
    if removed and removed.settings.namespaces:
        namespaces.remove(node.address for node in removed.nodes)
    shutil.rmtree(folder.root, ignore_errors=True)
    if folder.root.exists():
        raise LauncherError(f"cannot remove {folder.root}; is something else writing there?")
    return killed


def make_secrets(cluster: Cluster) -> None:
    """Passwords and certificates, as far as the settings want them and they are not there yet."""
    if cluster.settings.auth:
        roles.make_passwords(cluster.folder)
    if cluster.settings.tls:
        tls.generate(cluster.folder.tls, [node.address for node in cluster.nodes])


def adapt(existing: Cluster, wanted: Settings) -> Cluster:
    """The existing cluster under the wanted settings, or an error that names the remedy. What changes
    for all nodes wants all of them stopped; another release only those that get it."""
    if wanted.datacenters == existing.settings.datacenters:  # however its nodes came
        wanted = replace(wanted, joined=existing.settings.joined)
    changed = differences(existing.settings, wanted)
    if not changed:
        return existing
    name = existing.folder.name
    listed = "; ".join(f"{setting} {text}" for setting, text in changed.items())
    other_data = needs_other_data(existing.settings, wanted)
    down = f"tools/cassandra down --name {name}" + (" --purge" if other_data else "")
    concerned = existing.nodes
    if changed.keys() == {"versions"}:
        pairs = zip(existing.nodes, wanted.versions, strict=True)
        concerned = [node for node, version in pairs if node.version != version]
    if any(node.state != "stopped" for node in concerned):
        raise LauncherError(
            f"cluster {name} is up with another configuration ({listed}). Stop it with "
            f"`{down}`, or choose another --name."
        )
    if other_data:
        raise LauncherError(
            f"cluster {name} has data made with another configuration ({listed}). Remove it "
            f"with `{down}`, or choose another --name."
        )
    return replace(existing, settings=wanted)
