"""The command when a server is killed or paused under it, and when Ctrl-C comes then.

Each command is held at a moment that is certain: it waits for somebody who reads what it says.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import HelperStore, Result, Running, Store
from conftest import contents, write_files
from servers import Server, wait_until

FILES = {f"{i:05}": b"%d" % i * 20 for i in range(5_000)}

BATCH = 1_000  # files that an import stores in one call


@pytest.fixture(autouse=True)
def whole(server: Server) -> Iterator[None]:
    """Each test begins, and leaves, a server that answers."""
    server.mend()
    yield
    server.mend()


@pytest.fixture
def store(server: Server, table: str) -> Store:
    """One that waits for servers that are gone, but not for as long as by default."""
    return Store(server.uri(table, give_up_after="8s", attempt_timeout="8s"))


@pytest.fixture
def patient(server: Server, table: str) -> Store:
    """The same table, for one that waits for servers that are busy."""
    return Store(server.uri(table, give_up_after="200s", attempt_timeout="60s"))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all files. In whatever order it is listed, it has a broken link every now and
    then, and they are enough to fill the pipe that an import lists them on."""
    root = tmp_path_factory.mktemp("in")
    names = list(FILES)
    for start in range(0, len(names), 100):
        write_files(root, {name: FILES[name] for name in names[start : start + 100]})
        (root / f"broken-{start}-{'x' * 200}").symlink_to("nowhere")
    return root


def _import_to_the_middle(store: Store, patient: Store, root: Path) -> Running:
    """An import that has stored some files and not all."""
    patient.put("00000", b"")  # creates the table
    running = store.start("import", str(root))
    wait_until(running.waits_to_be_heard)
    while patient.count() == 1:
        running.hear()
        wait_until(running.waits_to_be_heard)
    return running


def _import_to_unread_requests(
    server: Server, store: Store, patient: Store, root: Path
) -> Running:
    """An import with requests at a server that is paused."""
    running = _import_to_the_middle(store, patient, root)
    server.launcher("pause", 1)

    def sends() -> bool:
        assert running.process.poll() is None
        running.hear()
        return server.has_unread_requests()

    wait_until(sends)
    return running


class Summary:
    """What an import says at its end."""

    def __init__(self, result: Result) -> None:
        [line] = [line for line in result.err.decode().splitlines() if "imported " in line]
        self.stored = self._number(line, r"imported ([\d,]+) files?, ")
        self.failed = self._number(line, r"; ([\d,]+) files? not stored")
        self.unknown = self._number(line, r"; ([\d,]+) files? may have been stored")

    @staticmethod
    def _number(line: str, pattern: str) -> int:
        found = re.search(pattern, line)
        return int(found[1].replace(",", "")) if found else 0


def _check_report(store: Store, result: Result) -> None:
    """What is reported stored is there, and nothing else but what may be, each with its value."""
    summary = Summary(result)
    keys = store.keys()
    values = HelperStore(store.uri).mget(keys)
    there = {key for key, value in zip(keys, values) if value == FILES[key]}
    assert set(keys) - there <= {"00000"}, "that was there before"
    assert summary.stored <= len(there) <= summary.stored + summary.unknown


def _check_that_it_stopped(result: Result) -> None:
    summary = Summary(result)
    assert result.code == 1, result
    last = result.err.decode().splitlines()[-1]
    assert last.startswith("bytestore: stopped, because the store failed: writing failed: "), last
    assert summary.stored > 0
    assert summary.stored % BATCH == 0
    assert summary.failed + summary.unknown == BATCH, "the rest is not tried"


def _check_that_again_completes_it(store: Store, root: Path) -> None:
    result = store.run("import", str(root))
    assert (Summary(result).stored, result.code) == (len(FILES), 1), "1: of the broken links"
    assert HelperStore(store.uri).mget(FILES) == list(FILES.values())


def test_a_server_that_is_killed_between_two_batches_of_an_import(
    server: Server, store: Store, patient: Store, root: Path
) -> None:
    running = _import_to_the_middle(store, patient, root)
    server.launcher("kill", 1)
    result = running.end()
    _check_that_it_stopped(result)

    server.launcher("start", 1)
    _check_report(patient, result)
    _check_that_again_completes_it(patient, root)


