"""Standard output that is full, closed, or no longer read."""

import os
import subprocess

import pytest
from conftest import COMMAND


@pytest.fixture
def filled(store, tree):
    names = {f"{i:05}" + "x" * 200: b"" for i in range(1500)}
    assert store.run("import", str(tree(names))).code == 0
    store.put("large", b"x" * 2**20)
    return store


@pytest.mark.parametrize(
    "arguments", [["keys"], ["keys", "--limit", "1"], ["count"], ["get", "large"], ["--help"]]
)
def test_a_full_disk_is_a_failure_with_a_message(filled, arguments):
    with open("/dev/full", "wb") as full:
        result = filled.start(*arguments, stdout=full).end()
    assert result.code == 1
    assert "No space left on device" in result.err
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["keys"], ["get", "large"]])
def test_a_reader_that_goes_away_ends_the_command_quietly(filled, arguments):
    running = filled.start(*arguments)
    assert running.process.stdout.read(10)
    running.process.stdout.close()
    running.process.wait()
    assert (running.process.returncode, running.process.stderr.read()) == (0, b"")


def test_a_pipeline_is_quiet_too(filled):
    listing = filled.start("keys")
    head = subprocess.run(
        ["head", "-n", "1"], stdin=listing.process.stdout, capture_output=True, check=True
    )
    listing.process.stdout.close()
    assert head.stdout.startswith(b"00000")
    listing.process.wait()
    assert (listing.process.returncode, listing.process.stderr.read()) == (0, b"")


@pytest.mark.parametrize(
    "streams, code",
    [("<&-", 0), (">&-", 1), ("2>&-", 0), ("<&- >&- 2>&-", 1)],
)
def test_closed_standard_streams_do_not_reach_the_store(filled, streams, code):
    script = (
        f'"$0" delete 1 {streams}; "$0" get large {streams}; exec "$0" keys --limit 1 {streams}'
    )
    process = subprocess.run(
        ["sh", "-c", script, COMMAND],
        env=os.environ | {"BYTESTORE_STORE": filled.uri},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    assert process.returncode == code
    assert filled.ok("get", "large") == b"x" * 2**20
    assert filled.ok("count") == b"1501\n"
