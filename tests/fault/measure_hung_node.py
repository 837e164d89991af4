"""Measures first uses, listings and openings with all of three nodes well, and with one that hangs,
on the servers that BYTESTORE_TEST_SERVER names.

    python measure_hung_node.py [COUNT] [PROGRAM...]

COUNT (200) is how many of each are measured, in rounds of 40 in which another node hangs each time.
PROGRAM is used as first_uses is, and is it unless another one is named.
"""

import os
import statistics
import sys
import time
from collections import defaultdict

from first_uses import first_uses
from servers import given_server

_ROUND = 40

# Until then the other nodes send requests to it themselves, and clients wait for those.
_NOTICED_SECONDS = 30


def _row(what: str, how: str, times: list[float]) -> str:
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    return (
        f"{what:<14} {how:<8} {len(ordered):>5} "
        f"{statistics.median(ordered):>9.1f} {p99:>9.1f} {ordered[-1]:>9.1f}"
    )


def main() -> None:
    server = given_server()
    every = ",".join(f"{host}:{server.told['port']}" for host in server.told["contact_points"])
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    program = " ".join(sys.argv[2:]) or os.environ["BYTESTORE_FIRST_USES"]
    all_times: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    failed: list[str] = []
    for number in range(-(-count // _ROUND)):
        for how in ("well", "hung"):
            uri = server.uri(f"hung_{number}_{how}", address=every)
            with first_uses(uri, min(count, _ROUND), program) as planned:
                if how == "hung":
                    server.launcher("pause", number % 3 + 1)
                    time.sleep(_NOTICED_SECONDS)
                uses = planned.go_on()
                if how == "hung":
                    server.launcher("resume", number % 3 + 1)
            for what, times in uses.times.items():
                all_times[what][how] += times
            failed += [f"{how}: {error}" for error in uses.errors]
    print("what           nodes    count    p50/ms    p99/ms    max/ms")
    for what, by_nodes in all_times.items():
        for how, times in by_nodes.items():
            print(_row(what, how, times))
    print(f"failed: {len(failed)} {failed[:5]}")


if __name__ == "__main__":
    main()
