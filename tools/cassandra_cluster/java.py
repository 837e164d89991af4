"""Find the Java 17 and the Maven that the launcher needs."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from .errors import LauncherError

JAVA_MAJOR = (
    17  # Cassandra 5.0 runs on 11 and 17; the module options in `node_files` are those for 17
)


def find_java() -> Path:
    """A `java` of version 17: from JAVA_HOME, else from PATH, else from /usr/lib/jvm."""
    seen: list[str] = []
    for candidate in _java_candidates():
        if not os.access(candidate, os.X_OK):
            continue
        major = _major_version(candidate)
        if major == JAVA_MAJOR:
            return candidate
        seen.append(f"{candidate} (version {major or 'unknown'})")
    found = f" Found only {', '.join(seen)}." if seen else ""
    raise LauncherError(
        f"Cassandra needs a JDK {JAVA_MAJOR}, and none is in JAVA_HOME, PATH or "
        f"/usr/lib/jvm.{found} Run script/bootstrap, or set JAVA_HOME."
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


def _java_candidates() -> Iterator[Path]:
    home = os.environ.get("JAVA_HOME")
    if home:
        yield Path(home) / "bin" / "java"
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path)
    yield from sorted(Path("/usr/lib/jvm").glob(f"*{JAVA_MAJOR}*/bin/java"))


def _major_version(java: Path) -> int | None:
    try:
        answer = subprocess.run(
            [java, "-version"], capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r'version "(\d+)', answer.stderr)
    return int(match.group(1)) if match else None
