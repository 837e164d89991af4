"""The store in a local folder, which needs no server."""

from __future__ import annotations

import os
import sys
from typing import Callable, NamedTuple, Optional, Union

from langchain_bytestore import _greenlets, _native
from langchain_bytestore._checks import check_timeout, check_type, folder_name
from langchain_bytestore._store import NativeByteStore
from langchain_bytestore.errors import InvalidArgumentError

__all__ = ["Compacted", "RocksDBByteStore"]


class Compacted(NamedTuple):
    """What a compaction did: the sizes of all files with data."""

    bytes_before: int
    bytes_after: int


class RocksDBByteStore(NativeByteStore):
    """A store in a local folder.

    Only one process at a time may hold the folder; those that only read (`read_only`) hold none.

    Args:
        path: The folder.
        sync: If True, a call returns when its writes are on disk. If False, the operating system
            writes them to disk later; they survive the end of the process but not a loss of power.
        create_if_missing: Whether to create a folder that does not exist.
        read_only: If True, the store is opened for reads only, and nothing in the folder is written,
            made or locked: it may be on a read-only mount, belong to another user, or be held by
            another process. The store shows what was in the folder when it was opened; writes raise
            `InvalidArgumentError`.
        block_cache_bytes: Size of the cache for blocks that were read; 0 for none. If None, it is
            a sixteenth of the memory that the process may use, from 32 to 512 MiB.
        timeout: Seconds that a call may take; it does not apply to listings. If None, there is no
            limit.

    Raises:
        Error: `unavailable` if another process or store holds the folder, or it does not exist and
            `create_if_missing` is False or `read_only` is True; `schema` if it holds something
            else; `corrupt` if it is damaged; `io` if it cannot be read.

    Example:
        ```python
        from langchain_bytestore import RocksDBByteStore

        with RocksDBByteStore("./cache") as store:
            store.mset([("a", b"1")])
        ```
    """

    def __init__(
        self,
        path: Union[str, os.PathLike[str]],
        *,
        sync: bool = True,
        create_if_missing: bool = True,
        read_only: bool = False,
        block_cache_bytes: Optional[int] = None,
        timeout: Optional[float] = None,
    ) -> None:
        folder = folder_name(path)
        check_type("sync", sync, bool)
        check_type("create_if_missing", create_if_missing, bool)
        check_type("read_only", read_only, bool)
        if block_cache_bytes is not None:
            check_type("block_cache_bytes", block_cache_bytes, int)
            if not 0 <= block_cache_bytes <= sys.maxsize:
                raise InvalidArgumentError(
                    f"block_cache_bytes is {block_cache_bytes}; it must be from 0 to {sys.maxsize}"
                )
        check_timeout(timeout)
        super().__init__(
            _greenlets.call(
                _native.open_rocksdb, folder, sync, create_if_missing, read_only, block_cache_bytes
            ),
            timeout,
        )

    def compact(self, *, on_progress: Optional[Callable[[int, int], object]] = None) -> Compacted:
        """Frees the space of what was deleted or overwritten now, and waits until that is done.

        A store that stays open frees it by itself, in the background, within minutes if most of it
        was deleted. All data is read and written once, and until that is done the disk has to hold
        both. Other calls go on meanwhile. It has no asynchronous form; run it on a thread, for
        instance with `asyncio.to_thread`.

        Args:
            on_progress: Called on this thread when it begins and about 50 times a second, with the
                bytes that were written and the bytes before. What it raises ends the compaction.

        Returns:
            The bytes before and after.
        """
        return Compacted(*_greenlets.call(_native.compact_rocksdb, self._native_store, on_progress))
