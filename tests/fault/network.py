"""What breaks the network that in_own_network has given this process: nftables, at the bridge between
the nodes and their clients."""

import json
import os
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_NAME = "bytestore_faults"


@dataclass(frozen=True)
class Rule:
    """Which packets, and what becomes of them, in nft's words."""

    packets: str
    fate: str = "drop"
    family: str = "bridge"  # or "ip", for what only an end of a connection can do
    hooks: tuple[str, ...] = ("forward", "input", "output")  # between nodes, from and to clients


def one_way(source: str, target: str) -> Rule:
    """Nothing gets from one address to the other."""
    return Rule(f"ip saddr {source} ip daddr {target}")


def both_ways(one: str, other: str) -> list[Rule]:
    return [one_way(one, other), one_way(other, one)]


def loss(percent: int) -> Rule:
    """Of all packets."""
    return Rule(f"ip protocol tcp numgen random mod 100 < {percent}")


def reset(percent: int, target: str) -> Rule:
    """So many packets of the clients to an address end their connection, as a firewall may do."""
    packets = f"ip daddr {target} tcp flags & rst == 0 numgen random mod 100 < {percent}"
    return Rule(packets, "reject with tcp reset", family="ip", hooks=("output",))


@contextmanager
def broken(*rules: Rule) -> Iterator[None]:
    """While it lasts; the rules have met packets by then."""
    families = {rule.family for rule in rules}
    commands = [f"add table {family} {_NAME}" for family in families]
    for rule in rules:
        for hook in rule.hooks:
            chain = f"{rule.family} {_NAME} {hook}"
            commands.append(f"add chain {chain} {{ type filter hook {hook} priority 0; }}")
            commands.append(
                f"add rule {chain} {rule.packets} counter {rule.fate} comment {_id(rule)}"
            )
    _nft("--file", "-", commands=commands)
    try:
        yield
        met = _packets_met()
        assert any(met[_id(rule)] for rule in rules), "nothing was broken"
    finally:
        for family in families:
            _nft("delete", "table", family, _NAME)


@contextmanager
def flapping(*rules: Rule) -> Iterator[None]:
    """While it lasts, it is whole and broken for a second each."""
    is_over = threading.Event()
    failures: list[AssertionError] = []

    def flap() -> None:
        while not is_over.wait(1):
            try:
                with broken(*rules):
                    is_over.wait(1)
            except AssertionError as error:
                failures.append(error)

    thread = threading.Thread(target=flap)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
    assert not failures[:-1], failures  # the last may have been too short to meet a packet


def _id(rule: Rule) -> str:
    return f'"{abs(hash(rule))}"'


def _packets_met() -> Counter[str]:
    """By the ids of rules."""
    met: Counter[str] = Counter()
    for entry in json.loads(_nft("--json", "list", "ruleset"))["nftables"]:
        rule = entry.get("rule", {})
        for expression in rule.get("expr", []):
            met[f'"{rule["comment"]}"'] += expression.get("counter", {}).get("packets", 0)
    return met


def _nft(*arguments: str, commands: list[str] | None = None) -> str:
    assert os.environ["BYTESTORE_OWN_NETWORK"] == "yes", "it would break this machine's network"
    given = None if commands is None else "\n".join(commands) + "\n"
    return subprocess.run(
        ["nft", *arguments], input=given, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
