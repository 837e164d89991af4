"""How a verb of the native module is awaited."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Optional

from langchain_bytestore._native import Operation


async def outcome(start: Callable[..., Optional[Operation]], *arguments: Any) -> Any:
    """Calls `start(*arguments, loop, settle)` and awaits what it brings to `settle`.

    Cancelling the awaiting task asks the work to end.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, error: Optional[BaseException]) -> None:
        if future.done():  # nobody waits any more
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    operation = start(*arguments, loop, settle)
    try:
        return await future
    finally:
        if future.cancelled() or not future.done():
            if operation is not None:
                operation.cancel()
            if not loop.is_closed():
                future.cancel()
