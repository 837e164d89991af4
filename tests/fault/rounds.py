"""call_in_rounds, which tells what a store reports of each key, as a process."""

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

_PROGRAM = os.environ["BYTESTORE_TEST_ROUNDS"]


def key(round_number: int, index: int) -> str:
    return f"{round_number}/{index}"


def value(name: str) -> bytes:
    return name.encode() * 20


@dataclass
class Reported:
    """What became of each key: `.` it succeeded, `f` failed, `u` unknown."""

    rounds: list[str] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)

    def add(self, line: str) -> None:
        marks, *codes = line.split()
        self.rounds.append(marks)
        self.codes.update(codes)

    def keys(self, mark: str) -> Iterator[str]:
        for number, marks in enumerate(self.rounds):
            yield from (key(number, i) for i, found in enumerate(marks) if found == mark)

    def count(self) -> Counter[str]:
        return Counter("".join(self.rounds))


class Rounds:
    """The program under way."""

    def __init__(self, uri: str, verb: str, keys: int, rounds: int) -> None:
        self._process = subprocess.Popen(
            [_PROGRAM, uri, verb, str(keys), str(rounds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reported = Reported()

    def wait_for(self, rounds: int) -> None:
        """For more rounds to be over."""
        assert self._process.stdout
        for _ in range(rounds):
            line = self._process.stdout.readline()
            assert line, "it ended before"
            self._reported.add(line)

    def is_over(self) -> bool:
        return self._process.poll() is not None

    def stop(self) -> Reported:
        """After the round that it is in."""
        out, _ = self._process.communicate()
        return self._end(out)

    def end(self) -> Reported:
        """When it ends by itself."""
        assert self._process.stdout
        out = self._process.stdout.read()
        self._process.communicate()
        return self._end(out)

    def _end(self, out: str) -> Reported:
        for line in out.splitlines():
            self._reported.add(line)
        assert self._process.returncode == 0
        return self._reported
