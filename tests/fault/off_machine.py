"""A machine that is switched off: what asks its address for a connection hears nothing."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from taken_address import bound

_MORE_THAN_THE_BACKLOG = 4


@contextmanager
def switched_off(address: str, port: int) -> Iterator[None]:
    """Nothing may listen there. Once more connections wait than a backlog has room for, Linux drops
    what asks for another."""
    with ExitStack() as stack:
        listener = stack.enter_context(bound(address, port))
        listener.listen(0)
        for _ in range(_MORE_THAN_THE_BACKLOG):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex((address, port))
        yield
