"""Large values over a slow link, and a link that dies: a forwarder stands before the server."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from link_runs import KIB, Load, Outcome, call, import_files
from servers import Server, wait_until
from slow_link import SlowLink

RATE = 1e6  # bytes a second
VALUES = Load(32, 256 * KIB)
FILES = Load(4, 1024 * KIB)
MOST_SENT = 1.05  # times the bytes of the values


@pytest.fixture
def link(server: Server) -> Iterator[SlowLink]:
    host, port = server.address.rsplit(":", 1)
    with SlowLink(host, int(port), RATE) as link:
        yield link


def _uri(server: Server, link: SlowLink, table: str, **parameters: str) -> str:
    host = server.address.rsplit(":", 1)[0]
    return server.uri(table, address=f"{host}:{link.port}", **parameters)


def _check(outcome: Outcome, load: Load) -> None:
    assert outcome.succeeded == load.values, outcome
    assert outcome.sent_ratio <= MOST_SENT, outcome


def test_a_slow_link_passes_each_value_once(server: Server, link: SlowLink, table: str) -> None:
    uri = _uri(server, link, table)
    for verb in ("mset", "mget"):
        _check(call(link, uri, verb, VALUES, RATE), VALUES)


def test_a_slow_link_passes_each_file_once(
    server: Server, link: SlowLink, table: str, tmp_path: Path
) -> None:
    _check(import_files(link, _uri(server, link, table), tmp_path, FILES, RATE), FILES)


def test_keys_that_wait_end_with_the_silence(server: Server, link: SlowLink, table: str) -> None:
    """Some values were stored, some are in flight, and the others were not sent."""
    outcomes: list[Outcome] = []
    uri = _uri(server, link, table, attempt_timeout="4s", give_up_after="8s")
    calling = threading.Thread(
        target=lambda: outcomes.append(call(link, uri, "mset", VALUES, RATE))
    )
    calling.start()
    wait_until(lambda: link.up.bytes > VALUES.payload / 4)
    link.go_silent()
    calling.join()
    outcome = outcomes[0]
    assert outcome.succeeded > 0
    assert outcome.unknown > 0
    assert outcome.failed > 0, "some were never sent"
    assert "no server has answered for 8000 ms" in outcome.first_failure
