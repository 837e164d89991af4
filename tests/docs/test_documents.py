"""Every fenced block of commands, C++ or Python in the Markdown files does what it says.

`sh` blocks of one document run in order in one empty folder, where the installed command is in the
path; those that call `script/...` run in the repository. Each `cpp` block is a whole program: it is
built against the installed package and run. `python` blocks of one document are one program.
A fence of no language shows something, such as output. Other fences are refused, so that none goes
untested.

Documents speak of a Cassandra at 127.0.0.1 with a keyspace `app`: here that is the server of the tests.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(os.environ["BYTESTORE_SOURCE"])
BUILD = Path(os.environ["BYTESTORE_BUILD"])
PREFIX = Path(os.environ["BYTESTORE_PREFIX"])
PYTHON = os.environ["BYTESTORE_PYTHON"]  # has the package
SERVER = json.loads(Path(os.environ["BYTESTORE_TEST_SERVER"]).read_text("utf-8"))

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
PLACEHOLDER = re.compile(
    r"\b(?:TODO|TBD|FIXME|XXX)\b|\?\?\?|\bN N\b|\bN (?:seconds|minutes|hours|times|%)"
)
SCRIPT = re.compile(r"`(script/\w+)[^`]*`")

# The one command that a test cannot run: it is what runs the tests.
RUNS_THIS_TEST = "script/test\n"


def documents() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=SOURCE, check=True, capture_output=True, text=True,
    ).stdout.split()
    return [SOURCE / name for name in listed]


def blocks(document: Path, language: str) -> list[str]:
    found = [text for kind, text in FENCE.findall(document.read_text("utf-8")) if kind == language]
    return [text.replace("127.0.0.1", SERVER["contact_points"][0]) for text in found]


def with_blocks(language: str) -> list:
    return [
        pytest.param(document, id=str(document.relative_to(SOURCE)))
        for document in documents()
        if blocks(document, language)
    ]


def run(command: list[str], folder: Path) -> None:
    path = f"{PREFIX / 'bin'}:{os.environ['PATH']}"
    result = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )
    assert result.returncode == 0, result.stdout


@pytest.fixture(scope="module", autouse=True)
def keyspace() -> None:
    assert SERVER["port"] == 9042  # which is the default, so that no document names it
    create = (
        "CREATE KEYSPACE IF NOT EXISTS app WITH replication = "
        f"{{'class': 'NetworkTopologyStrategy', '{SERVER['datacenter']}': 1}}"
    )
    launcher = str(SOURCE / "tools/cassandra")
    run([launcher, "cql", "--name", "plain", "--build-dir", str(BUILD), create], SOURCE)


def test_there_is_something_to_test() -> None:
    readme = SOURCE / "README.md"
    assert blocks(readme, "sh") and blocks(readme, "cpp") and blocks(readme, "python")


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_fences_are_of_a_kind_that_is_tested(document: Path) -> None:
    kinds = {kind for kind, _ in FENCE.findall(document.read_text("utf-8"))}
    assert kinds <= {"sh", "cpp", "python", ""}


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_scripts_that_are_named_are_there(document: Path) -> None:
    for script in SCRIPT.findall(document.read_text("utf-8")):
        assert os.access(SOURCE / script, os.X_OK), script


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_links_lead_somewhere(document: Path) -> None:
    text = CODE.sub("", FENCE.sub("", document.read_text("utf-8")))
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target:
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_is_left_to_be_filled_in(document: Path) -> None:
    assert PLACEHOLDER.findall(document.read_text("utf-8")) == []


@pytest.mark.parametrize("text", ["a TODO", "in TBD s", "took N minutes", "N N", "??? MiB", "XXX"])
def test_a_placeholder_is_seen(text: str) -> None:
    assert PLACEHOLDER.search(text)


@pytest.mark.parametrize("document", with_blocks("sh"))
def test_commands(document: Path, tmp_path: Path) -> None:
    shared: list[str] = []
    for block in blocks(document, "sh"):
        if block == RUNS_THIS_TEST:
            assert os.access(SOURCE / "script/test", os.X_OK)
        elif block.startswith("script/"):
            run(["bash", "-euo", "pipefail", "-c", block], SOURCE)
        else:
            shared.append(block)
    run(["bash", "-euo", "pipefail", "-c", "".join(shared)], tmp_path)


@pytest.mark.parametrize("document", with_blocks("cpp"))
def test_programs(document: Path, tmp_path: Path) -> None:
    programs = blocks(document, "cpp")
    lines = [
        "cmake_minimum_required(VERSION 3.25)",
        "project(snippets LANGUAGES CXX)",
        "find_package(bytestore REQUIRED)",
    ]
    for number, program in enumerate(programs):
        (tmp_path / f"snippet{number}.cpp").write_text(program, "utf-8")
        lines.append(f"add_executable(snippet{number} snippet{number}.cpp)")
        lines.append(f"target_link_libraries(snippet{number} bytestore::bytestore)")
    (tmp_path / "CMakeLists.txt").write_text("\n".join(lines) + "\n", "utf-8")
    cmake = os.environ["CMAKE"]
    run([cmake, "-G", "Ninja", "-B", "build", f"-DCMAKE_PREFIX_PATH={PREFIX}"], tmp_path)
    run([cmake, "--build", "build"], tmp_path)
    for number in range(len(programs)):
        run([str(tmp_path / "build" / f"snippet{number}")], tmp_path)


@pytest.mark.parametrize("document", with_blocks("python"))
def test_python(document: Path, tmp_path: Path) -> None:
    run([PYTHON, "-c", "\n".join(blocks(document, "python"))], tmp_path)
