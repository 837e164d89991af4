"""A line to the server on which everything takes 200 ms and something, each way, while clients write,
read, delete and list."""

from pathlib import Path

from histories import minutes, recorded_load
from servers import Server
from slow_link import SlowLink

_BYTES_A_SECOND = 10_000_000
_DELAY_SECONDS = 0.2
_JITTER_SECONDS = 0.1
_SHORT_SECONDS = 15


def test_a_long_line_with_jitter(server: Server, table: str, tmp_path: Path) -> None:
    host, port = server.address.rsplit(":", 1)
    with (
        SlowLink(host, int(port), _BYTES_A_SECOND, _DELAY_SECONDS, _JITTER_SECONDS) as line,
        recorded_load(server, table, tmp_path, points=[line.address]) as (load, judged),
    ):
        load.go_on_for(max(_SHORT_SECONDS, 60 * minutes()))
        load.go_on()
        verdict = judged()
    verdict.tell("a delay of 200 to 300 ms each way")
    assert verdict.wrong == []
    assert verdict.told["calls_failed"] == 0, verdict.told["codes"]
    assert verdict.told["p50_ms"] > 2_000 * _DELAY_SECONDS  # the line was there
