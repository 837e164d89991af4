"""Where everything lives. Nothing here changes the disk."""

import os
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
DEFAULT_BUILD_FOLDER = REPOSITORY / "build"


def user_cache() -> Path:
    """Shared by every clone of this user: the jars, and the record of addresses in use."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "bytestore"


@dataclass(frozen=True)
class NodeFolder:
    """`<build>/cassandra/<cluster>/nodeN`."""

    root: Path

    @property
    def conf(self) -> Path:
        return self.root / "conf"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def temporary(self) -> Path:
        return self.root / "tmp"

    @property
    def log(self) -> Path:
        return self.root / "log" / "system.log"

    @property
    def pid(self) -> Path:
        return self.root / "pid"


@dataclass(frozen=True)
class ClusterFolder:
    """`<build>/cassandra/<cluster>`; the lock lies beside it and survives a purge."""

    build: Path
    name: str

    @property
    def root(self) -> Path:
        return self.build / "cassandra" / self.name

    @property
    def lock(self) -> Path:
        return self.build / "cassandra" / f"{self.name}.lock"

    @property
    def state(self) -> Path:
        return self.root / "cluster.json"

    @property
    def auth(self) -> Path:
        return self.root / "auth"

    @property
    def tls(self) -> Path:
        return self.root / "tls"

    def node(self, number: int) -> NodeFolder:
        return NodeFolder(self.root / f"node{number}")

    def pid_files(self) -> list[Path]:
        """Of every node that was ever started here, whatever the state file says."""
        return sorted(self.root.glob("node*/pid"))
