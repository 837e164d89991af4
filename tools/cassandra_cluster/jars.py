"""The server's jars: resolved by Maven once per version and user, checked before each use.

The cache is `<user cache>/cassandra-<version>/`; it appears complete and checked, or not at all.
The checksums are those of the committed `checksums/<version>.sha256`.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import layout
from .errors import LauncherError
from .files import locked, read_json, write_atomically
from .java import find_java, find_maven

_HERE = Path(__file__).resolve().parent
POM = _HERE / "pom.xml"
_STAMP = "verified.json"


def folder(version: str) -> Path:
    return layout.user_cache() / f"cassandra-{version}"


def checksums(version: str) -> Path:
    """The committed file."""
    return _HERE / "checksums" / f"{version}.sha256"


def ensure(version: str) -> list[Path]:
    """The jars, fetched if they are not there yet. Raises unless every checksum holds."""
    target = folder(version)
    with locked(target.with_name(target.name + ".lock")):
        if not target.is_dir():
            _fetch(target, version)
        verify(target, version)
    return [target / name for name in expected(version)]


def expected(version: str) -> dict[str, str]:
    """File name to SHA-256 in hex, as committed; the format is that of `sha256sum`."""
    lines = checksums(version).read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines if line)}


def verify(target: Path, version: str) -> None:
    """Raise unless `target` holds exactly the expected jars.

    A file whose size and time of change are those of the last full check is not read again.
    """
    wanted = expected(version)
    _refuse_other_names(target, version)
    facts = {name: [digest, *_size_and_time(target / name)] for name, digest in wanted.items()}
    if read_json(target / _STAMP) == facts:
        return
    for name, digest in wanted.items():
        actual = _sha256(target / name)
        if actual != digest:
            raise LauncherError(
                f"{target / name} has the SHA-256 {actual}, but {checksums(version).name} says "
                f"{digest}. Nothing was started. Remove {folder(version)}, and the jar from "
                f"Maven's local repository, and run `tools/cassandra fetch --version {version}`; "
                "if it happens again, do not trust where the jar comes from."
            )
    write_atomically(target / _STAMP, json.dumps(facts))


def record(version: str) -> int:
    """Resolve the jars afresh and write their checksums. For a new version only."""
    with tempfile.TemporaryDirectory() as scratch:
        jars = sorted(_resolve(Path(scratch), version))
        lines = [f"{_sha256(jar)}  {jar.name}\n" for jar in jars]
    write_atomically(checksums(version), "".join(lines))
    return len(lines)


def _fetch(target: Path, version: str) -> None:
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        _resolve(scratch, version)
        verify(scratch, version)
        scratch.chmod(0o755)
        scratch.replace(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _resolve(into: Path, version: str) -> list[Path]:
    command: list[str | Path] = [find_maven(), "--batch-mode", "--quiet", "--strict-checksums"]
    command += ["--file", POM, "dependency:copy-dependencies", f"-DoutputDirectory={into}"]
    command += [f"-Dcassandra.version={version}"]
    environment = {
        "MAVEN_OPTS": "-Xmx256m",
        **os.environ,
        "JAVA_HOME": str(find_java().path.resolve().parents[1]),
    }
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        raise LauncherError(
            f"Maven could not resolve the jars of Cassandra {version} "
            f"({POM}):\n{done.stdout[-3000:]}{done.stderr[-1000:]}"
        )
    return list(into.glob("*.jar"))


def _refuse_other_names(target: Path, version: str) -> None:
    wanted, present = expected(version).keys(), {path.name for path in target.glob("*.jar")}
    missing, extra = sorted(wanted - present), sorted(present - wanted)
    if missing or extra:
        raise LauncherError(
            f"{target} does not hold the jars that {checksums(version).name} lists: missing "
            f"{missing or 'none'}, not listed {extra or 'none'}. "
            f"Remove that folder and run `tools/cassandra fetch --version {version}`; if what "
            "Cassandra depends on was changed, with --record."
        )


def _size_and_time(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
