"""Clients that record what they see while something breaks, and what is said of it."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from servers import KEYSPACE, Server

KEYS = 3_000
CLIENTS = 4  # of each program
CALLS_A_SECOND = 30  # of each program: what leaves two cores room to start a server

_LOAD = os.environ["BYTESTORE_RECORDED_LOAD"]
_CHECKER = os.environ["BYTESTORE_HISTORY_CHECKER"]
_PYTHON = os.environ["BYTESTORE_PACKAGE_PYTHON"]
_PYTHON_LOAD = Path(__file__).with_name("recorded_load.py")

# Over this, something hangs; nothing that is tested takes a tenth of it.
_PATIENCE_SECONDS = 300


@dataclass(frozen=True)
class Verdict:
    """What check_history says."""

    told: dict[str, Any]

    @property
    def wrong(self) -> list[str]:
        found: list[str] = self.told["wrong"]
        return found

    def tell(self, name: str, **more: object) -> None:
        """Keeps the figures as a line."""
        told = self.told
        figures: dict[str, object] = {
            "seconds": round(told["seconds"]),
            "acknowledged": told["acknowledged"],
            "writes": told["writes"],
            "listings": told["listings"],
            **more,
            "wrong": len(self.wrong),
            "calls failed": told["calls_failed"],
            "keys failed": told["failed"],
            "unknown": told["unknown"],
            "longest gap ms": round(told["longest_gap_ms"]),
            "p50 ms": round(told["p50_ms"], 1),
            "p99 ms": round(told["p99_ms"]),
            "max ms": round(told["max_ms"]),
        }
        line = f"{name}: " + ", ".join(f"{what} {value}" for what, value in figures.items())
        keep_line(line)


def keep_line(line: str) -> None:
    """Prints a line of figures, also where script/fault wants it."""
    print(line)
    if path := os.environ.get("BYTESTORE_FAULT_FIGURES"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(line + "\n")


class _Clients:
    """A program of several clients under way."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout
        self._said = self._process.stdout
        assert self._said.readline() == "open\n"
        self._acknowledged = 0
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def acknowledged(self) -> int:
        """Keys, as of a tenth of a second ago."""
        assert self._process.poll() is None, "the clients have ended"
        return self._acknowledged

    def stop(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        assert self._process.wait(_PATIENCE_SECONDS) == 0

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join()

    def _listen(self) -> None:
        for line in self._said:
            self._acknowledged = int(line)


class Load:
    """Clients in C++ and in Python, on the same keys of a table."""

    def __init__(self, programs: list[_Clients]) -> None:
        self._programs = programs

    def acknowledged(self) -> int:
        return sum(each.acknowledged() for each in self._programs)

    def go_on(self, count: int = 2_000) -> None:
        """Until so many more keys are acknowledged."""
        wanted = self.acknowledged() + count
        end = time.monotonic() + _PATIENCE_SECONDS
        while self.acknowledged() < wanted:
            assert time.monotonic() < end, "the clients hang"
            time.sleep(0.05)

    def go_on_for(self, seconds: float) -> None:
        """Whether anything is acknowledged or not; the clients must not end."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.acknowledged()
            time.sleep(0.05)

    def stop(self) -> None:
        for each in self._programs:
            each.stop()


@contextmanager
def recorded_load(
    server: Server,
    table: str,
    folder: Path,
    *,
    give_up_after_seconds: int = 30,
    speculative_delay_ms: int = 0,
    points: list[str] | None = None,
    allow_clock_difference: bool = False,
) -> Iterator[tuple[Load, Callable[[], Verdict]]]:
    """While it runs: the load, and what ends it and judges it. `points` are the contact points, if
    they are not the server's."""
    files = [folder / "cpp.jsonl", folder / "python.jsonl"]
    points = points or [f"{host}:{server.told['port']}" for host in server.told["contact_points"]]
    of_store = {"table": table, "speculative_delay": speculative_delay_ms / 1000 or None}
    of_session = {
        "contact_points": points,
        "keyspace": KEYSPACE,
        "give_up_after": give_up_after_seconds,
        "allow_clock_difference": allow_clock_difference,
    }
    connection = of_session | {"store": of_store}
    numbers = [str(CLIENTS), str(KEYS), str(CALLS_A_SECOND)]
    uri = server.uri(
        table,
        address=",".join(points),
        give_up_after=f"{give_up_after_seconds}s",
        allow_clock_difference=str(allow_clock_difference).lower(),
    )
    programs: list[_Clients] = []
    try:
        programs.append(
            _Clients([_LOAD, uri, str(files[0]), "1", *numbers, str(speculative_delay_ms)])
        )
        first = str(1 + CLIENTS)
        programs.append(
            _Clients(
                [_PYTHON, str(_PYTHON_LOAD), json.dumps(connection), str(files[1]), first, *numbers]
            )
        )
        load = Load(programs)

        def judged() -> Verdict:
            load.stop()
            return judge(files)

        yield load, judged
    finally:
        for each in programs:
            each.kill()


def judge(files: list[Path]) -> Verdict:
    done = subprocess.run([_CHECKER, *files], stdout=subprocess.PIPE, text=True)
    assert done.returncode in (0, 1)
    verdict = Verdict(json.loads(done.stdout))
    for line in verdict.wrong[:20]:
        print(line, file=sys.stderr)
    return verdict


def minutes() -> float:
    """How long a long run is to take; 0: the short one."""
    return float(os.environ.get("BYTESTORE_FAULT_MINUTES", "0"))
