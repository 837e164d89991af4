"""What was measured on, and how quiet it was."""

import hashlib
import os
import platform
import re
import statistics
import subprocess
import time
from importlib import metadata
from pathlib import Path
from typing import Any

from .repository import REPOSITORY

_LOOPS = 30
_BLOCK = bytes(16 << 20)
_PACKAGES = (
    "acsylla",
    "cassandra-driver",
    "diskcache",
    "langchain-classic",
    "langchain-community",
    "lmdb",
    "rocksdict",
)


def description() -> dict[str, Any]:
    """The same for all results that may be compared."""
    processor = re.search(r"^model name\s*:\s*(.*)$", _read("/proc/cpuinfo"), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+) kB$", _read("/proc/meminfo"), re.MULTILINE)
    return {
        "processor": processor.group(1) if processor else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(int(memory.group(1)) / (1 << 20)) if memory else None,
    }


def software() -> dict[str, str]:
    versions = {name: metadata.version(name) for name in _PACKAGES}
    return {"Python": platform.python_version(), **versions}


def noise() -> dict[str, float]:
    """A fixed piece of work on one core, again and again: its median seconds, and their spread."""
    times = []
    for _ in range(_LOOPS):
        begin = time.perf_counter()
        hashlib.sha256(_BLOCK).digest()
        times.append(time.perf_counter() - begin)
    tenths = statistics.quantiles(times, n=10)
    median = statistics.median(times)
    return {"median_seconds": median, "spread": (tenths[-1] - tenths[0]) / median}


def commit() -> dict[str, Any]:
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return {"commit": _git("rev-parse", "--short=12", "HEAD"), "changed": bool(changed)}


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")
