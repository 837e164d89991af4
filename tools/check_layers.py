#!/usr/bin/env python3
"""Fails when an include points against the direction in which the layers may know each other.

usage: check_layers.py ROOT      checks the sources, and the drawing in ARCHITECTURE.md
       check_layers.py --drawing prints the drawing

It is closed by default: a C++ file that lies in no layer is an error, and so is an include that a
layer is not allowed or that names no file.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

PUBLIC = "include/bytestore"
CASSANDRA = "src/cassandra"
TESTED = "tests/support"
IDENTIFIERS = f"{CASSANDRA}/cql/identifiers.hpp"

# Layer -> what its files may include: layers (each stands for the files directly in it and in those
# of its folders that are no layer) and single files. The longest prefix of a path is its layer.
LAYERS: dict[str, set[str]] = {
    PUBLIC: set(),
    "src/core": {PUBLIC},
    "src/memory": {PUBLIC, "src/core"},
    "src/lmdb": {PUBLIC, "src/core"},
    "src/rocksdb": {PUBLIC, "src/core"},
    f"{CASSANDRA}/driver": {PUBLIC, "src/core", "driver/include"},
    f"{CASSANDRA}/cql": {PUBLIC},
    f"{CASSANDRA}/flow": {PUBLIC, "src/core/call.hpp"},
    f"{CASSANDRA}/ring": {PUBLIC, f"{CASSANDRA}/driver/types.hpp"},
    f"{CASSANDRA}/policy": {
        PUBLIC,
        "src/core/call.hpp",
        f"{CASSANDRA}/driver/types.hpp",
        f"{CASSANDRA}/flow",
        f"{CASSANDRA}/ring",
    },
}
LAYERS[f"{CASSANDRA}/session"] = {
    PUBLIC,
    "src/core",
    f"{CASSANDRA}/driver",
    f"{CASSANDRA}/cql",
    f"{CASSANDRA}/flow",
    f"{CASSANDRA}/ring",
    f"{CASSANDRA}/policy",
}
LAYERS[f"{CASSANDRA}/table"] = LAYERS[f"{CASSANDRA}/session"] | {f"{CASSANDRA}/session"}
LAYERS[f"{CASSANDRA}/calls"] = LAYERS[f"{CASSANDRA}/table"] | {f"{CASSANDRA}/table"}
LAYERS[CASSANDRA] = LAYERS[f"{CASSANDRA}/calls"] | {f"{CASSANDRA}/calls"}
LAYERS |= {
    "src/open": {PUBLIC, "src/core", "src/lmdb", "src/memory", "src/rocksdb", IDENTIFIERS},
    "driver/include": set(),
    "cli": {PUBLIC},
    "python/src": {PUBLIC},
    "examples": {PUBLIC},
}
# What has no user: benchmarks and tests look inside.
_INSIDE = {layer for layer in LAYERS if layer == PUBLIC or layer.startswith("src/")}
LAYERS |= {
    "bench": _INSIDE - {"src/open"},
    TESTED: {PUBLIC, "src/core", f"{CASSANDRA}/driver"},
    "tests/unit": _INSIDE | {TESTED},
    "tests/async": {PUBLIC, "src/core", TESTED},
    "tests/exhaustion": {PUBLIC, "src/core", TESTED},
    "tests/full_disk": {PUBLIC, TESTED},
    "tests/cassandra": {
        PUBLIC,
        f"{CASSANDRA}/driver",
        f"{CASSANDRA}/ring",
        TESTED,
        "tests/driver",
    },
    "tests/cli": {PUBLIC, "cli", TESTED},
    "tests/contract": {PUBLIC, TESTED},
    "tests/driver": {
        PUBLIC,
        "src/core",
        f"{CASSANDRA}/driver",
        f"{CASSANDRA}/cql",
        f"{CASSANDRA}/session/clock_probe.hpp",
        f"{CASSANDRA}/table/table_lookup.hpp",
        TESTED,
    },
    "tests/fault": {PUBLIC},
    "tests/fuzz": _INSIDE | {"cli"},
    "tests/integration": {PUBLIC},
    "tests/lmdb": {PUBLIC, "src/core", "src/lmdb", TESTED},
    "tests/package": {PUBLIC},
    "tests/rocksdb": {PUBLIC, "src/core", "src/rocksdb", TESTED},
}

# What an include begins with -> the layers and files that may have it.
LIBRARIES: dict[str, set[str]] = {
    "lmdb.h": {"src/lmdb", "tests/lmdb"},
    "rocksdb/": {"src/rocksdb", "bench", "tests/fuzz", "tests/rocksdb", "tests/unit/rocksdb"},
    "bytestore-driver/": {
        f"{CASSANDRA}/driver/bridge.cpp",
        f"{CASSANDRA}/driver/bridge_conversions.hpp",
        f"{CASSANDRA}/driver/bridge_crossings.hpp",
    },
    "rust/": {"driver/include"},
    "CLI/": {"cli", "bench"},
    "boost/url": {"src/open"},
    "nanobind/": {"python/src"},
    "gtest/": {"tests"},
    "gmock/": {"tests"},
}

# What a layer that only decides must not include: it reads no clock, file or socket, waits for
# nothing and starts nothing.
_IO = ("boost/asio", "condition_variable", "filesystem", "fstream", "future", "mutex", "thread")
NO_IO = {f"{CASSANDRA}/{folder}" for folder in ("flow", "policy", "cql", "ring")}

# The public headers that need Boost; all others compile without it.
BOOST_HEADERS = {
    f"{PUBLIC}/async.hpp",
    f"{PUBLIC}/cassandra_async.hpp",
    f"{PUBLIC}/detail/asio_tag.hpp",
    f"{PUBLIC}/detail/completion.hpp",
    f"{PUBLIC}/detail/pending_handler.hpp",
}

SUFFIXES = {".hpp", ".cpp", ".h", ".cc", ".c"}
# Folders that hold no source of ours.
IGNORED = {"build", "target", "__pycache__"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
DOCUMENT = "ARCHITECTURE.md"


def is_in(path: str, places: set[str]) -> bool:
    """Whether a file is one of `places`, or lies below one."""
    return any(path == place or path.startswith(place + "/") for place in places)


def layer_of(path: str) -> str | None:
    """The layer of a path relative to the root, or None outside of all layers."""
    return max((layer for layer in LAYERS if is_in(path, {layer})), key=len, default=None)


def target_of(root: Path, source: str, included: str) -> str | None:
    """The path of the file of ours that an include names, or None."""
    beside = os.path.normpath(Path(source).parent / included)
    for folder in ("include/", "src/", "driver/include/", "tests/", ""):
        if (root / folder / included).is_file():
            return folder + included
    return beside if (root / beside).is_file() else None


def problem_of(root: Path, source: str, layer: str, quote: str, included: str) -> str | None:
    """What is wrong with one include."""
    target = target_of(root, source, included)
    if target is not None:
        other = layer_of(target)
        if other == layer or other in LAYERS[layer] or target in LAYERS[layer]:
            return None
        return f"{source}: {layer} must not include {other or 'a file of no layer'} ({included})"
    if quote == '"':
        return f'{source}: there is no file "{included}"'
    for library, homes in LIBRARIES.items():
        if included.startswith(library) and not is_in(source, homes):
            return f"{source}: only {', '.join(sorted(homes))} may include <{included}>"
    if layer in NO_IO and included.startswith(_IO):
        return f"{source}: {layer} does no I/O and must not include <{included}>"
    if layer == PUBLIC and included.startswith("boost/") and source not in BOOST_HEADERS:
        return f"{source}: a public header that needs no Boost includes <{included}>"
    return None


def sources_of(root: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in IGNORED and not f.startswith("."))
        for file in sorted(files):
            if Path(file).suffix in SUFFIXES:
                yield os.path.relpath(Path(folder, file), root)


def check(root: Path) -> list[str]:
    """All problems of a source tree; \"no files\" is one, so that a wrong root cannot pass."""
    problems = []
    source = None
    for source in sources_of(root):
        layer = layer_of(source)
        if layer is None:
            problems.append(f"{source}: it lies in no layer; name its layer in check_layers.py")
            continue
        text = (root / source).read_text(encoding="utf-8")
        found = (problem_of(root, source, layer, *include) for include in INCLUDE.findall(text))
        problems.extend(problem for problem in found if problem is not None)
    return problems if source is not None else [f"{root}: no source files found"]


def drawing() -> str:
    """Each layer of the library and what it stands on directly, from the top to the bottom."""
    lines = []
    shown = {layer: below for layer, below in LAYERS.items() if not layer.startswith("tests/")}
    width = max(map(len, shown))
    while shown:  # what no other layer includes comes first
        top = [a for a in shown if not any(a in below for b, below in shown.items() if b != a)]
        for layer in top:
            below = shown.pop(layer)
            direct = {a for a in below if not any(a in LAYERS.get(b, set()) for b in below)}
            lines.append(f"{layer:{width}}  -->  {', '.join(sorted(direct)) or 'nothing'}")
    return "\n".join(lines)


def main() -> int:
    match sys.argv[1:]:
        case ["--drawing"]:
            print(drawing())
            return 0
        case [folder]:
            root = Path(folder)
            problems = check(root)
            if drawing() not in (root / DOCUMENT).read_text(encoding="utf-8"):
                problems.append(f"{DOCUMENT}: put in what `check_layers.py --drawing` prints")
            for problem in problems:
                print(problem, file=sys.stderr)
            return 1 if problems else 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
