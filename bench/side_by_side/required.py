"""The figures that must be reached, and what was measured of each."""

from collections.abc import Callable, Iterator

from .estimates import Estimate
from .figures import Figure, MeasuredCase, case_of, divided
from .required_embedded import EMBEDDED_FIGURES
from .results import Results
from .samples import added, best_of, cost, samples

_OURS, _LIMIT = "bytestore", "limit"
_ACSYLLA = ("acsylla_128", "acsylla_512")


def _faster(
    workload: str,
    than: str | tuple[str, ...],
    who: str = _OURS,
    verb: str | None = None,
) -> Callable[[Results], Estimate | None]:
    """How many times the rate of another contender, or of the best of several."""

    def measure(results: Results) -> Estimate | None:
        case = case_of(results, workload, lambda case: verb in (None, case["verb"]))
        if case is None:
            return None
        other = best_of(case, than) if isinstance(than, tuple) else than
        return divided(cost(case, other), cost(case, who))

    return measure


def _less_processor(workload: str, than: str) -> Callable[[Results], Estimate | None]:
    def measure(results: Results) -> Estimate | None:
        case = case_of(results, workload)
        if case is None:
            return None
        return divided(cost(case, than, "cpu_seconds"), cost(case, _OURS, "cpu_seconds"))

    return measure


def _median_of_a_call(verb: str) -> Callable[[Results], Estimate | None]:
    def measure(results: Results) -> Estimate | None:
        case = case_of(results, "one-key", lambda case: case["verb"] == verb)
        if case is None:
            return None
        return divided(samples(case, _OURS, "p50_us"), samples(case, _LIMIT, "p50_us"))

    return measure


def _growth(verb: str) -> Callable[[Results], Estimate | None]:
    def measure(results: Results) -> Estimate | None:
        def of(keys: int) -> MeasuredCase | None:
            return case_of(
                results, "growth", lambda case: (case["verb"], case["keys"]) == (verb, keys)
            )

        few, many = of(10_000), of(1_000_000)
        if few is None or many is None:
            return None
        return divided(cost(many, _OURS), cost(few, _OURS))

    return measure


def _peak_mebibytes(workload: str) -> Callable[[Results], Estimate | None]:
    def measure(results: Results) -> Estimate | None:
        case = case_of(results, workload)
        return _most(samples(case, _OURS, "peak_kib") if case else [])

    return measure


def _added_mebibytes(verb: str) -> Callable[[Results], Estimate | None]:
    """The most that the calls of a stream need beside what was there before them."""

    def measure(results: Results) -> Estimate | None:
        case = case_of(results, "stream", lambda case: case["verb"] == verb)
        return _most(added(case, _OURS) if case else [])

    return measure


def _rocksdb(what: str) -> Callable[[Results], Estimate | None]:
    def measure(results: Results) -> Estimate | None:
        store, raw = results.pairs.get(what, ([], []))
        return divided(raw, store)

    return measure


def _most(kibibytes: list[float]) -> Estimate | None:
    """In MiB."""
    if not kibibytes:
        return None
    least, most = min(kibibytes) / 1_024, max(kibibytes) / 1_024
    return Estimate(most, least, most)


def _against_the_limit() -> Iterator[Figure]:
    for workload, about in (
        ("mset", "mset, 1 KiB, calls of 1,000"),
        ("mset-50k", "mset, 50 KB"),
        ("mget-50k", "mget, 50 KB, calls of 100"),
        ("mget", "mget, 1 KiB, calls of 1,000"),
        ("mdelete", "mdelete, calls of 1,000"),
        ("keys", "list keys, 1 KiB values"),
        ("keys-50k", "list keys, 50 KB values"),
        ("keys-100k", "list keys, 100 KB values"),
    ):
        yield Figure(
            f"{about}, against the limit", 0.9, _faster(workload, _LIMIT), within_interval=0.95
        )


def _from_python() -> Iterator[Figure]:
    for workload, awaited, bound in (
        ("mset", False, 15),
        ("mset", True, 15),
        ("mget", False, 5),
        ("mget", True, 5),
        ("mdelete", False, 5),
        ("keys", False, 2),
    ):
        yield Figure(
            f"{'a' if awaited else ''}{workload} from Python against LangChain's store",
            bound,
            _faster(workload, "seed", "python_awaited" if awaited else "python"),
        )
    for workload in ("mset", "mget", "mdelete"):
        yield Figure(
            f"{workload} from Python: its time over that of C++, calls of 1,000",
            1.25,
            _faster(workload, "python", "bytestore"),
            at_most=True,
        )


FIGURES = (
    Figure("mset, 1 KiB, calls of 1,000, against LangChain's store", 20, _faster("mset", "seed")),
    Figure(
        "the same against LangChain's store with TCP_NODELAY", 12, _faster("mset", "seed_nodelay")
    ),
    Figure("the same against acsylla's best", 2, _faster("mset", _ACSYLLA)),
    Figure("mset, 50 KB, against LangChain's store", 150, _faster("mset-50k", "seed")),
    Figure(
        "the same against LangChain's store with TCP_NODELAY",
        5,
        _faster("mset-50k", "seed_nodelay"),
    ),
    Figure(
        "mget, 50 KB, calls of 100, against LangChain's store with TCP_NODELAY",
        5,
        _faster("mget-50k", "seed_nodelay"),
    ),
    Figure("mget, 1 KiB, calls of 1,000, against LangChain's store", 6, _faster("mget", "seed")),
    Figure("the same against acsylla's best", 3, _faster("mget", _ACSYLLA)),
    Figure("mdelete, calls of 1,000, against LangChain's store", 6, _faster("mdelete", "seed")),
    Figure("list keys, 1 KiB values, against LangChain's store", 2.5, _faster("keys", "seed")),
    Figure("list keys, 50 KB values, against LangChain's store", 8, _faster("keys-50k", "seed")),
    Figure(
        "list keys of 2,000 values of 100 KB: peak memory in MiB",
        100,
        _peak_mebibytes("keys-100k"),
        at_most=True,
    ),
    *(
        Figure(
            f"{verb} of 1 GiB in calls of 10,000: memory added by the calls in MiB",
            96,
            _added_mebibytes(verb),
            at_most=True,
        )
        for verb in ("mset", "mget")
    ),
    *_against_the_limit(),
    *(
        Figure(
            f"p50 of a one-key {verb} against the limit's",
            1.15,
            _median_of_a_call(verb),
            at_most=True,
        )
        for verb in ("mget", "mset")
    ),
    Figure(
        "client CPU per key, mset 1 KiB, calls of 1,000, LangChain's store / ours",
        60,
        _less_processor("mset", "seed"),
    ),
    *(
        Figure(
            f"cost per key at 1,000,000 keys against 10,000, {verb}",
            1.2,
            _growth(verb),
            at_most=True,
        )
        for verb in ("mset", "mget", "keys")
    ),
    *(
        Figure(f"RocksDB backend against RocksDB itself, {what}", 0.9, _rocksdb(what))
        for what in ("mget", "mset sync=false", "mset sync=true")
    ),
    *_from_python(),
    *EMBEDDED_FIGURES,
)
