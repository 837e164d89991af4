"""Networks 127.0.K.0, or 10.127.K.0 for nodes in network namespaces of their own: which one a cluster
may use, even if launchers run at once.

A claim belongs to a cluster for as long as its state file says so, running or not, since a node's
address is part of its data. Claims are kept per user; what other users listen on is found by
binding.
"""

import json
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from . import layout
from .errors import LauncherError
from .files import locked, read_json, write_atomically

STORAGE_PORT = 7000
_NETWORKS = range(255)


def address(network: int, node: int, *, in_namespace: bool = False) -> str:
    return f"{'10.127' if in_namespace else '127.0'}.{network}.{node}"


@contextmanager
def claimed(state_file: Path, nodes: int, port: int, first: int) -> Iterator[int]:
    """A network on which `nodes` nodes can listen, looked for from `first` upwards.

    The block must write the network to `state_file` (as "network"): that makes the claim last.
    """
    record = layout.user_cache() / "cassandra-addresses.json"
    with locked(record.with_suffix(".lock")):
        claims = {int(k): Path(owner) for k, owner in (read_json(record) or {}).items()}
        claims = {
            k: owner for k, owner in claims.items() if owner != state_file and _holds(owner, k)
        }
        network = pick(
            range(first, _NETWORKS.stop), claims.keys(), lambda k: _is_free(k, nodes, port)
        )
        claims[network] = state_file
        write_atomically(
            record, json.dumps({str(k): str(owner) for k, owner in claims.items()}, indent=1) + "\n"
        )
        yield network


def pick(candidates: range, taken: Collection[int], is_free: Callable[[int], bool]) -> int:
    """The first candidate that nobody claimed and on which the ports are free."""
    for network in candidates:
        if network not in taken and is_free(network):
            return network
    raise LauncherError(
        "no loopback network 127.0.K.0 has its ports free; is another Cassandra listening on "
        "0.0.0.0? "
        "`tools/cassandra up --port` takes another port for clients."
    )


def _holds(state_file: Path, network: int) -> bool:
    state = read_json(state_file)
    return isinstance(state, dict) and state.get("network") == network


def _is_free(network: int, nodes: int, port: int) -> bool:
    return all(
        _can_listen(address(network, node), wanted)
        for node in range(1, nodes + 1)
        for wanted in (port, STORAGE_PORT)
    )


def _can_listen(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as the server does: old connections do not matter
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
        return True
