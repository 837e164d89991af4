"""Find the Java and the Maven that the launcher needs."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import LauncherError

# The versions that the launcher starts Cassandra 5.0 on, the best first. Cassandra is made for 11
# and 17. It also runs on 21, which `node_config` tells to allow a security manager; versions from
# 24 on have none.
MAJORS = (17, 21)
JVM_FOLDER = Path("/usr/lib/jvm")


@dataclass(frozen=True)
class Java:
    """The command `java` at `path`, of the version `major`."""

    path: Path
    major: int


def find_java() -> Java:
    """That of JAVA_HOME if Cassandra runs on it, else the best of PATH and /usr/lib/jvm."""
    named = os.environ.get("JAVA_HOME")
    second_best: Java | None = None
    unfit: list[str] = []
    for path in _java_candidates(named):
        major = _major_version(path)
        if major not in MAJORS:
            unfit.append(f"{path} (version {major or 'unknown'})")
            continue
        found = Java(path, major)
        if major == MAJORS[0] or (named and path.is_relative_to(named)):
            return found
        second_best = second_best or found
    if second_best:
        return second_best
    instead = f" Found only {', '.join(unfit)}." if unfit else ""
    raise LauncherError(
        f"Cassandra needs a JDK {' or '.join(map(str, MAJORS))}, and none is in JAVA_HOME, PATH or "
        f"{JVM_FOLDER}.{instead} Run script/bootstrap, or set JAVA_HOME."
    )


def find_maven() -> Path:
    """`mvn` from MAVEN_HOME, else from PATH."""
    home = os.environ.get("MAVEN_HOME")
    if home and os.access(Path(home) / "bin" / "mvn", os.X_OK):
        return Path(home) / "bin" / "mvn"
    found = shutil.which("mvn")
    if found:
        return Path(found)
    raise LauncherError(
        "Maven (mvn) is needed to fetch Cassandra's jars, and is neither in MAVEN_HOME nor "
        "in PATH. Run script/bootstrap."
    )


def _java_candidates(java_home: str | None) -> Iterator[Path]:
    """Each of them once, however many links lead to it."""
    places = [Path(java_home) / "bin" / "java"] if java_home else []
    on_path = shutil.which("java")
    if on_path:
        places.append(Path(on_path))
    for major in MAJORS:
        places += sorted(JVM_FOLDER.glob(f"*{major}*/bin/java"))
    seen: set[Path] = set()
    for place in places:
        real = place.resolve()
        if real not in seen and os.access(place, os.X_OK):
            seen.add(real)
            yield place


def _major_version(java: Path) -> int | None:
    try:
        answer = subprocess.run(
            [java, "-version"], capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r'version "(\d+)', answer.stderr)
    return int(match.group(1)) if match else None
