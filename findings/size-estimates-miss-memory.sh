#!/usr/bin/env bash
# system.size_estimates counts no partition that is not on disk yet, however many there are, and
# goes on telling those of a table that was emptied.
#
# Versions: Cassandra 5.0.9, cassandra-driver 3.30.1 (Python).
# Behaviour: after 100,000 partitions were written and the estimates recorded twice, each range is
# there and says 0; only a flush, or a full memtable, makes them countable. After TRUNCATE the old
# numbers stay until the next recording: by default for up to five minutes, here for five seconds.
# Seen: written: 0
#       flushed: about 100,000
#       emptied: about 100,000
#       recorded again: 0
source "$(dirname "$0")/support/cassandra.bash"

expected='written: 0
flushed: about 100,000
emptied: about 100,000
recorded again: 0'
expect_of_program "$expected" <<'PYTHON'
import sys
import time
from pathlib import Path

from cassandra.concurrent import execute_concurrent_with_args
from cassandra_server import cassandra, session

INTERVAL = 5  # seconds between recordings
WRITTEN = 100_000

with cassandra("5.0.9", Path(sys.argv[1]), size_recorder_interval=INTERVAL), session() as cql:
    cql.execute("CREATE TABLE k.t (id text PRIMARY KEY, v blob)")
    insert = cql.prepare("INSERT INTO k.t (id, v) VALUES (?, ?)")
    rows = [(f"key {number}", b"value") for number in range(WRITTEN)]
    execute_concurrent_with_args(cql, insert, rows, concurrency=200)

    def recorded():
        return cql.execute(
            "SELECT partitions_count FROM system.size_estimates "
            "WHERE keyspace_name = 'k' AND table_name = 't'"
        ).all()

    def estimate():
        total = sum(row.partitions_count for row in recorded())
        return "about 100,000" if abs(total - WRITTEN) < WRITTEN / 20 else total

    give_up = time.monotonic() + 120
    while not recorded():  # a server that has just started first waits for a while
        assert time.monotonic() < give_up, "nothing was recorded"
        time.sleep(1)
    time.sleep(2 * INTERVAL + 2)
    print("written:", estimate())
    cql.execute("ALTER TABLE k.t WITH memtable_flush_period_in_ms = 1000")
    cql.execute(insert, ("key 0", b"value"))  # the period begins with a write
    time.sleep(2 * INTERVAL + 2)
    print("flushed:", estimate())
    cql.execute("TRUNCATE k.t")
    print("emptied:", estimate())
    time.sleep(2 * INTERVAL + 2)
    print("recorded again:", estimate())
PYTHON
