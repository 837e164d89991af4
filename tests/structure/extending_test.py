"""docs/extending.md names the files to touch: each of them has to exist.

`NAME` in a path stands for what somebody adds, and at least one file has to have that form.
"""

import re
import sys
from pathlib import Path


def paths(text: str) -> list[str]:
    """What is in backticks and looks like a path: a file below a folder, a folder, a document."""
    quoted = [word.split()[0] for word in re.findall(r"`([^`\n]+)`", text)]
    return [word for word in quoted if "/" in word or word.endswith((".txt", ".md"))]


def missing(root: Path, text: str) -> list[str]:
    """Those of its paths that do not exist."""
    return [path for path in paths(text) if not any(root.glob(path.replace("NAME", "*")))]


def main(root: Path) -> int:
    text = (root / "docs/extending.md").read_text(encoding="utf-8")
    found = paths(text)
    gone = missing(root, text)
    for path in gone:
        print(f"docs/extending.md names {path}, which does not exist", file=sys.stderr)
    if len(found) < 50:  # what reads them would be wrong
        print(f"docs/extending.md names only {len(found)} files", file=sys.stderr)
    return int(bool(gone) or len(found) < 50)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
