#!/usr/bin/env bash
# A transactional table takes a timestamp that a write names by USING TIMESTAMP, and replaces the one
# that the protocol carries beside the statement, as drivers send it by default.
#
# Versions: Cassandra 6.0-alpha2; cassandra-driver 3.30.1 (Python).
# Behaviour: with tables WITH transactional_mode = 'full' or 'mixed_reads', WRITETIME of a value that
# was inserted with the driver's timestamp (an hour ago) is the server's time; that of one that was
# inserted USING TIMESTAMP ? is the one that was given. So of two writes with the driver's timestamps
# the one that is executed later wins, whichever is older; a DELETE with an older timestamp than the
# value's takes the value away. With 'off' both are kept, and the DELETE does nothing.
# Seen: the three lines that are expected below.
source "$(dirname "$0")/support/cassandra.bash"

expect_of_program "off: beside the statement kept, in it kept, older delete leaves 1
mixed_reads: beside the statement replaced, in it kept, older delete leaves 0
full: beside the statement replaced, in it kept, older delete leaves 0" 6.0-alpha2 <<'PYTHON'
import sys
import time
from pathlib import Path

from cassandra import ConsistencyLevel
from cassandra_server import cassandra, session

AN_HOUR_AGO = int((time.time() - 3_600) * 1_000_000)


def execute(cql, statement: str, *values: object):
    prepared = cql.prepare(statement)
    prepared.consistency_level = ConsistencyLevel.QUORUM
    return list(cql.execute(prepared, values))


version = sys.argv[2]
with cassandra(version, Path(sys.argv[1]), {"accord": {"enabled": True}}), session() as cql:
    stamp = [AN_HOUR_AGO]
    cql.cluster.timestamp_generator = lambda: stamp[0]
    for mode in ("off", "mixed_reads", "full"):
        table = f"k.mode_{mode}"
        cql.execute(
            f"CREATE TABLE {table} (id text PRIMARY KEY, v blob) WITH transactional_mode = '{mode}'"
        )

        def kept(key: str) -> str:
            read = f"SELECT WRITETIME(v) AS written FROM {table} WHERE id = ?"
            return "kept" if execute(cql, read, key)[0].written == AN_HOUR_AGO else "replaced"

        insert = f"INSERT INTO {table} (id, v) VALUES (?, 0x01)"
        execute(cql, insert, "beside")
        execute(cql, f"{insert} USING TIMESTAMP ?", "within", AN_HOUR_AGO)
        told = f"{mode}: beside the statement {kept('beside')}, in it {kept('within')}"
        stamp[0] = AN_HOUR_AGO - 1
        execute(cql, f"DELETE FROM {table} WHERE id = ?", "beside")
        left = len(execute(cql, f"SELECT id FROM {table} WHERE id = ?", "beside"))
        stamp[0] = AN_HOUR_AGO
        print(f"{told}, older delete leaves {left}")
PYTHON
