"""The verbs that all stores have."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, AsyncIterator, Iterable, Iterator, List, NoReturn, Optional, Tuple, Type

from langchain_core.stores import ByteStore
from typing_extensions import Buffer, Self

from langchain_bytestore import _greenlets, _native
from langchain_bytestore._outcome import outcome

# How long `close` waits for calls in flight.
_CLOSE_SECONDS = 30.0


class NativeByteStore(ByteStore):
    """A store of `bytes` values by `str` keys; the native library does its work.

    Any number of threads and event loops may use one store. The asynchronous verbs do not block a
    Python thread, and cancelling the awaiting task ends their work.

    `copy.copy` and `copy.deepcopy` return the store itself. A store cannot be pickled.

    Keys have 1 to 65,535 bytes of UTF-8, and are never normalised or cut. A batch may have any
    length. It is not a transaction: all keys are attempted, and if some did not succeed, a
    `BatchError` lists them.
    """

    def __init__(self, native: _native.Store, timeout: Optional[float] = None) -> None:
        self._native_store = native
        self._blocking = _greenlets.verbs_of(native)
        self._timeout = timeout

    def mget(self, keys: Iterable[str]) -> List[Optional[bytes]]:
        """Gets the values of keys.

        Args:
            keys: Any iterable of keys.

        Returns:
            The values, in the order of the keys; `None` for an absent key.
        """
        return self._blocking.mget(keys, self._timeout)

    async def amget(self, keys: Iterable[str]) -> List[Optional[bytes]]:
        """Like `mget`."""
        values: List[Optional[bytes]] = await outcome(self._native_store.amget, keys, self._timeout)
        return values

    def mset(self, key_value_pairs: Iterable[Tuple[str, Buffer]]) -> None:
        """Sets the values of keys. If a key is given more than once, its last value is stored.

        Args:
            key_value_pairs: Any iterable of pairs. A value is `bytes`, `bytearray`, `memoryview` or
                another bytes-like object.
        """
        self._blocking.mset(key_value_pairs, self._timeout)

    async def amset(self, key_value_pairs: Iterable[Tuple[str, Buffer]]) -> None:
        """Like `mset`."""
        await outcome(self._native_store.amset, key_value_pairs, self._timeout)

    def mdelete(self, keys: Iterable[str]) -> None:
        """Deletes keys. Absent keys are ignored.

        Args:
            keys: Any iterable of keys.
        """
        self._blocking.mdelete(keys, self._timeout)

    async def amdelete(self, keys: Iterable[str]) -> None:
        """Like `mdelete`."""
        await outcome(self._native_store.amdelete, keys, self._timeout)

    def yield_keys(self, *, prefix: Optional[str] = None) -> Iterator[str]:
        """Lists keys in no particular order, a page at a time.

        Nothing is read before the first step, and closing the iterator ends the work.

        Args:
            prefix: Only keys that begin with it are listed.

        Yields:
            Each key once.
        """
        pages = _greenlets.pages_of(self._native_store, prefix)
        try:
            while page := pages.next_page():
                yield from page
        finally:
            pages.cancel()

    async def ayield_keys(self, *, prefix: Optional[str] = None) -> AsyncIterator[str]:
        """Like `yield_keys`; it never blocks the event loop."""
        pages = _native.KeyPages(self._native_store, prefix)
        try:
            while page := await outcome(pages.anext_page):
                for key in page:
                    yield key
        finally:
            pages.cancel()

    def estimate_keys(self) -> int:
        """Returns about how many keys there are, for instance for a progress bar."""
        return self._blocking.estimate_keys(self._timeout)

    async def aestimate_keys(self) -> int:
        """Like `estimate_keys`."""
        count: int = await outcome(self._native_store.aestimate_keys, self._timeout)
        return count

    def close(self) -> None:
        """Ends the store: waits up to 30 s for calls in flight, and makes later calls fail.

        Ctrl-C cancels the calls in flight.
        """
        self._blocking.close(_CLOSE_SECONDS)

    async def aclose(self) -> None:
        """Like `close`. Cancelling it also cancels the calls in flight; the store still closes."""
        try:
            await outcome(self._native_store.aclose, _CLOSE_SECONDS)
        except asyncio.CancelledError:
            self._native_store.interrupt()
            raise

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} cannot be pickled; open it where it is used")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        await self.aclose()
