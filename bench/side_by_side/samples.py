"""The numbers of a measured case, by contender. Runs that failed have none."""

import statistics
from collections.abc import Iterable
from typing import Any


def samples(case: dict[str, Any], contender: str, what: str) -> list[float]:
    runs = case["runs"].get(contender, [])
    return [run[what] for run in runs if "error" not in run]


def cost(case: dict[str, Any], contender: str, what: str = "seconds") -> list[float]:
    """Seconds per key, or processor seconds."""
    runs = case["runs"].get(contender, [])
    return [run[what] / run["keys"] for run in runs if "error" not in run]


def added(case: dict[str, Any], contender: str) -> list[float]:
    """KiB that the calls needed at most, above what was resident before the first."""
    peaks = samples(case, contender, "peak_kib")
    before = samples(case, contender, "resident_kib")
    return [peak - least for peak, least in zip(peaks, before, strict=True)]


def best_of(case: dict[str, Any], contenders: Iterable[str]) -> str:
    """The fastest of them, or the first if none was measured."""
    names = list(contenders)
    measured = [name for name in names if cost(case, name)]
    by_cost = sorted(measured, key=lambda name: statistics.median(cost(case, name)))
    return (by_cost or names)[0]


def error(case: dict[str, Any], contender: str) -> str | None:
    """Why its first run that failed did."""
    runs = case["runs"].get(contender, [])
    return next((run["error"] for run in runs if "error" in run), None)
