"""Checks of arguments, made before anything is opened."""

from __future__ import annotations

import os
from numbers import Real
from typing import Any, Optional, Type, Union

from langchain_bytestore.errors import InvalidArgumentError


def check_type(name: str, value: Any, wanted: Type[Any], remedy: str = "") -> None:
    """Raises `TypeError` for an argument of another type."""
    if not isinstance(value, wanted):
        raise TypeError(f"{name} is {type(value).__name__}, not {wanted.__name__}{remedy}")


def folder_name(path: Union[str, os.PathLike[str]]) -> bytes:
    """Returns the path of a folder as the library takes it."""
    folder = os.fsencode(path)
    if not folder:
        raise InvalidArgumentError('path is empty; "." is the current folder')
    return folder


def check_timeout(timeout: Optional[float]) -> None:
    """Raises if the timeout of calls is not a positive time."""
    if timeout is None:
        return
    if not isinstance(timeout, Real) or isinstance(timeout, bool):
        raise TypeError(f"timeout is {type(timeout).__name__}, not float")
    if not timeout > 0:
        raise InvalidArgumentError(f"timeout is {timeout}; pass seconds above 0, or None")
