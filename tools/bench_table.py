#!/usr/bin/env python3
"""Prints the medians of Google Benchmark runs, and the ratios of pairs, as Markdown tables.

usage: bench_table.py RESULT.json...

Benchmarks named `<what>/store` and `<what>/raw` are a pair: the ratio is the store's median rate
over the raw one's, so 1 means no cost. Noise is half the range between the quartiles, in percent of
the median.
"""

import json
import statistics
import sys
from collections import defaultdict
from pathlib import Path


def samples_of(paths: list[Path]) -> dict[str, list[float]]:
    """Nanoseconds per iteration of every repetition, by benchmark."""
    samples: dict[str, list[float]] = defaultdict(list)
    unit = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}
    for path in paths:
        for run in json.loads(path.read_text(encoding="utf-8"))["benchmarks"]:
            if run["run_type"] == "iteration":
                name = run["name"].removesuffix("/real_time")
                samples[name].append(run["real_time"] * unit[run["time_unit"]])
    return samples


def noise_of(times: list[float]) -> float:
    if len(times) < 2:
        return 0.0
    low, _, high = statistics.quantiles(times, n=4)
    return 50.0 * (high - low) / statistics.median(times)


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    samples = samples_of([Path(name) for name in sys.argv[1:]])

    print("| benchmark | runs | median | noise |")
    print("|---|---|---|---|")
    for name, times in samples.items():
        median = statistics.median(times)
        print(f"| {name} | {len(times)} | {median / 1e3:,.2f} µs | ±{noise_of(times):.0f} % |")

    pairs = [name.removesuffix("/store") for name in samples if name.endswith("/store")]
    if pairs:
        print("\n| pair | store / raw |")
        print("|---|---|")
    for what in pairs:
        store = statistics.median(samples[f"{what}/store"])
        raw = statistics.median(samples[f"{what}/raw"])
        print(f"| {what} | {raw / store:.2f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
