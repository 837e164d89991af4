#!/usr/bin/env python3
"""Each public header refers to the tags by which the linker sees programs that are compiled otherwise.

usage: abi_tags_test.py OBJECT...

Each object is what a header compiles to that is the only include of a file.
"""

import re
import subprocess
import sys
from pathlib import Path

from check_layers import BOOST_HEADERS

_TAG = "bytestore::abi::library_compiled_with"
_ASIO_TAG = f"{_TAG}_BOOST_ASIO_VERSION_"


def _tags(compiled: Path) -> set[str]:
    command = ["nm", "--demangle", "--undefined-only", str(compiled)]
    symbols = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    return {symbol for symbol in symbols if symbol.startswith(_TAG)}


def _wanted(compiled: Path) -> tuple[int, int]:
    """How many tags of the standard library and of Asio there should be."""
    with_boost = {re.sub("[/.]", "_", header.removeprefix("include/")) for header in BOOST_HEADERS}
    return 1, int(compiled.name.split(".")[0] in with_boost)


def _found(compiled: Path) -> tuple[int, int]:
    tags = _tags(compiled)
    asio = sum(tag.startswith(_ASIO_TAG) for tag in tags)
    return len(tags) - asio, asio


if __name__ == "__main__":
    objects = [Path(name) for name in sys.argv[1:]]
    assert len(objects) > len(BOOST_HEADERS)
    wrong = [each for each in objects if _found(each) != _wanted(each)]
    for each in wrong:
        print(f"{each.name}: has {_found(each)} tags of the standard library and of Asio, not {_wanted(each)}")
    sys.exit(bool(wrong))
