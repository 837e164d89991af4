"""Finds the number of requests in flight with which the limit is fastest, for each case anew."""

import statistics
from collections.abc import Callable
from typing import Any

from .cases import Case
from .runs import Run

_WINDOWS = (4, 8, 16, 32, 64, 128, 256)
_LISTING_WINDOWS = (2, 4, 8, 16, 32)
_THREADS = (1, 2)
_ROUNDS = 2


def sweep(case: Case, quick: bool, measure: Callable[[list[str]], Run]) -> list[dict[str, Any]]:
    """Each setting that was tried with its median rate, the fastest first."""
    windows: tuple[int, ...] = _LISTING_WINDOWS if case.verb == "keys" else _WINDOWS
    if case.call_keys == 1 and case.verb != "keys":
        windows = (1,)
    settings = [(window, threads) for window in windows for threads in _THREADS]
    if quick:
        settings = settings[:1]
    rates: dict[tuple[int, int], list[float]] = {setting: [] for setting in settings}
    for _ in range(1 if quick else _ROUNDS):
        for setting in settings:
            run = measure(arguments(*setting))
            if "error" in run:
                raise RuntimeError(f"the limit failed: {run['error']}")
            rates[setting].append(run["keys"] / run["seconds"])
    tried = [
        {"window": window, "threads": threads, "rate": statistics.median(rates[window, threads])}
        for window, threads in settings
    ]
    return sorted(tried, key=lambda setting: -setting["rate"])


def arguments(window: int, threads: int) -> list[str]:
    return ["--window", str(window), "--threads", str(threads)]
