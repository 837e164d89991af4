"""The store in a local folder that processes share."""

from __future__ import annotations

import os
from typing import Optional, Union

from langchain_bytestore import _greenlets, _native
from langchain_bytestore._checks import check_timeout, check_type, folder_name
from langchain_bytestore._store import NativeByteStore

__all__ = ["LmdbByteStore"]


class LmdbByteStore(NativeByteStore):
    """A store in a local folder, on LMDB, which any number of processes may use at once.

    The processes run on one machine, and the folder is on a local file system. Do not open or copy
    the files of the folder, also by another package for LMDB, in a process that has it open as a
    store: closing them releases LMDB's locks.

    Args:
        path: The folder.
        sync: If True, a call returns when its writes are on disk; calls of several threads share
            one sync. If False, the operating system writes them to disk later: they survive the
            end of the process, however it ends, but a loss of power or a crash of the system can
            destroy the whole store.
        create_if_missing: Whether to create a folder that does not exist.
        timeout: Seconds that a call may take; it does not apply to listings. If None, there is no
            limit.

    Raises:
        Error: `unavailable` if the folder does not exist and `create_if_missing` is False; `schema`
            if it holds something else; `corrupt` if it is damaged; `io` if its files cannot be
            opened for reading and writing.

    Example:
        ```python
        from langchain_bytestore import LmdbByteStore

        with LmdbByteStore("./cache") as store:
            store.mset([("a", b"1")])
        ```
    """

    def __init__(
        self,
        path: Union[str, os.PathLike[str]],
        *,
        sync: bool = True,
        create_if_missing: bool = True,
        timeout: Optional[float] = None,
    ) -> None:
        folder = folder_name(path)
        check_type("sync", sync, bool)
        check_type("create_if_missing", create_if_missing, bool)
        check_timeout(timeout)
        super().__init__(
            _greenlets.call(_native.open_lmdb, folder, sync, create_if_missing), timeout
        )
