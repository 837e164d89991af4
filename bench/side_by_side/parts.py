"""What bench/rocksdb_bench.cpp measured: pairs of the store and RocksDB itself."""

import json
from collections import defaultdict
from pathlib import Path

# By what was measured: the times of the store, and those of RocksDB, of one call each.
Pairs = dict[str, tuple[list[float], list[float]]]


def pairs(path: Path) -> Pairs:
    times: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for run in json.loads(path.read_text(encoding="utf-8"))["benchmarks"]:
        if run["run_type"] == "iteration":
            what, who = run["name"].removesuffix("/real_time").rsplit("/", 1)
            times[what][who].append(run["real_time"])
    return {what: (by["store"], by["raw"]) for what, by in times.items()}
