"""Works on a new server until its JIT has nothing left to gain; a cold one is far slower."""

from collections.abc import Callable
from pathlib import Path

from .cases import Case
from .places import Place
from .runs import run

_MOST_ROUNDS = 20
_STEADY_ROUNDS = 3
_STEADY = 1.1  # the slowest of the last rounds against the fastest

_CASES = (
    Case("mset", 50_000, 1_024),
    Case("mget", 50_000, 1_024),
    Case("mget", 5_000, 1_024, 1),
    Case("mset", 5_000, 1_024, 1),
    Case("mset", 1_000, 50_000, 100),
    Case("mget", 1_000, 50_000, 100),
    Case("keys", 50_000, 1_024),
    Case("mdelete", 50_000, 1_024),
)


def warm_up(place: Place, programs: Path, say: Callable[[str], None]) -> None:
    rounds: list[float] = []
    while len(rounds) < _MOST_ROUNDS:
        rounds.append(sum(_seconds(case, place, programs) for case in _CASES))
        say(f"warm-up, round {len(rounds)}: {rounds[-1]:.1f} s")
        last = rounds[-_STEADY_ROUNDS:]
        if len(last) == _STEADY_ROUNDS and max(last) <= _STEADY * min(last):
            return


def _seconds(case: Case, place: Place, programs: Path) -> float:
    """Grouped and not, so that both kinds of requests are warm."""
    total = 0.0
    with place.for_case(case):
        for grouping in ("replica_set", "off"):
            with place.for_run(case) as where:
                program = [str(programs / "cassandra_bench"), "--grouping", grouping]
                done = run([*program, *case.arguments(), *where], place.environment)
            if "error" in done:
                raise RuntimeError(f"the warm-up failed: {done['error']}")
            total += done["seconds"]
    return total
