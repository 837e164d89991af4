"""Writes the results into docs/benchmarks.md, between the two lines that mark their place."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from .plots import plot
from .repository import REPOSITORY
from .results import Result, Results
from .tables import required_table, workload_tables
from .workloads import BY_NAME

DOCUMENT = REPOSITORY / "docs" / "benchmarks.md"
_REQUIRED = "Required and measured"
_BEGIN, _END = "<!-- results: written by script/bench --report -->", "<!-- end of results -->"


def write(results: Results, document: Path = DOCUMENT) -> None:
    """What was not measured keeps its place and its figures."""
    text = document.read_text(encoding="utf-8")
    before, found, rest = text.partition(_BEGIN)
    old, also_found, after = rest.partition(_END)
    if not (found and also_found):
        raise ValueError(f"{document} lacks {_BEGIN} or {_END}")
    pictures = document.with_suffix("")
    body = "\n\n".join(_sections(results, _sections_of(old), pictures, document.parent))
    document.write_text(f"{before}{_BEGIN}\n\n{body}\n\n{_END}{after}", encoding="utf-8")


def _sections_of(body: str) -> dict[str, str]:
    """Each with its heading, by what the heading begins with."""
    _, *sections = re.split(r"^## ", body, flags=re.MULTILINE)
    return {re.split(r"[:\n]", section)[0]: f"## {section.strip()}" for section in sections}


def _rows_of(section: str) -> dict[str, str]:
    """Of its table, by what the first cell says."""
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    return {row.split("|")[1].strip(): row for row in rows if "not measured" not in row}


def _sections(
    results: Results, old: dict[str, str], pictures: Path, base: Path
) -> Iterator[str]:
    yield f"## {_REQUIRED}"
    yield required_table(results, _rows_of(old.get(_REQUIRED, "")))
    for name, workload in BY_NAME.items():
        result = results.workloads.get(name)
        if result is None:
            if name in old:
                yield old[name]
            continue
        picture = plot(name, result, pictures)
        yield f"## {name}: {workload.about}"
        yield f"![{name}]({os.path.relpath(picture, base)})"
        yield workload_tables(result)
        yield _stamp(result)


def _stamp(result: Result) -> str:
    machine = result["machine"]
    spread = 100 * max(noise["spread"] for noise in result["noise"].values())
    server = result["server"]
    on = f", Cassandra {server['version']}, {server['nodes']} node(s)" if server else ""
    changed = " with changes" if result["changed"] else ""
    return (
        f"{result['repetitions']} rounds on {result['day']} at commit {result['commit']}{changed}"
        f"{on}; {machine['cores']} cores of {machine['processor']}, {machine['memory_gib']} GiB; "
        f"a fixed loop on one core varied by {spread:.0f} %."
    )
