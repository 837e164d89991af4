"""Does with LangChain's CassandraByteStore what first_uses does with ours; langchain-community and
cassandra-driver have to be installed.

    python first_uses_of_langchain.py URI COUNT
"""

import sys
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from cassandra.cluster import Cluster
from langchain_community.storage import CassandraByteStore

Use = Callable[[CassandraByteStore, str], object]

USES: dict[str, Use] = {
    "mset": lambda store, key: store.mset([(key, key.encode())]),
    "mget": lambda store, key: store.mget([key]),
    "mdelete": lambda store, key: store.mdelete([key]),
    "yield_keys": lambda store, key: list(store.yield_keys()),
}


def _open_store(uri: str) -> CassandraByteStore:
    parts = urlsplit(uri)
    points = [point.rsplit(":", 1) for point in parts.netloc.split(",")]
    cluster = Cluster([host for host, _ in points], port=int(points[0][1]))
    keyspace = parts.path.strip("/")
    return CassandraByteStore(
        table=parse_qs(parts.query)["table"][0], session=cluster.connect(), keyspace=keyspace
    )


def _measure(what: str, use: Callable[[], object]) -> None:
    begun = time.monotonic()
    outcome = "ok"
    try:
        use()
    except Exception as error:  # noqa: BLE001: whatever users see
        outcome = type(error).__name__
    print(what, (time.monotonic() - begun) * 1e3, outcome, flush=True)


def main() -> None:
    uri, count = sys.argv[1], int(sys.argv[2])
    planned = [(verb, _open_store(uri)) for _ in range(count) for verb in USES]
    print("open", flush=True)
    sys.stdin.readline()
    for number, (verb, store) in enumerate(planned):
        key = str(number)
        _measure(verb, lambda: USES[verb](store, key))
        if verb == "yield_keys":
            _measure("listing", lambda: USES[verb](store, key))
    for _ in range(count):
        _measure("opening", lambda: USES["mset"](_open_store(uri), "opening"))


if __name__ == "__main__":
    main()
