"""The exceptions of the stores: each is an `Error` and also a matching built-in exception."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, List, Optional, Sequence, Tuple, Type

__all__ = [
    "BatchError",
    "CorruptError",
    "Error",
    "InvalidArgumentError",
    "KeyFailure",
    "NotConfiguredError",
    "OperationCancelledError",
    "OverloadedError",
    "SchemaError",
    "SetupPendingError",
    "StorageError",
    "StoreTimeoutError",
    "TooLargeError",
    "UnauthorizedError",
    "UnavailableError",
]


class Error(Exception):
    """The base of every exception that the stores raise.

    The message says what happened and what to do about it; it never contains a password.

    Attributes:
        code: What went wrong, as far as a caller can act on it.
    """

    code: ClassVar[str] = ""


class InvalidArgumentError(Error, ValueError):
    """The call itself is wrong: a key, a URI or an option."""

    code = "invalid_argument"


class NotConfiguredError(Error, ValueError):
    """No session or keyspace was given, and none is set for the process."""

    code = "not_configured"


class SetupPendingError(Error, ValueError):
    """The table is still being created in the background."""

    code = "setup_pending"


class UnauthorizedError(Error, PermissionError):
    """The credentials are wrong, a permission is missing, or a server's guardrail forbids it."""

    code = "unauthorized"


class SchemaError(Error, ValueError):
    """What is stored does not have the expected layout, or is missing."""

    code = "schema"


class UnavailableError(Error, ConnectionError):
    """The store cannot be reached, or another process holds it."""

    code = "unavailable"


class StoreTimeoutError(Error, TimeoutError):
    """There was no answer in time."""

    code = "timeout"


class OverloadedError(Error, ConnectionError):
    """The server asks for less load."""

    code = "overloaded"


class TooLargeError(Error, ValueError):
    """A value is over a limit of the store."""

    code = "too_large"


class CorruptError(Error, ValueError):
    """The stored bytes are damaged, or a newer version wrote them."""

    code = "corrupt"


class StorageError(Error, OSError):
    """The file system or the network failed."""

    code = "io"


class OperationCancelledError(Error):
    """The closing of the store ended the call."""

    code = "cancelled"


@dataclass(frozen=True)
class KeyFailure:
    """One key of a batch that did not succeed.

    Attributes:
        index: Its position in the batch, from 0.
        key: The key.
        code: The reason, as in `Error.code`.
        outcome: `"failed"` if it was certainly not applied, `"unknown"` if it may have been
            applied; repeating the call is harmless.
        message: The reason, in words.
    """

    index: int
    key: str
    code: str
    outcome: str
    message: str


class BatchError(Error):
    """Some keys of a batch did not succeed; all other keys did.

    Its `code` is that of the first failure, and it is also an instance of that code's exception:
    `except TimeoutError` catches a batch whose first failure is a timeout.

    Attributes:
        failures: The keys that did not succeed, in the order of their positions.
        values: The values that a failed `mget` could read, by position; an element is `None` if its
            key is absent or failed (`failures` lists those that failed). `None` for writes.
    """

    def __init__(
        self,
        message: str,
        failures: Sequence[KeyFailure] = (),
        values: Optional[List[Optional[bytes]]] = None,
    ) -> None:
        super().__init__(message)
        self.failures = list(failures)
        self.values = values


_BY_CODE = {
    kind.code: kind
    for kind in (
        InvalidArgumentError,
        NotConfiguredError,
        SetupPendingError,
        UnauthorizedError,
        SchemaError,
        UnavailableError,
        StoreTimeoutError,
        OverloadedError,
        TooLargeError,
        CorruptError,
        StorageError,
        OperationCancelledError,
    )
}


def _batch_of(kind: Type[Error]) -> Type[BatchError]:
    name = "Batch" + kind.__name__
    made = type(name, (BatchError, kind), {"__doc__": BatchError.__doc__, "__module__": __name__})
    globals()[name] = made  # pickle looks for it here
    return made


_BATCH_BY_CODE = {code: _batch_of(kind) for code, kind in _BY_CODE.items()}

# LangChain's CassandraByteStore has this message, and programs may search for it.
_SETUP_PENDING = (
    "Asynchronous setup of the DB not finished. "
    "NB: AstraDB components sync methods shouldn't be called from the "
    "event loop. Consider using their async equivalents."
)


def make(
    code: str,
    message: str,
    failures: Optional[List[Tuple[int, str, str, str, str]]],
    values: Optional[List[Optional[bytes]]],
) -> Error:
    """Returns the exception for a failure of the library. The native module calls it."""
    if failures is not None:
        return _BATCH_BY_CODE[code](message, [KeyFailure(*failure) for failure in failures], values)
    return _BY_CODE[code](_SETUP_PENDING if code == "setup_pending" else message)
