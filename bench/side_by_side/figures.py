"""What a required figure is, and how one is found in what was measured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .estimates import Estimate, ratio
from .results import Results

MeasuredCase = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    about: str
    bound: float
    measure: Callable[[Results], Estimate | None]  # None: not measured
    at_most: bool = False
    within_interval: float | None = None  # must also lie in the interval, or be exceeded by it

    def met(self, measured: Estimate) -> bool:
        if self.at_most:
            return measured.value <= self.bound
        reached = self.within_interval is None or measured.high >= self.within_interval
        return measured.value >= self.bound and reached


def case_of(
    results: Results, workload: str, wanted: Callable[[MeasuredCase], bool] = lambda _: True
) -> MeasuredCase | None:
    result = results.workloads.get(workload)
    cases = result["cases"] if result else []
    return next((case for case in cases if wanted(case["case"])), None)


def divided(above: list[float], below: list[float]) -> Estimate | None:
    return ratio(above, below) if above and below else None
