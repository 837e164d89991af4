"""What was measured, on disk: a JSON file for each workload; measuring it again replaces it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .parts import Pairs, pairs

Result = dict[str, Any]


@dataclass(frozen=True)
class Results:
    workloads: dict[str, Result]  # by name
    pairs: Pairs  # of what RocksDB itself is compared with


def save(folder: Path, result: Result) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result['workload']}.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return path


def load(folder: Path) -> Results:
    """Results of different machines, or of --quick, are no results together."""
    paths = sorted(folder.glob("*.json"))
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}
    machines = {json.dumps(result["machine"], sort_keys=True) for result in found.values()}
    if len(machines) > 1:
        raise ValueError(f"{folder} has results of several machines: {'; '.join(sorted(machines))}")
    hasty = sorted(name for name, result in found.items() if result["quick"])
    if hasty:
        raise ValueError(f"{folder} has results of --quick: {', '.join(hasty)}")
    parts = folder.parent / "rocksdb_bench.json"
    return Results(found, pairs(parts) if parts.exists() else {})
