"""Where the data of runs lies. A place gives each run the arguments by which it finds its own."""

import itertools
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from .cases import Case
from .cluster import Cluster
from .runs import run

_numbers = itertools.count(1)


class Place(Protocol):
    @property
    def environment(self) -> Mapping[str, str]:
        """Of the contenders."""
        ...

    def for_case(self, case: Case) -> AbstractContextManager[None]:
        """Around all runs of a case."""
        ...

    def for_run(self, case: Case) -> AbstractContextManager[list[str]]:
        """Around one run."""
        ...


class Tables:
    """On Cassandra. Runs that only read share a table; each of the others has a new one.

    Tables are filled by our own program, whoever reads them: some of the others would take minutes.
    """

    def __init__(self, cluster: Cluster, programs: Path) -> None:
        self.environment = cluster.environment
        self._cluster = cluster
        self._filler = str(programs / "cassandra_bench")
        self._shared = ""

    @contextmanager
    def for_case(self, case: Case) -> Iterator[None]:
        if not case.reads:
            yield
            return
        with self._table(case) as self._shared:
            yield

    @contextmanager
    def for_run(self, case: Case) -> Iterator[list[str]]:
        if case.reads:
            yield ["--table", self._shared]
            return
        with self._table(case) as table:
            yield ["--table", table]

    @contextmanager
    def _table(self, case: Case) -> Iterator[str]:
        table = f"bench_{next(_numbers)}"
        self._cluster.drop_table(table)  # of a run that was interrupted
        self._cluster.make_table(table)
        try:
            if case.needs_data:
                self._fill(table, case)
            yield table
        finally:
            self._cluster.drop_table(table)

    def _fill(self, table: str, case: Case) -> None:
        writes = Case("mset", case.keys, case.value_bytes)
        filled = run(
            [self._filler, *writes.arguments(), "--table", table], self._cluster.environment
        )
        if "error" in filled:
            raise RuntimeError(f"the table could not be filled: {filled['error']}")


class Folders:
    """On the local disk, for embedded stores. Each run fills a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.environment: Mapping[str, str] = {}
        self._root = root

    @contextmanager
    def for_case(self, case: Case) -> Iterator[None]:
        self._root.mkdir(parents=True, exist_ok=True)
        yield

    @contextmanager
    def for_run(self, case: Case) -> Iterator[list[str]]:
        folder = self._root / "store"
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run(["sync"], check=True)  # writes what runs before left to be written
        try:
            yield ["--folder", str(folder), *(["--fill"] if case.needs_data else [])]
        finally:
            shutil.rmtree(folder, ignore_errors=True)
