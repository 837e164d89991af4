"""The figures that stores without a server must reach: from Python, values of 1 KiB in `embedded-large`."""

from collections.abc import Callable, Iterator
from typing import Any

from .estimates import Estimate
from .figures import Figure, MeasuredCase, case_of, divided
from .results import Results
from .samples import best_of, cost, samples

_ON_ROCKSDB, _ON_LMDB, _ON_LMDB_SYNCED = "python_nosync", "python_lmdb_nosync", "python_lmdb_sync"
_FILES = ("local_files", "diskcache")

# Of a case, what differs from the usual one.
Which = dict[str, Any]


def _of(which: Which) -> Callable[[MeasuredCase], bool]:
    wanted = {"value_bytes": 1_024, "call_keys": 1_000, "callers": 1, "cold": False, **which}
    # Results that are older than the option have no callers.
    return lambda case: all(case.get(name, 1) == value for name, value in wanted.items())


def _faster(
    which: Which, than: str | tuple[str, ...], who: str
) -> Callable[[Results], Estimate | None]:
    """How many times the rate of another contender, or of the best of several."""

    def measure(results: Results) -> Estimate | None:
        case = case_of(results, "embedded-large", _of(which))
        if case is None:
            return None
        other = best_of(case, than) if isinstance(than, tuple) else than
        return divided(cost(case, other), cost(case, who))

    return measure


def _memory(which: Which, than: str, who: str) -> Callable[[Results], Estimate | None]:
    def measure(results: Results) -> Estimate | None:
        case = case_of(results, "embedded-large", _of(which))
        if case is None:
            return None
        return divided(samples(case, who, "peak_kib"), samples(case, than, "peak_kib"))

    return measure


def _on_rocksdb() -> Iterator[Figure]:
    for verb in ("mset", "mget", "mdelete", "keys"):
        yield Figure(
            f"{verb} on RocksDB from Python against LocalFileStore",
            10,
            _faster({"verb": verb}, "local_files", _ON_ROCKSDB),
        )
    for about, verb, call_keys, bound in (
        ("mset, calls of 1,000", "mset", 1_000, 1),
        ("mset, calls of 1", "mset", 1, 0.9),
        ("mget, calls of 1,000", "mget", 1_000, 2),
        ("mget, calls of 1", "mget", 1, 1),
        ("list keys", "keys", 1_000, 1.5),
        ("mdelete, calls of 1,000", "mdelete", 1_000, 0.9),
    ):
        yield Figure(
            f"{about}, on RocksDB from Python against rocksdict",
            bound,
            _faster({"verb": verb, "call_keys": call_keys}, "rocksdict", _ON_ROCKSDB),
        )
    yield Figure(
        "memory of mget on RocksDB from Python, to that of rocksdict",
        1.5,
        _memory({"verb": "mget"}, "rocksdict", _ON_ROCKSDB),
        at_most=True,
    )


def _on_lmdb() -> Iterator[Figure]:
    for about, which, bound in (
        ("mget, calls of 1,000", {"verb": "mget"}, 1.5),
        ("mget, calls of 1", {"verb": "mget", "call_keys": 1}, 0.9),
        ("list keys", {"verb": "keys"}, 1),
        ("mset, calls of 1,000", {"verb": "mset"}, 1),
    ):
        yield Figure(
            f"{about}, on LMDB from Python against py-lmdb",
            bound,
            _faster(which, "lmdb_nosync", _ON_LMDB),
        )
    yield Figure(
        "mset, calls of 1 by 8 threads, synced, on LMDB from Python against py-lmdb",
        4,
        _faster({"verb": "mset", "call_keys": 1, "callers": 8}, "lmdb_sync", _ON_LMDB_SYNCED),
    )
    for about, which in (
        ("mset, calls of 1,000", {"verb": "mset"}),
        ("mset, calls of 1", {"verb": "mset", "call_keys": 1}),
        ("mget, calls of 1,000, cold", {"verb": "mget", "cold": True}),
        ("mget, calls of 1,000", {"verb": "mget"}),
        ("mget, calls of 1", {"verb": "mget", "call_keys": 1}),
        ("list keys, cold", {"verb": "keys", "cold": True}),
        ("list keys", {"verb": "keys"}),
        ("mdelete, calls of 1,000", {"verb": "mdelete"}),
    ):
        yield Figure(
            f"{about}, on LMDB from Python against the better of LocalFileStore and diskcache",
            1,
            _faster(which, _FILES, _ON_LMDB),
        )


EMBEDDED_FIGURES = (*_on_rocksdb(), *_on_lmdb())
