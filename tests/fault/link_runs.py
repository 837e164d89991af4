"""Large values over a slow link: what came of them, how many bytes passed, and in what time."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from slow_link import SlowLink

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True)
class Outcome:
    succeeded: int
    failed: int
    unknown: int
    sent_ratio: float  # bytes that passed the link, over those of the values
    time_ratio: float  # the time of the call, over that of the bytes at the link's rate
    first_failure: str = ""


@dataclass(frozen=True)
class Load:
    values: int
    value_bytes: int

    @property
    def payload(self) -> int:
        return self.values * self.value_bytes


def call(link: SlowLink, uri: str, verb: str, load: Load, rate: float) -> Outcome:
    """One `mset` or `mget` of all values, in a process of its own."""
    direction = link.up if verb == "mset" else link.down
    before = direction.bytes
    command = [os.environ["BYTESTORE_LARGE_VALUES"], uri, verb]
    command += [str(load.values), str(load.value_bytes)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    counts, first_failure = done.stdout.split("\n", 2)[:2]
    succeeded, failed, unknown, milliseconds = map(int, counts.split())
    return Outcome(
        succeeded,
        failed,
        unknown,
        (direction.bytes - before) / load.payload,
        milliseconds / 1000 * rate / load.payload,
        first_failure,
    )


def import_files(link: SlowLink, uri: str, folder: Path, load: Load, rate: float) -> Outcome:
    """The command's `import` of as many files; what it left out counts as failed."""
    for number in range(load.values):
        (folder / str(number)).write_bytes(os.urandom(load.value_bytes))
    before = link.up.bytes
    begun = time.monotonic()
    command = [os.environ["BYTESTORE_COMMAND"], "--store", uri, "import", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    took = time.monotonic() - begun
    failed = load.values if done.returncode else 0
    return Outcome(
        load.values - failed,
        failed,
        0,
        (link.up.bytes - before) / load.payload,
        took * rate / load.payload,
        done.stderr if failed else "",
    )
