#!/usr/bin/env bash
# A replica that is only just making a table acknowledges writes to it and drops them.
#
# Versions: Cassandra 5.0.9, cassandra-driver 3.30.1 (Python).
# Behaviour: two nodes, one replica. One node makes a table and passes writes on to the other at
# once. At first they are refused, since the other does not know the table (INCOMPATIBLE_SCHEMA).
# Then, for some milliseconds in which it knows the definition and has no storage yet, it skips
# them, logs "Attempting to mutate non-existant table", and reports success at ONE. No hint, repair
# or retry brings them back. Whoever waits for schema agreement before writing is not affected.
# Seen: acknowledged writes were lost: True
#       the replica's log says so: True
source "$(dirname "$0")/support/cassandra.bash"

expected="acknowledged writes were lost: True
the replica's log says so: True"
expect_of_program "$expected" <<'PYTHON'
import sys
import time
from pathlib import Path

from cassandra import DriverException, OperationTimedOut
from cassandra.cluster import NoHostAvailable
from cassandra_server import ADDRESS, cassandra, session

REPLICA = "127.0.0.78"
TABLES = 100  # at most
SECONDS = 1.5  # of writes to each
FAILURES = (DriverException, NoHostAvailable, OperationTimedOut)

folder = Path(sys.argv[1])
second = {"listen_address": REPLICA, "rpc_address": REPLICA}


def writes_until_made(cql, maker, table):
    """Makes a table, and returns the keys whose writes were acknowledged meanwhile."""
    cql.execute(f"CREATE TABLE k.{table} (id int PRIMARY KEY)", host=maker)
    acknowledged, until = [], time.monotonic() + SECONDS
    for key in range(1_000_000):
        if time.monotonic() > until:
            return acknowledged
        try:
            cql.execute(f"INSERT INTO k.{table} (id) VALUES ({key})", host=maker)
            acknowledged.append(key)
        except FAILURES:
            pass


def lost_of(cql, maker, table):
    """How many acknowledged writes are not there, once both nodes know the table."""
    acknowledged = writes_until_made(cql, maker, table)
    found = {row.id for row in cql.execute(f"SELECT id FROM k.{table}", host=maker)}
    return sum(key not in found for key in acknowledged)


with cassandra("5.0.9", folder), cassandra("5.0.9", folder, second, ring_delay_ms=5000):
    with session(max_schema_agreement_wait=0) as cql:
        give_up = time.monotonic() + 180
        while len(cql.cluster.metadata.all_hosts()) < 2:
            assert time.monotonic() < give_up, "the second node did not join"
            time.sleep(1)
            cql.cluster.refresh_nodes()
        maker = next(h for h in cql.cluster.metadata.all_hosts() if h.address == ADDRESS)
        lost = any(lost_of(cql, maker, f"t{number}") for number in range(TABLES))
        print("acknowledged writes were lost:", lost)
logs = "".join(log.read_text() for log in folder.glob("node-*/log"))
print("the replica's log says so:", "Attempting to mutate non-existant table" in logs)
PYTHON
