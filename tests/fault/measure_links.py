"""Measures large values over slow links, in front of the server that BYTESTORE_TEST_SERVER names.

    python measure_links.py [MEGABYTES_A_SECOND...]

The rates are 0.25, 1 and 4 unless others are named; a row is written for each of them and for each
of: mset and mget of 64 values of 1 MiB, and import of 40 files of 4 MiB.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from link_runs import MIB, Load, Outcome, call, import_files
from servers import given_server
from slow_link import SlowLink

VALUES = Load(64, MIB)
FILES = Load(40, 4 * MIB)


def _outcomes(rate: float, table: str) -> Iterator[tuple[str, Load, Outcome]]:
    server = given_server()
    host, port = server.address.rsplit(":", 1)
    with SlowLink(host, int(port), rate) as link:
        uri = server.uri(table, address=f"{host}:{link.port}")
        for verb in ("mset", "mget"):
            yield verb, VALUES, call(link, uri, verb, VALUES, rate)
        with tempfile.TemporaryDirectory() as folder:
            yield "import", FILES, import_files(link, uri, Path(folder), FILES, rate)


def main() -> None:
    rates = [float(argument) for argument in sys.argv[1:]] or [0.25, 1.0, 4.0]
    print("MB/s  call    succeeded  bytes/payload  time/link's", flush=True)
    for number, rate in enumerate(rates):
        for name, load, outcome in _outcomes(rate * 1e6, f"links_{number}"):
            print(
                f"{rate:<5g} {name:<7} {outcome.succeeded:>3} of {load.values:<4}"
                f"{outcome.sent_ratio:>11.3f}{outcome.time_ratio:>13.3f}  {outcome.first_failure}",
                flush=True,
            )


if __name__ == "__main__":
    main()
