"""What the Python contenders share: the arguments and the report of bench/measured_run.hpp."""

import argparse
import asyncio
import json
import random
import re
import resource
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol


class Store(Protocol):
    """The verbs; coroutines, so that asynchronous clients need no bridge."""

    async def mset(self, entries: list[tuple[str, bytes]]) -> None: ...

    async def mget(self, keys: list[str]) -> list[bytes | None]: ...

    async def mdelete(self, keys: list[str]) -> None: ...

    async def count(self, prefix: str) -> int:
        """Lists the keys that begin with `prefix`, and tells how many they were."""
        ...


def parser(about: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=about, allow_abbrev=False)
    made.add_argument("verb", choices=("mset", "mget", "mdelete", "keys"))
    made.add_argument("--keys", type=int, required=True, help="of the whole run")
    made.add_argument("--value-bytes", type=int, required=True, help="of each value")
    made.add_argument("--call-keys", type=int, required=True, help="of one call")
    made.add_argument("--callers", type=int, default=1, help="threads that make the calls")
    made.add_argument("--prefix", default="", help="list only the keys that begin with it")
    made.add_argument("--absent", action="store_true", help="read keys that are not there")
    made.add_argument("--stored-keys", type=int, default=0, help="that are there, if not those")
    made.add_argument("--shuffled", action="store_true", help="take the keys in a random order")
    made.add_argument("--cold", action="store_true", help="make no call for warming up")
    return made


class _Calls:
    """The keys and the value of a run, and its calls."""

    def __init__(self, store: Store, run: argparse.Namespace) -> None:
        self._store = store
        self._run = run
        shape = "absent" if run.absent else "embedding"
        self._keys = [f"{shape}-{number}" for number in range(max(run.keys, run.stored_keys))]
        if run.shuffled:
            random.Random(run.stored_keys).shuffle(self._keys)
        self._value = _some_value(run.value_bytes)

    async def first(self) -> None:
        await self._call(self._keys[: self._run.call_keys])

    async def all(self) -> list[float]:
        """How many seconds each call took."""
        callers = self._run.callers
        if callers == 1:
            return await self._of_caller(0)
        with ThreadPoolExecutor(callers) as threads:
            parts = threads.map(lambda caller: asyncio.run(self._of_caller(caller)), range(callers))
            return [time for part in parts for time in part]

    async def _of_caller(self, caller: int) -> list[float]:
        """Those of its calls, in order; callers take turns."""
        times = []
        step = self._run.keys if self._run.verb == "keys" else self._run.call_keys
        for first in range(caller * step, self._run.keys, self._run.callers * step):
            begin = time.perf_counter()
            await self._call(self._keys[first : first + step])
            times.append(time.perf_counter() - begin)
        return times

    async def _call(self, keys: list[str]) -> None:
        match self._run.verb:
            case "mset":
                await self._mset(keys)
            case "mget":
                await self._mget(keys)
            case "mdelete":
                await self._store.mdelete(keys)
            case "keys":
                await self._list()

    async def _mset(self, keys: list[str]) -> None:
        await self._store.mset([(key, self._value) for key in keys])

    async def _mget(self, keys: list[str]) -> None:
        wanted = None if self._run.absent else self._run.value_bytes
        for value in await self._store.mget(keys):
            if (None if value is None else len(value)) != wanted:
                raise RuntimeError("a value is not what was stored")

    async def _list(self) -> None:
        listed = await self._store.count(self._run.prefix)
        wanted = sum(key.startswith(self._run.prefix) for key in self._keys)
        if listed != wanted:
            raise RuntimeError(f"{listed} keys were listed, not {wanted}")


async def measure(store: Store, run: argparse.Namespace) -> None:
    """Does one call for warming up, then all calls of the run, and prints one line of JSON.

    A run that is cold does no call for warming up.
    """
    calls = _Calls(store, run)
    _forget_peak()
    resident = _peak_kibibytes()
    if not run.cold:
        await calls.first()
    processor, begin = _processor_seconds(), time.perf_counter()
    times = await calls.all()
    elapsed = time.perf_counter() - begin
    used = _processor_seconds() - processor
    times.sort()
    report = {
        "keys": run.keys,
        "calls": len(times),
        "seconds": elapsed,
        "cpu_seconds": used,
        "resident_kib": resident,
        "peak_kib": _peak_kibibytes(),
        "p50_us": _percentile(times, 50),
        "p99_us": _percentile(times, 99),
    }
    print(json.dumps(report), flush=True)


def _some_value(size: int) -> bytes:
    """Half of it random, as text and vectors are: neither all compressible nor not at all."""
    value = bytearray(b"v" * size)
    value[::2] = random.Random(1).randbytes((size + 1) // 2)
    return bytes(value)


def _percentile(ordered: list[float], percent: int) -> float:
    """The least that `percent` of the times do not exceed, in microseconds."""
    return ordered[-(-len(ordered) * percent // 100) - 1] * 1e6


def _processor_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # see proc(5)


def _peak_kibibytes() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"^VmHWM:\s*(\d+) kB$", status, re.MULTILINE)
    assert found
    return int(found.group(1))
