"""Medians, their ratios, and how sure they are: 95 % intervals by the bootstrap."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

_CONFIDENCE = 0.95
_RESAMPLES = 10_000


@dataclass(frozen=True)
class Estimate:
    value: float
    low: float
    high: float


def median(samples: Sequence[float]) -> Estimate:
    value = float(np.median(samples))
    if len(samples) < 2:
        return Estimate(value, value, value)
    return Estimate(value, *_interval((samples,), np.median, paired=False))


def ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Estimate:
    """Of the medians. Of as many of both, the ones of a round are resampled together."""
    value = float(np.median(numerators) / np.median(denominators))
    if min(len(numerators), len(denominators)) < 2:
        return Estimate(value, value, value)

    def statistic(above: np.ndarray, below: np.ndarray, axis: int = -1) -> np.ndarray:
        return np.median(above, axis=axis) / np.median(below, axis=axis)

    paired = len(numerators) == len(denominators)
    return Estimate(value, *_interval((numerators, denominators), statistic, paired=paired))


def _interval(samples, statistic, *, paired: bool) -> tuple[float, float]:
    found = stats.bootstrap(
        samples,
        statistic,
        paired=paired,
        n_resamples=_RESAMPLES,
        confidence_level=_CONFIDENCE,
        method="percentile",
        vectorized=True,
        rng=np.random.default_rng(1),
    ).confidence_interval
    return float(found.low), float(found.high)
