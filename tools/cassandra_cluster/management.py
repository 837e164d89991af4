"""What nodetool has a running server do."""

import subprocess
from pathlib import Path

from .errors import LauncherError
from .java import find_java
from .node import Node

_PROGRAM = Path(__file__).with_name("Management.java")


def decommission(node: Node, seconds: float) -> None:
    """Hand the node's data over to the others; returns when it has left."""
    _run(node, "decommission", seconds)


def reload_certificates(node: Node, seconds: float) -> None:
    """Returns when the server's next connections use the files that there are now."""
    _run(node, "reloadssl", seconds)


def _run(node: Node, verb: str, seconds: float) -> None:
    try:
        done = subprocess.run(
            [find_java().path, _PROGRAM, str(node.pid), verb],
            capture_output=True,
            text=True,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        raise LauncherError(
            f"{verb} on node {node.number} is not done after {seconds:.0f} s"
        ) from None
    if done.returncode != 0:
        raise LauncherError(f"{verb} on node {node.number} failed: {done.stderr.strip()}")
