"""Find the Java and the Maven that the launcher needs."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import LauncherError

# What script/bootstrap installs, the best first. Cassandra 5.0 is made for 11 and 17. It also runs on
# 21, which `node_config` tells to allow a security manager; versions from 24 on have none.
MAJORS = (17, 21)
JVM_FOLDER = Path("/usr/lib/jvm")


@dataclass(frozen=True)
class Java:
    """The command `java` at `path`, of the version `major`."""

    path: Path
    major: int


def find_java(majors: tuple[int, ...] = MAJORS) -> Java:
    """One of these major versions: that of JAVA_HOME if it is one, else the best of PATH and
    /usr/lib/jvm."""
    unfit: list[str] = []
    found = installed(majors, unfit)
    if found:
        return found
    instead = f" Found only {', '.join(unfit)}." if unfit else ""
    raise LauncherError(
        f"Cassandra needs a JDK {' or '.join(map(str, majors))}, and none is in JAVA_HOME, PATH or "
        f"{JVM_FOLDER}.{instead} Run script/bootstrap, or set JAVA_HOME."
    )


def installed(majors: tuple[int, ...], unfit: list[str] | None = None) -> Java | None:
    """What `find_java` finds, or None. The others that are there are added to `unfit`."""
    named = os.environ.get("JAVA_HOME")
    second_best: Java | None = None
    for path in _java_candidates(named, majors):
        major = _major_version(path)
        if major not in majors:
            if unfit is not None:
                unfit.append(f"{path} (version {major or 'unknown'})")
            continue
        found = Java(path, major)
        if major == majors[0] or (named and path.is_relative_to(named)):
            return found
        second_best = second_best or found
    return second_best


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


def _java_candidates(java_home: str | None, majors: tuple[int, ...]) -> Iterator[Path]:
    """Each of them once, however many links lead to it."""
    places = [Path(java_home) / "bin" / "java"] if java_home else []
    on_path = shutil.which("java")
    if on_path:
        places.append(Path(on_path))
    for major in majors:
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
