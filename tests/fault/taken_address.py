"""The address of a server that was killed, taken by a test."""

import errno
import socket

from servers import wait_until


def bound(address: str, port: int) -> socket.socket:
    """A socket there. A process that was killed may still be about to leave the address."""
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    wait_until(lambda: _has_taken(taken, address, port))
    return taken


def _has_taken(taken: socket.socket, address: str, port: int) -> bool:
    try:
        taken.bind((address, port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        return False
    return True
