"""What a cluster was asked to be: parsed, compared and stored. No I/O."""

import json
import re
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from . import versions
from .errors import LauncherError

MAX_NODES = 9
DEFAULT_DATACENTER = "datacenter1"
DEFAULT_PORT = 9042
TEST_HEAP = "512m"
BENCH_HEAP = "2g"
TLS_NAMES = ("address", "dns", "other")
PARTITIONERS = ("Murmur3Partitioner", "RandomPartitioner", "ByteOrderedPartitioner")

# What the files of a cluster are made for; a change needs other data.
_FIXED = {"datacenters", "auth", "partitioner", "namespaces"}


@dataclass(frozen=True)
class Settings:
    """Two equal values mean that a running cluster may be used as it is."""

    versions: tuple[str, ...] = (versions.DEFAULT,)  # of Cassandra, one for each node, in order
    datacenters: tuple[str, ...] = (DEFAULT_DATACENTER,)  # likewise
    partitioner: str = PARTITIONERS[0]
    port: int = DEFAULT_PORT  # of the native protocol, the same on each node
    auth: bool = False
    namespaces: bool = False  # whether each node has a network namespace of its own
    tls: str | None = None  # which certificate the nodes show: one of TLS_NAMES
    heap: str = TEST_HEAP
    bench: bool = False  # the full JIT and G1 in place of what starts fastest
    overrides: dict[str, Any] = field(
        default_factory=dict
    )  # dotted name in cassandra.yaml -> value
    joined: int = 0  # how many, the last of them, came when the others already had data

    @property
    def nodes(self) -> int:
        return len(self.datacenters)

    @property
    def founders(self) -> int:
        """How many nodes, the first of them, began together."""
        return self.nodes - self.joined

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(content: dict[str, Any]) -> "Settings":
        tuples = {name: tuple(content[name]) for name in ("versions", "datacenters")}
        return Settings(**{**content, **tuples})


def differences(old: Settings, new: Settings) -> dict[str, str]:
    """Name of each setting that differs -> "old, asked for new"."""
    pairs = ((f.name, getattr(old, f.name), getattr(new, f.name)) for f in fields(Settings))
    return {name: f"{_show(was)}, asked for {_show(now)}" for name, was, now in pairs if was != now}


def needs_other_data(old: Settings, new: Settings) -> bool:
    """Whether data made under the old settings cannot serve the new ones. A newer version of
    Cassandra can read what an older one has written."""
    return bool(_FIXED & differences(old, new).keys()) or any(
        versions.is_older(now, was) for was, now in zip(old.versions, new.versions, strict=True)
    )


def place_nodes(nodes: int | None, datacenters: list[str]) -> tuple[str, ...]:
    """The datacenter of each node, from `--nodes N` and `--dc NAME` or `--dc NAME:COUNT` ....

    >>> place_nodes(2, [])
    ('datacenter1', 'datacenter1')
    >>> place_nodes(None, ["east:2", "west:1"])
    ('east', 'east', 'west')
    """
    if len(datacenters) == 1 and ":" not in datacenters[0]:
        placed = (_datacenter_name(datacenters[0]),) * (1 if nodes is None else nodes)
    elif datacenters:
        placed = tuple(name for text in datacenters for name in _datacenter(text))
        if nodes not in (None, len(placed)):
            raise LauncherError(
                f"--nodes {nodes} contradicts --dc, which names {len(placed)} nodes; leave "
                "--nodes out"
            )
    else:
        placed = (DEFAULT_DATACENTER,) * (1 if nodes is None else nodes)
    if not 1 <= len(placed) <= MAX_NODES:
        raise LauncherError(f"a cluster has 1 to {MAX_NODES} nodes, not {len(placed)}")
    return placed


def parse_override(text: str) -> tuple[str, Any]:
    """One `--set`. The value is JSON where it can be read as such, else a string.

    >>> parse_override("native_transport_max_concurrent_connections_per_ip=4")
    ('native_transport_max_concurrent_connections_per_ip', 4)
    >>> parse_override("read_request_timeout=5s")
    ('read_request_timeout', '5s')
    """
    key, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)*", key):
        raise LauncherError(
            f"--set wants key=value with a name from cassandra.yaml, not {text!r}; a dot "
            "reaches into a section"
        )
    try:
        return key, json.loads(value)
    except json.JSONDecodeError:
        return key, value


def parse_heap(text: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]*[mg]", text):
        raise LauncherError(f"--heap wants a size such as 512m or 2g, not {text!r}")
    return text


def parse_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,47}", text):
        raise LauncherError(f"--name wants up to 48 letters, digits, _ and -, not {text!r}")
    return text


def _datacenter(text: str) -> list[str]:
    name, colon, count = text.partition(":")
    if not colon or not count.isdecimal():
        raise LauncherError(f"with several --dc each is NAME:COUNT, such as east:2, not {text!r}")
    return [_datacenter_name(name)] * int(count)


def _datacenter_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,48}", text):
        raise LauncherError(f"a datacenter's name has letters, digits, _ and -, not {text!r}")
    return text


def _show(value: object) -> str:
    if isinstance(value, tuple):
        return "+".join(str(part) for part in value)
    return json.dumps(value)
