"""call_in_rounds, which tells what a store reports of each key, as a process."""

import os
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

# Over this, something hangs; nothing that is tested takes a tenth of it.
_PATIENCE_SECONDS = 300

_PROGRAM = os.environ["BYTESTORE_TEST_ROUNDS"]


def key(round_number: int, index: int) -> str:
    return f"{round_number}/{index}"


def value(name: str) -> bytes:
    return name.encode() * 20


@dataclass
class Reported:
    """What became of each key: `.` it succeeded, `f` failed, `u` unknown; and once it has ended,
    how many requests were sent again, and how many beside others."""

    rounds: list[str] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    retries: int = 0
    speculative: int = 0

    def add(self, line: str) -> None:
        marks, *words = line.split()
        if marks == "#":
            self.retries, self.speculative = map(int, words)
            return
        self.rounds.append(marks)
        self.codes.update(words)

    def keys(self, mark: str) -> Iterator[str]:
        for number, marks in enumerate(self.rounds):
            yield from (key(number, i) for i, found in enumerate(marks) if found == mark)

    def check_all_succeeded(self) -> None:
        assert self.rounds
        assert self.count().keys() == {"."}, (self.count(), self.codes)

    def count(self) -> Counter[str]:
        return Counter("".join(self.rounds))


class Rounds:
    """The program under way."""

    def __init__(
        self, uri: str, verb: str, keys: int, rounds: int, *, speculative_delay_ms: int = 0
    ) -> None:
        self._process = subprocess.Popen(
            [_PROGRAM, uri, verb, str(keys), str(rounds), str(speculative_delay_ms)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reported = Reported()
        self._ended = False
        self._changed = threading.Condition()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            with self._changed:
                self._reported.add(line)
                self._changed.notify()
        with self._changed:
            self._ended = True
            self._changed.notify()

    def begin(self, rounds: int) -> bool:
        """Waits for the first rounds; returns whether there were so many before it ended."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._ended or len(self._reported.rounds) >= rounds, _PATIENCE_SECONDS
            )
            return len(self._reported.rounds) >= rounds

    def wait_for(self, rounds: int) -> None:
        """For so many rounds that begin from now on to be over."""
        with self._changed:
            wanted = len(self._reported.rounds) + 1 + rounds  # one is under way
            self._changed.wait_for(
                lambda: self._ended or len(self._reported.rounds) >= wanted, _PATIENCE_SECONDS
            )
            assert len(self._reported.rounds) >= wanted, "it hangs, or ended before"

    def stop(self) -> Reported:
        """After the round that it is in."""
        assert self._process.stdin
        self._process.stdin.close()
        return self.end()

    def end(self) -> Reported:
        """When it ends by itself."""
        self._listener.join(_PATIENCE_SECONDS)
        assert self._process.wait(_PATIENCE_SECONDS) == 0
        return self._reported
