"""first_uses, which uses stores for the first time, as a process."""

import os
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_PROGRAM = os.environ.get("BYTESTORE_FIRST_USES", "")


@dataclass
class Uses:
    """Milliseconds of each use, by what it was, and the errors."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        what, milliseconds, outcome = line.split()
        self.times[what].append(float(milliseconds))
        if outcome != "ok":
            self.errors.append(f"{what}: {outcome}")


class FirstUses:
    """The program under way."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def go_on(self) -> Uses:
        """Uses all that it has opened."""
        said, _ = self._process.communicate("\n")
        assert self._process.returncode == 0
        uses = Uses()
        for line in said.splitlines():
            uses.add(line)
        return uses


@contextmanager
def first_uses(uri: str, count: int, program: str = _PROGRAM) -> Iterator[FirstUses]:
    """Once its stores are open."""
    with subprocess.Popen(
        [*program.split(), uri, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "open\n"
        try:
            yield FirstUses(process)
        finally:
            process.kill()
