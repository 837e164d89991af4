"""One run of one contender: a process of its own, which prints one line of JSON."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

_BENCH = Path(__file__).resolve().parents[1]

# Over this, something hangs.
_PATIENCE_SECONDS = 900

Run = dict[str, Any]  # what the contender printed, or {"error": ...}


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    meanwhile: AbstractContextManager[None] | None = None,
) -> Run:
    """With `meanwhile`, which the contender must know as --wait, it measures inside of that."""
    process = subprocess.Popen(
        [*command, "--wait"] if meanwhile else command,
        env={**os.environ, **environment, "PYTHONPATH": str(_BENCH)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        if meanwhile and process.stdout:
            process.stdout.readline()
        with meanwhile or nullcontext():
            out, err = process.communicate("\n", timeout=_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        return {"error": f"not done within {_PATIENCE_SECONDS} s"}
    finally:
        process.kill()
        process.wait()
    if process.returncode:
        lines = err.strip().splitlines() or [f"exit code {process.returncode}"]
        return {"error": lines[-1][:500]}
    return json.loads(out.splitlines()[-1])
