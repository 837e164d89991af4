"""Turn SIGINT, SIGTERM and SIGHUP into an exception, so that clean-up code runs."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_deferring = False
_pending: int | None = None


class Interrupted(BaseException):
    """A signal asked the launcher to stop. Not an `Exception`: no retry loop may swallow it."""

    def __init__(self, signum: int) -> None:
        super().__init__(f"interrupted by {signal.Signals(signum).name}")
        self.signum = signum


def install() -> None:
    """Raise `Interrupted` in the main thread from now on when one of the signals arrives."""
    for signum in _SIGNALS:
        signal.signal(signum, _on_signal)


@contextmanager
def deferred() -> Iterator[None]:
    """Hold signals back until the block has ended. Blocks do not nest.

    The mask of the process is left alone, so that children started inside inherit nothing blocked.
    """
    global _deferring, _pending
    _deferring = True
    try:
        yield
    finally:
        _deferring = False
        signum, _pending = _pending, None
        if signum is not None:
            raise Interrupted(signum)


def _on_signal(signum: int, _frame: FrameType | None) -> None:
    global _pending
    if _deferring:
        _pending = signum
        return
    raise Interrupted(signum)
