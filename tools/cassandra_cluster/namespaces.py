"""Network namespaces for nodes: each is reached over a virtual cable from a bridge, so that firewall
rules at the bridge can break what lies between any two nodes, or between a node and its clients.

The bridge belongs to the namespace that the launcher runs in."""

import subprocess
from collections.abc import Iterable

from .errors import LauncherError

_PREFIX_LENGTH = 24
_OF_BRIDGE = 254  # the last number of its address, from where clients come


def enter(address: str) -> list[str]:
    """What starts a command in the namespace of the node with this address, which is made if it is not
    there."""
    name = _name(address)
    if name not in _names():
        bridge = _bridge(address)
        _ensure_bridge(bridge, f"{address.rpartition('.')[0]}.{_OF_BRIDGE}")
        _plug_in(name, bridge, address)
    return ["nsenter", f"--net=/run/netns/{name}"]


def remove(addresses: Iterable[str]) -> None:
    """What `enter` has made for the nodes of a cluster, which have ended."""
    names = _names()
    for address in addresses:
        if _name(address) in names:
            _ip("netns", "delete", _name(address))
        if _is_there(_bridge(address)):
            _ip("link", "delete", _bridge(address))


def _name(address: str) -> str:
    return f"bytestore-{address}"


def _names() -> list[str]:
    return _ip("netns", "list").split()


def _bridge(address: str) -> str:
    return f"bridge{address.split('.')[2]}"


def _is_there(bridge: str) -> bool:
    return f": {bridge}:" in _ip("link", "show", "type", "bridge")


def _ensure_bridge(bridge: str, address: str) -> None:
    if not _is_there(bridge):
        _ip("link", "add", bridge, "type", "bridge")
        _ip("address", "add", f"{address}/{_PREFIX_LENGTH}", "dev", bridge)
        _ip("link", "set", bridge, "up")


def _plug_in(name: str, bridge: str, address: str) -> None:
    cable = f"{bridge}-{address.rpartition('.')[2]}"
    _ip("netns", "add", name)
    _ip("link", "add", cable, "master", bridge, "type", "veth", "peer", "eth0", "netns", name)
    _ip("link", "set", cable, "up")
    _ip("-netns", name, "link", "set", "lo", "up")
    _ip("-netns", name, "address", "add", f"{address}/{_PREFIX_LENGTH}", "dev", "eth0")
    _ip("-netns", name, "link", "set", "eth0", "up")


def _ip(*arguments: str) -> str:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise LauncherError(
            f"`ip {' '.join(arguments)}` failed, which --namespaces needs: {done.stderr.strip()}"
        )
    return done.stdout