def test_a_server_that_is_killed_with_requests_of_an_import(
    server: Server, store: Store, patient: Store, root: Path
) -> None:
    running = _import_to_unread_requests(server, store, patient, root)
    server.launcher("kill", 1)
    result = running.end()
    _check_that_it_stopped(result)
    assert Summary(result).unknown > 0

    server.launcher("start", 1)
    _check_report(patient, result)
    _check_that_again_completes_it(patient, root)


def test_a_server_that_comes_back_in_time_is_as_good_as_none_that_went(
    server: Server, table: str, patient: Store, root: Path
) -> None:
    store = Store(server.uri(table, give_up_after="300s"))
    running = _import_to_unread_requests(server, store, patient, root)
    server.launcher("kill", 1)
    server.launcher("start", 1)
    result = running.end()
    assert (Summary(result).stored, result.code) == (len(FILES), 1), "1: of the broken links"
    assert HelperStore(store.uri).mget(FILES) == list(FILES.values())


def test_an_interrupted_import(patient: Store, root: Path) -> None:
    running = _import_to_the_middle(patient, patient, root)
    running.interrupt()
    result = running.end()
    assert result.code == 130, result
    assert b"bytestore: stopped by SIGINT: imported " in result.err
    summary = Summary(result)
    assert (summary.failed, summary.unknown) == (0, 0)
    _check_report(patient, result)
    _check_that_again_completes_it(patient, root)


def test_an_import_that_is_interrupted_while_the_server_does_not_answer(
    server: Server, table: str, patient: Store, root: Path
) -> None:
    store = Store(server.uri(table, give_up_after="300s", attempt_timeout="5s"))
    running = _import_to_unread_requests(server, store, patient, root)
    running.interrupt()
    result = running.end()  # although nothing has answered, and it would have gone on for long
    assert result.code == 130, result
    assert Summary(result).unknown > 0

    server.launcher("resume", 1)
    _check_report(patient, result)
    _check_that_again_completes_it(patient, root)


def test_a_server_that_is_killed_under_an_export(
    server: Server, store: Store, patient: Store, tmp_path: Path
) -> None:
    helper = HelperStore(patient.uri)
    no_paths = [f"//{i}-{'x' * 200}" for i in range(0, len(FILES), 100)]
    helper.mset(FILES.items())
    helper.mset((key, b"") for key in no_paths)
    out = tmp_path / "out"

    running = store.start("export", str(out))
    wait_until(running.waits_to_be_heard)
    while not any(out.iterdir()):
        running.hear()
        wait_until(running.waits_to_be_heard)
    server.launcher("kill", 1)
    result = running.end()
    assert result.code == 1, result
    assert b"exported " in result.err.splitlines()[-2]
    exported = contents(out)
    assert 0 < len(exported) < len(FILES)
    assert exported.items() <= FILES.items()


def test_a_server_that_is_killed_under_a_listing(
    server: Server, store: Store, patient: Store
) -> None:
    keys = [f"{key}{'x' * 200}" for key in FILES]
    HelperStore(patient.uri).mset((key, b"") for key in keys)
    running = store.start("keys")
    wait_until(running.has_written)  # and then it waits until somebody reads the rest
    server.launcher("kill", 1)
    result = running.end()
    assert result.code == 1, "and not 4, which says that nothing was done"
    assert result.err.count(b"\n") == 1, result
    listed = result.out.decode().splitlines()
    assert 0 < len(listed) < len(keys)
    assert set(listed) < set(keys)


def test_a_server_that_is_not_there(server: Server, store: Store, tmp_path: Path) -> None:
    server.launcher("kill", 1)
    folder = str(tmp_path)
    for arguments in ("put key", "get key", "delete key", "keys", "count", f"import {folder}"):
        result = store.run(*arguments.split())
        assert (result.code, result.out) == (4, b""), result
        assert result.err.count(b"\n") == 1, result
