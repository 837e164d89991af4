"""What the tests of the benchmark share."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Quick = Callable[..., dict[str, Any]]


@pytest.fixture
def quick(tmp_path: Path) -> Quick:
    """Runs the harness on tiny cases of some workloads; returns what it kept, by workload."""

    def run(*arguments: str) -> dict[str, Any]:
        build = os.environ["BYTESTORE_BUILD"]
        options = ["--quick", "--build", build, "--results", str(tmp_path), *arguments]
        done = subprocess.run(
            [sys.executable, "-m", "side_by_side", *options],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return {
            path.stem: json.loads(path.read_text(encoding="utf-8"))
            for path in tmp_path.glob("*.json")
        }

    return run
