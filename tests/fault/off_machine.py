"""A machine that is switched off: what asks its address for a connection hears nothing."""

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from servers import wait_until

_MORE_THAN_THE_BACKLOG = 4


def _bound(listener: socket.socket, address: str, port: int) -> bool:
    """A process that was killed may still be about to leave the address."""
    try:
        listener.bind((address, port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        return False
    return True


@contextmanager
def switched_off(address: str, port: int) -> Iterator[None]:
    """Nothing may listen there. Once more connections wait than a backlog has room for, Linux drops
    what asks for another."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        wait_until(lambda: _bound(listener, address, port))
        listener.listen(0)
        for _ in range(_MORE_THAN_THE_BACKLOG):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex((address, port))
        yield
