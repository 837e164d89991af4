"""The server's jars: resolved by Maven once per version and user, checked before each use.

The cache is `<user cache>/cassandra-<version>/`; it appears complete and checked, or not at all.
The checksums are those of the committed `jars.sha256`.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from . import layout
from .errors import LauncherError
from .files import locked, read_json, write_atomically
from .java import find_java, find_maven

_HERE = Path(__file__).resolve().parent
POM = _HERE / "pom.xml"
CHECKSUMS = _HERE / "jars.sha256"
_STAMP = "verified.json"


def version() -> str:
    """The Cassandra version that pom.xml pins; the only place where it is written."""
    name = "{http://maven.apache.org/POM/4.0.0}cassandra.version"
    found = next(ElementTree.parse(POM).iter(name), None)
    if found is None or not found.text:
        raise LauncherError(f"{POM} has no property cassandra.version")
    return found.text


def folder() -> Path:
    return layout.user_cache() / f"cassandra-{version()}"


def ensure() -> list[Path]:
    """The jars, fetched if they are not there yet. Raises unless every checksum holds."""
    target = folder()
    with locked(target.with_name(target.name + ".lock")):
        if not target.is_dir():
            _fetch(target)
        verify(target)
    return [target / name for name in expected()]


def expected() -> dict[str, str]:
    """File name to SHA-256 in hex, as committed; the format is that of `sha256sum`."""
    lines = CHECKSUMS.read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines if line)}


def verify(target: Path) -> None:
    """Raise unless `target` holds exactly the expected jars.

    A file whose size and time of change are those of the last full check is not read again.
    """
    wanted = expected()
    _refuse_other_names(target, wanted)
    facts = {name: [digest, *_size_and_time(target / name)] for name, digest in wanted.items()}
    if read_json(target / _STAMP) == facts:
        return
    for name, digest in wanted.items():
        actual = _sha256(target / name)
        if actual != digest:
            raise LauncherError(
                f"{target / name} has the SHA-256 {actual}, but {CHECKSUMS.name} says "
                f"{digest}. Nothing was started. Remove {folder()}, and the jar from Maven's "
                "local repository, and run `tools/cassandra fetch`; if it happens again, do "
                "not trust where the jar comes from."
            )
    write_atomically(target / _STAMP, json.dumps(facts))


def record() -> int:
    """Resolve the jars afresh and write `jars.sha256`. For a change of version only."""
    with tempfile.TemporaryDirectory() as scratch:
        jars = sorted(_resolve(Path(scratch)))
        lines = [f"{_sha256(jar)}  {jar.name}\n" for jar in jars]
    write_atomically(CHECKSUMS, "".join(lines))
    return len(lines)


def _fetch(target: Path) -> None:
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        _resolve(scratch)
        verify(scratch)
        scratch.chmod(0o755)
        scratch.replace(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _resolve(into: Path) -> list[Path]:
    command: list[str | Path] = [find_maven(), "--batch-mode", "--quiet", "--strict-checksums"]
    command += ["--file", POM, "dependency:copy-dependencies", f"-DoutputDirectory={into}"]
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
            "Maven could not resolve Cassandra's jars "
            f"({POM}):\n{done.stdout[-3000:]}{done.stderr[-1000:]}"
        )
    return list(into.glob("*.jar"))


def _refuse_other_names(target: Path, wanted: dict[str, str]) -> None:
    present = {path.name for path in target.glob("*.jar")}
    missing, extra = sorted(wanted.keys() - present), sorted(present - wanted.keys())
    if missing or extra:
        raise LauncherError(
            f"{target} does not hold the jars that {CHECKSUMS.name} lists: missing "
            f"{missing or 'none'}, not listed {extra or 'none'}. "
            "Remove that folder and run `tools/cassandra fetch`; after a change of "
            "version, `tools/cassandra fetch --record`."
        )


def _size_and_time(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
