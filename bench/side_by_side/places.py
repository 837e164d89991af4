"""Where the data of runs lies. A place gives each run the arguments by which it finds its own."""

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
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

    def for_run(
        self, case: Case, contender: str, program: Sequence[str]
    ) -> AbstractContextManager[list[str]]:
        """Around one run of a contender, of which `program` is the command line."""
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
    def for_run(self, case: Case, contender: str, program: Sequence[str]) -> Iterator[list[str]]:
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
        arguments = [*case.filling.arguments(), "--table", table]
        filled = run([self._filler, *arguments], self._cluster.environment)
        if "error" in filled:
            raise RuntimeError(f"the table could not be filled: {filled['error']}")


class Folders:
    """On the local disk, for embedded stores. Each program fills its folders itself, and ends.

    The runs of a contender on as many keys of a size share a folder, or have a copy of it if they
    change it.
    """

    def __init__(self, root: Path) -> None:
        self.environment: Mapping[str, str] = {}
        self._root = root
        self._filled: set[Path] = set()

    @contextmanager
    def for_case(self, case: Case) -> Iterator[None]:
        self._root.mkdir(parents=True, exist_ok=True)
        yield

    @contextmanager
    def for_run(self, case: Case, contender: str, program: Sequence[str]) -> Iterator[list[str]]:
        own = self._root / "store"
        shutil.rmtree(own, ignore_errors=True)
        try:
            folder = self._shared(case, contender, program) if case.needs_data else own
            if case.needs_data and not case.reads:
                folder = shutil.copytree(folder, own)
            subprocess.run(["sync"], check=True)  # writes what runs before left to be written
            if case.cold:
                _forget_pages(folder)
            yield ["--folder", str(folder)]
        finally:
            shutil.rmtree(own, ignore_errors=True)

    def clear(self) -> None:
        shutil.rmtree(self._root, ignore_errors=True)
        self._filled.clear()

    def _shared(self, case: Case, contender: str, program: Sequence[str]) -> Path:
        filling = case.filling
        folder = self._root / f"{contender}-{filling.keys}-{filling.value_bytes}"
        if folder not in self._filled:
            shutil.rmtree(folder, ignore_errors=True)
            filled = run([*program, *filling.arguments(), "--folder", str(folder)], {})
            if "error" in filled:
                raise RuntimeError(f"{contender} could not be filled: {filled['error']}")
            self._filled.add(folder)
        return folder


def _forget_pages(folder: Path) -> None:
    """Has the operating system forget what files have on disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            file = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(file)
