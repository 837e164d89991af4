"""A server that answers nothing: calls wait, end when they are to give up, and cost little memory."""

import os
import subprocess

import pytest
from histories import keep_line
from servers import Server

_PROGRAM = os.environ["BYTESTORE_WAITING_CALLS"]

# Of the process, for a call with a value of 1,000 bytes; and what the first calls need.
_MOST_KILOBYTES_A_CALL = 8
_MOST_KILOBYTES_AT_FIRST = 10_000


@pytest.mark.parametrize("calls", [1, 100, 10_000])
def test_calls_that_wait(server: Server, table: str, calls: int) -> None:
    uri = server.uri(table, attempt_timeout="2s", give_up_after="5s")
    with subprocess.Popen(
        [_PROGRAM, uri, str(calls)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdin and program.stdout
        assert program.stdout.readline() == "open\n"
        server.launcher("pause", 1)
        program.stdin.write("\n")
        program.stdin.flush()
        said = program.stdout.readline().split()
        server.launcher("resume", 1)
    kilobytes, succeeded, failed, unknown, other = map(int, said)
    keep_line(
        f"a server is silent: calls {calls}, kilobytes {kilobytes}, failed {failed}, unknown {unknown}"
    )
    assert (succeeded, other) == (0, 0)
    assert failed + unknown == calls
    assert kilobytes < _MOST_KILOBYTES_AT_FIRST + calls * _MOST_KILOBYTES_A_CALL
