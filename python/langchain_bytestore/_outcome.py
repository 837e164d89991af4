"""How a verb of the native module is awaited."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, Callable, Optional

from langchain_bytestore._native import Operation


def running_loop() -> asyncio.AbstractEventLoop:
    """Returns the running event loop.

    Raises:
        RuntimeError: None of asyncio is running; the message says what to do.
    """
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError(
            "no running event loop: asynchronous verbs, aconnect and SetupMode.ASYNC need one of "
            "asyncio; under trio, call the blocking verb on a thread, for instance "
            "await trio.to_thread.run_sync(store.mget, keys)"
        ) from None


async def outcome(start: Callable[..., Optional[Operation]], *arguments: Any) -> Any:
    """Calls `start(*arguments, loop, settle)` and awaits what is passed to `settle`.

    Cancelling the awaiting task also cancels the work.
    """
    loop = running_loop()
    future: asyncio.Future[Any] = loop.create_future()
    operation = start(*arguments, loop, partial(_settle, future))
    try:
        return await future
    finally:
        if future.cancelled() or not future.done():
            if operation is not None:
                operation.cancel()
            if not loop.is_closed():
                future.cancel()
        # The exception refers to this frame. If the frame also referred to the exception, both, and
        # the values in it, would live until the next garbage collection.
        del future


def _settle(future: asyncio.Future[Any], result: Any, error: Optional[BaseException]) -> None:
    if future.done():  # the awaiting task was cancelled
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
