"""What recorded_load.cpp does, by the Python package:

    recorded_load.py CONNECTION FILE FIRST_CLIENT CLIENTS KEYS CALLS_A_SECOND

CONNECTION is JSON: the arguments of `connect`, and under `store` those of the store. Every other client calls the verbs of
asyncio.
"""

import asyncio
import json
import random
import select
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any, TextIO

from langchain_bytestore import BatchError, CassandraByteStore, Error, connect

_ABSENT, _TORN = 0, -1
_WRITES_OF_CLIENT = 1_000_000_000
_MOST_KEYS = 100
_PREFIX = "k/"


def _value(key: int, number: int) -> bytes:
    """As recorded_load.cpp makes it."""
    words = f"{_PREFIX}{key} {number} ".encode()
    size = 40 + number * 7919 % 2000
    return (words * (size // len(words) + 1))[:size]


def _number(key: int, value: bytes | None) -> int:
    if value is None:
        return _ABSENT
    words = value.split(b" ", 2)
    if len(words) < 2 or not words[1].isdigit():
        return _TORN
    number = int(words[1])
    return number if value == _value(key, number) else _TORN


@dataclass
class Load:
    """What all clients share."""

    store: CassandraByteStore
    history: TextIO
    keys: int
    seconds_of_call: float
    is_over: bool = False
    acknowledged: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, record: dict[str, Any]) -> None:
        line = json.dumps(record) + "\n"
        with self._lock:
            self.history.write(line)
            if record["verb"] != "yield_keys":
                self.acknowledged += record["outcomes"].count(".")

    def tell(self) -> None:
        with self._lock:
            print(self.acknowledged, flush=True)
            self.history.flush()


@dataclass
class Call:
    """One that is to be made, and then what came of it."""

    verb: str
    keys: list[int]
    numbers: list[int] = field(default_factory=list)
    outcomes: str = ""
    codes: set[str] = field(default_factory=set)

    @property
    def names(self) -> list[str]:
        return [f"{_PREFIX}{key}" for key in self.keys]

    @property
    def entries(self) -> list[tuple[str, bytes]]:
        return [(n, _value(k, i)) for n, k, i in zip(self.names, self.keys, self.numbers)]

    def note_values(self, values: list[bytes | None]) -> None:
        self.numbers = [_number(key, value) for key, value in zip(self.keys, values)]

    def note_error(self, error: Error) -> None:
        if not isinstance(error, BatchError):
            if self.verb != "yield_keys":
                raise error
            self.outcomes = "f"
            self.codes.add(error.code)
            return
        marks = ["."] * len(self.keys)
        for failure in error.failures:
            marks[failure.index] = failure.outcome[0]
            self.codes.add(failure.code)
        self.outcomes = "".join(marks)
        if self.verb == "mget":
            self.note_values(error.values)


class Client:
    def __init__(self, load: Load, number: int) -> None:
        self._load = load
        self._number = number
        self._random = random.Random(number)
        self._writes = 0
        self._next = time.monotonic()

    def run(self) -> None:
        while not self._load.is_over:
            call = self._choose()
            start = time.monotonic_ns()
            try:
                self._make(call)
            except Error as error:
                call.note_error(error)
            self._record(call, start)
            time.sleep(self._pause())

    async def arun(self) -> None:
        while not self._load.is_over:
            call = self._choose()
            start = time.monotonic_ns()
            try:
                await self._amake(call)
            except Error as error:
                call.note_error(error)
            self._record(call, start)
            await asyncio.sleep(self._pause())

    def _choose(self) -> Call:
        keys = sorted(
            self._random.sample(range(self._load.keys), self._random.randint(1, _MOST_KEYS))
        )
        chance = self._random.randint(1, 100)
        if chance <= 45:
            first = self._number * _WRITES_OF_CLIENT + self._writes + 1
            self._writes += len(keys)
            return Call("mset", keys, list(range(first, first + len(keys))))
        if chance <= 55:
            return Call("mdelete", keys)
        return Call("mget", keys) if chance <= 99 else Call("yield_keys", [])

    def _make(self, call: Call) -> None:
        store = self._load.store
        if call.verb == "mset":
            store.mset(call.entries)
        elif call.verb == "mdelete":
            store.mdelete(call.names)
        elif call.verb == "mget":
            call.note_values(store.mget(call.names))
        else:
            call.keys = [
                int(name.removeprefix(_PREFIX)) for name in store.yield_keys(prefix=_PREFIX)
            ]

    async def _amake(self, call: Call) -> None:
        store = self._load.store
        if call.verb == "mset":
            await store.amset(call.entries)
        elif call.verb == "mdelete":
            await store.amdelete(call.names)
        elif call.verb == "mget":
            call.note_values(await store.amget(call.names))
        else:
            listed = store.ayield_keys(prefix=_PREFIX)
            call.keys = [int(name.removeprefix(_PREFIX)) async for name in listed]

    def _record(self, call: Call, start: int) -> None:
        end = time.monotonic_ns()
        outcomes = call.outcomes or "." * (1 if call.verb == "yield_keys" else len(call.keys))
        record: dict[str, Any] = {"verb": call.verb, "client": self._number, "keys": call.keys}
        record |= {"start": start, "end": end, "outcomes": outcomes}
        if call.verb in ("mset", "mget"):
            record["values"] = call.numbers
        if call.codes:
            record["codes"] = sorted(call.codes)
        self._load.add(record)

    def _pause(self) -> float:
        now = time.monotonic()
        self._next = max(now - 1, self._next + self._load.seconds_of_call)
        return max(0.0, self._next - now)


async def _run_together(clients: list[Client]) -> None:
    await asyncio.gather(*(client.arun() for client in clients))


def main(
    connection: str, file: str, first_client: int, clients: int, keys: int, rate: float
) -> None:
    options = json.loads(connection)
    of_store = options.pop("store")
    session = connect(options.pop("contact_points"), **options)
    seconds_of_call = clients / rate if rate > 0 else 0.0
    with CassandraByteStore(session=session, **of_store) as store, open(file, "w") as history:
        load = Load(store, history, keys, seconds_of_call)
        every = [Client(load, first_client + i) for i in range(clients)]
        print("open", flush=True)
        threads = [threading.Thread(target=client.run, daemon=True) for client in every[::2]]
        together = _run_together(every[1::2])
        threads.append(threading.Thread(target=asyncio.run, args=[together], daemon=True))
        for thread in threads:
            thread.start()
        while not select.select([sys.stdin], [], [], 0.1)[0]:
            assert all(thread.is_alive() for thread in threads)
            load.tell()
        load.is_over = True
        for thread in threads:
            thread.join()
        load.tell()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]), float(sys.argv[6]))
