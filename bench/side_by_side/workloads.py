"""The workloads by name: cases that are measured together, by whom, and on what."""

from dataclasses import dataclass, replace

from .cases import Case
from .contenders import EMBEDDED, FAST_EMBEDDED, ON_CASSANDRA

KIB, KB, MIB = 1 << 10, 1_000, 1 << 20

_EVERYBODY = tuple(each.name for each in ON_CASSANDRA if each.name != "speculative")
_OURS_AND_LIMIT = ("bytestore", "limit")
_GROUPS = ("bytestore", "ungrouped", "limit")
_LISTING = (
    "bytestore",
    "python",
    "python_awaited",
    "seed",
    "seed_nodelay",
    "python_driver",
    "limit",
)

# What --quick makes of a case: enough to see that all works.
_QUICK_KEYS = 200
_QUICK_BYTES = 2 * MIB


@dataclass(frozen=True)
class Workload:
    name: str
    about: str
    cases: tuple[Case, ...]
    contenders: tuple[str, ...] = _EVERYBODY
    nodes: int = 1  # 0: embedded stores, no server
    paused: bool = False  # the last node is while it is measured

    def quick(self) -> "Workload":
        return replace(self, cases=tuple(dict.fromkeys(_quick(case) for case in self.cases)))


def _quick(case: Case) -> Case:
    keys = min(case.keys, _QUICK_KEYS, max(1, _QUICK_BYTES // case.value_bytes))
    return replace(
        case,
        keys=keys,
        call_keys=min(case.call_keys, keys),
        slow_keys=0,
        stored_keys=min(case.stored_keys, keys),
        cold=case.cold and case.verb == "mget" and case.value_bytes == KIB,
    )


def _grouped(keys: int) -> tuple[Case, ...]:
    return tuple(Case(verb, keys, KIB, 100) for verb in ("mset", "mget", "mdelete"))


def _embedded(keys: int, slow_keys: int) -> tuple[Case, ...]:
    """Values of 1 KiB. Calls of one key take a part of the keys."""
    large = Case("", keys, KIB, slow_keys=slow_keys, stored_keys=keys, shuffled=True)
    one = replace(large, keys=keys // 5, call_keys=1, slow_keys=slow_keys // 20)
    return (
        replace(large, verb="mset"),
        replace(one, verb="mset"),
        replace(one, verb="mset", callers=8, slow_keys=slow_keys // 5),
        replace(large, verb="mget", cold=True),
        replace(large, verb="mget"),
        replace(one, verb="mget", slow_keys=slow_keys),
        replace(large, verb="keys", cold=True),
        replace(large, verb="keys"),
        replace(large, verb="mdelete"),
    )


def _embedded_50k(keys: int, slow_keys: int) -> tuple[Case, ...]:
    large = Case("", keys, 50 * KB, 100, slow_keys=slow_keys, stored_keys=keys, shuffled=True)
    return (
        replace(large, verb="mset"),
        replace(large, verb="mget", cold=True),
        replace(large, verb="mget"),
        replace(large, verb="keys", cold=True),
    )


def _embedded_million(keys: int) -> tuple[Case, ...]:
    """Reads take a part of the keys."""
    part = Case("", keys // 10, KIB, stored_keys=keys, shuffled=True)
    return (
        replace(part, verb="mset", keys=keys),
        replace(part, verb="mget", cold=True),
        replace(part, verb="mget"),
        replace(part, verb="mget", keys=keys // 50, call_keys=1),
        replace(part, verb="keys", keys=keys),
        replace(part, verb="mdelete"),
    )


_WORKLOADS = (
    Workload("mset", "writes of 1 KiB in calls of 1,000", (Case("mset", 100_000, KIB, slow_keys=10_000),)),
    Workload("mset-50k", "writes of 50 KB in calls of 100", (Case("mset", 4_000, 50 * KB, 100, slow_keys=400),)),
    Workload("mget", "reads of 1 KiB in calls of 1,000", (Case("mget", 100_000, KIB, slow_keys=20_000),)),
    Workload("mget-50k", "reads of 50 KB in calls of 100", (Case("mget", 4_000, 50 * KB, 100),)),
    Workload("misses", "reads of absent keys", (Case("mget", 50_000, KIB, absent=True),)),
    Workload("mdelete", "deletes in calls of 1,000", (Case("mdelete", 100_000, KIB, slow_keys=20_000),)),
    Workload("keys", "listing beside values of 1 KiB", (Case("keys", 100_000, KIB),), _LISTING),
    Workload("keys-50k", "listing beside 50 KB", (Case("keys", 1_000, 50 * KB),), _LISTING),
    Workload("keys-100k", "listing beside 100 KB", (Case("keys", 2_000, 100 * KB),), _LISTING),
    Workload(
        "prefix",
        "listing by a prefix that a ninth of the keys has",
        (Case("keys", 100_000, KIB, prefix="embedding-1"),),
        _LISTING,
    ),
    Workload(
        "one-key",
        "calls of one key",
        (Case("mget", 5_000, KIB, 1), Case("mset", 5_000, KIB, 1), Case("mdelete", 5_000, KIB, 1)),
    ),
    Workload(
        "calls",
        "calls of 10 to 10,000 keys",
        tuple(
            Case(verb, keys, KIB, call_keys)
            for verb in ("mset", "mget", "mdelete")
            for call_keys, keys in ((10, 10_000), (100, 20_000), (10_000, 20_000))
        ),
    ),
    Workload(
        "sizes",
        "values of 100 B and 1 MiB",
        tuple(
            Case(verb, keys, size, call_keys)
            for verb in ("mset", "mget")
            for size, keys, call_keys in ((100, 20_000, 1_000), (MIB, 100, 10))
        ),
    ),
    Workload(
        "growth",
        "cost per key of 10,000, 100,000 and 1,000,000 keys",
        tuple(
            Case(verb, keys, 100)
            for verb in ("mset", "mget", "keys")
            for keys in (10_000, 100_000, 1_000_000)
        ),
        _OURS_AND_LIMIT,
    ),
    Workload(
        "stream",
        "1 GiB of values of 1 KiB in calls of 10,000",
        tuple(Case(verb, MIB, KIB, 10_000) for verb in ("mset", "mget")),
        ("bytestore",),
    ),
    Workload("groups-1", "grouping on and off, one node", _grouped(20_000), _GROUPS),
    Workload(
        "groups-3",
        "grouping on and off, three nodes, three copies",
        _grouped(20_000),
        _GROUPS,
        nodes=3,
    ),
    Workload(
        "groups-paused",
        "the same with one node paused",
        tuple(Case(verb, 2_000, KIB, 100) for verb in ("mset", "mget")),
        ("bytestore", "ungrouped", "speculative"),  # the limit does not look for another node
        nodes=3,
        paused=True,
    ),
    Workload(
        "embedded-large",
        "stores with no server, opened again",
        (*_embedded(100_000, slow_keys=10_000), *_embedded_50k(10_000, slow_keys=1_000)),
        tuple(contender.name for contender in EMBEDDED),
        nodes=0,
    ),
    Workload(
        "embedded-million",
        "the same with 1,000,000 keys",
        _embedded_million(1_000_000),
        FAST_EMBEDDED,
        nodes=0,
    ),
)

BY_NAME = {workload.name: workload for workload in _WORKLOADS}
