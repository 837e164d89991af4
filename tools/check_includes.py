#!/usr/bin/env python3
"""Fails when an include points against the direction in which the rooms may know each other.

usage: check_includes.py ROOT

The rooms and their arrows are those of ARCHITECTURE.md. Besides the arrows between rooms, a room may
be the only one to include some library.
"""

import re
import sys
from pathlib import Path

# Room -> rooms that it may include, itself apart. The longest prefix of a path names its room.
MAY_INCLUDE = {
    "include/bytestore": set(),
    "src/core": {"include/bytestore"},
    "src/memory": {"include/bytestore", "src/core"},
    "src/rocksdb": {"include/bytestore", "src/core"},
    "src/cassandra": {"include/bytestore", "src/core"},
    "src/open": {"include/bytestore", "src/core", "src/memory", "src/rocksdb", "src/cassandra"},
    "cli": {"include/bytestore"},
    "python": {"include/bytestore"},
    "examples": {"include/bytestore"},
    "bench": {"include/bytestore", "src/core", "src/memory", "src/rocksdb", "src/cassandra"},
}

# Library (as the include begins) -> the rooms that may include it.
LIBRARY_HOMES = {
    "rocksdb/": {"src/rocksdb", "bench"},
    "bytestore-driver/": {"src/cassandra"},
    "CLI/": {"cli", "bench"},
    "boost/url": {"src/open"},
}

# The public headers that need Boost; all others compile without it.
BOOST_HEADERS = {
    "include/bytestore/async.hpp",
    "include/bytestore/cassandra_async.hpp",
    "include/bytestore/detail/asio_tag.hpp",
    "include/bytestore/detail/completion.hpp",
    "include/bytestore/detail/pending_handler.hpp",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def room_of(path: str) -> str | None:
    """The room of a path relative to the root, or None outside of all rooms."""
    rooms = [room for room in MAY_INCLUDE if path.startswith(room + "/")]
    return max(rooms, key=len, default=None)


def target_of(root: Path, source: str, included: str) -> str | None:
    """The path of the file of ours that an include names, or None for a library's."""
    beside = str(Path(source).parent / included)
    for candidate in (f"include/{included}", f"src/{included}", included, beside):
        if (root / candidate).is_file():
            return candidate
    return None


def problems_of(root: Path, source: str) -> list[str]:
    """What is wrong with the includes of one file."""
    room = room_of(source)
    if room is None:
        return []
    found = []
    for _, included in INCLUDE.findall((root / source).read_text(encoding="utf-8")):
        target = target_of(root, source, included)
        if target is not None:
            other = room_of(target)
            if other is not None and other != room and other not in MAY_INCLUDE[room]:
                found.append(f"{source}: {room} must not include {other} ({included})")
            continue
        for library, homes in LIBRARY_HOMES.items():
            if included.startswith(library) and room not in homes:
                found.append(f"{source}: only {', '.join(sorted(homes))} may include <{included}>")
        if room == "include/bytestore" and included.startswith("boost/"):
            if source not in BOOST_HEADERS:
                found.append(f"{source}: a public header that needs no Boost includes <{included}>")
    return found


def check(root: Path) -> list[str]:
    """All problems of a source tree; \"no files\" is one, so that a wrong root cannot pass."""
    sources = [
        str(path.relative_to(root))
        for room in MAY_INCLUDE
        for path in sorted((root / room).rglob("*"))
        if path.suffix in {".hpp", ".cpp", ".h"}
    ]
    if not sources:
        return [f"{root}: no source files found"]
    return [problem for source in sources for problem in problems_of(root, source)]


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    problems = check(Path(sys.argv[1]))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
