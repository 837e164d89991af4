"""Processes that the launcher owns: started, recorded, and signalled only if still the same.

A pid alone says little, since it is used again. The record also holds the start time and the id of
the boot, and a signal goes through a pidfd opened before the record was compared, so that it
can never reach another process.
"""

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from . import interrupts
from .errors import LauncherError
from .files import read_json, write_atomically

_KILL_SECONDS = 30.0

ProcessState = Literal["running", "paused", "stopped"]


@dataclass(frozen=True)
class ProcessRecord:
    """Names one process for ever. `start_ticks` is in clock ticks since the boot `boot_id`."""

    pid: int
    start_ticks: int
    boot_id: str


def spawn(
    command: Sequence[str],
    *,
    folder: Path,
    log: Path,
    pid_file: Path,
    environment: Mapping[str, str],
) -> None:
    """Start `command` in a session of its own, output appended to `log`, recorded in `pid_file`.

    The process records itself before it becomes `command`: whatever ends the launcher, SIGKILL
    included, leaves no server that is not recorded.
    """
    with log.open("ab") as output, interrupts.deferred():
        child = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=partial(_record_self, pid_file),  # safe: the launcher has one thread
        )
        child.returncode = 0  # the process outlives this object


def _record_self(pid_file: Path) -> None:
    _, ticks = _read_stat(os.getpid()) or ("Z", 0)
    record = ProcessRecord(os.getpid(), ticks, _boot_id())
    write_atomically(pid_file, json.dumps(asdict(record)) + "\n")


def recorded(pid_file: Path) -> ProcessRecord | None:
    """The process that `pid_file` names, alive or not; None without a readable record."""
    content = read_json(pid_file)
    if not isinstance(content, dict):
        return None
    try:
        return ProcessRecord(**content)
    except TypeError:
        return None


def state(pid_file: Path) -> ProcessState:
    """ "stopped" covers never started, ended, and a pid that now belongs to somebody else."""
    record = recorded(pid_file)
    if record is None or not _is_alive(record):
        return "stopped"
    return "paused" if _all_threads_stopped(record.pid) else "running"


def send(pid_file: Path, signum: signal.Signals) -> bool:
    """Signal the recorded process; False, and nothing is signalled, if it is not alive."""
    record = recorded(pid_file)
    descriptor = _open_if_same(record) if record else None
    if descriptor is None:
        return False
    try:
        signal.pidfd_send_signal(descriptor, signum)
    except ProcessLookupError:
        return False
    finally:
        os.close(descriptor)
    return True


def wait_until_gone(pid_file: Path, seconds: float) -> bool:
    """True once the recorded process has ended; False if it lives on after `seconds`."""
    record = recorded(pid_file)
    descriptor = _open_if_same(record) if record else None
    if descriptor is None:
        return True
    try:
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        return bool(poller.poll(max(0.0, seconds) * 1000))
    finally:
        os.close(descriptor)


def wait_for_state(pid_file: Path, wanted: ProcessState, seconds: float) -> bool:
    """Whether the process reaches `wanted` within `seconds`; signals take effect a little late."""
    deadline = time.monotonic() + seconds
    while state(pid_file) != wanted:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def kill(pid_file: Path) -> bool:
    """SIGKILL, and wait until the process is gone; False if it was not alive."""
    if not send(pid_file, signal.SIGKILL):
        return False
    if not wait_until_gone(pid_file, _KILL_SECONDS):
        raise LauncherError(
            f"the process recorded in {pid_file} survives SIGKILL; look at its state in /proc"
        )
    return True


def stop(pid_files: Sequence[Path], seconds: float) -> int:
    """Ask all to end with SIGTERM, paused ones too; SIGKILL what is left after `seconds`.

    Returns how many were alive.
    """
    asked = [pid_file for pid_file in pid_files if send(pid_file, signal.SIGTERM)]
    deadline = time.monotonic() + seconds
    for pid_file in asked:
        send(pid_file, signal.SIGCONT)
    for pid_file in asked:
        if not wait_until_gone(pid_file, deadline - time.monotonic()):
            kill(pid_file)
    return len(asked)


def _open_if_same(record: ProcessRecord) -> int | None:
    try:
        descriptor = os.pidfd_open(record.pid)
    except (ProcessLookupError, OSError):
        return None
    if _is_alive(record):
        return descriptor
    os.close(descriptor)
    return None


def _is_alive(record: ProcessRecord) -> bool:
    if record.boot_id != _boot_id():
        return False
    stat = _read_stat(record.pid)
    return stat is not None and stat[0] not in "ZX" and stat[1] == record.start_ticks


def _read_stat(pid: int, task: str = "") -> tuple[str, int] | None:
    """State letter and start time of a process, or of one of its threads (`task`)."""
    path = f"/proc/{pid}/task/{task}/stat" if task else f"/proc/{pid}/stat"
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name before it may hold anything
    return fields[0], int(fields[19])


def _all_threads_stopped(pid: int) -> bool:
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return False
    return all((_read_stat(pid, task) or ("T", 0))[0] == "T" for task in tasks)


def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
