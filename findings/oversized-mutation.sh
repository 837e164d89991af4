#!/usr/bin/env bash
# Which error a write over the mutation limit is depends on the server's version and on the version
# of the protocol; before 4.1 the error is one of replicas, and looks as if it might pass.
#
# Versions: Cassandra 3.11.19, 4.0.19, 4.1.10, 5.0.9; cassandra-driver 3.30.1 (Python).
# Behaviour: 3.11 and 4.0 answer WRITE_FAILURE (0x1500) without a word of a size: a client cannot
# tell it from replicas that fail, and by the protocol such a write may have been applied. 4.1 and
# 5.0 answer INVALID (0x2200): by protocol 4 "Rejected an oversized mutation", which also names the
# key, and by protocol 5 "CQL Message ... exceeds allowed maximum", where not the mutation is measured
# but the message.
# Seen: the lines of `expected`, below.
source "$(dirname "$0")/support/cassandra.bash"

expected='3.11.19, protocol 4: 1500 Operation failed - received 0 responses and 1 failures
4.0.19, protocol 4: 1500 Operation failed - received 0 responses and 1 failures
4.0.19, protocol 5: 1500 Operation failed - received 0 responses and 1 failures
4.1.10, protocol 4: 2200 Rejected an oversized mutation (1048632/1048576) for keyspace: k. Top keys are: t.a key
4.1.10, protocol 5: 2200 CQL Message of size 1048645 bytes exceeds allowed maximum of 1048576 bytes
5.0.9, protocol 4: 2200 Rejected an oversized mutation (1048632/1048576) for keyspace: k. Top keys are: t.a key
5.0.9, protocol 5: 2200 CQL Message of size 1048645 bytes exceeds allowed maximum of 1048576 bytes'
expect_of_program "$expected" <<'PYTHON'
import re
import sys
from pathlib import Path

from cassandra_server import cassandra, session

LIMIT = 1 << 20  # half of a segment of the commit log

for version in "3.11.19", "4.0.19", "4.1.10", "5.0.9":
    segment = {"commitlog_segment_size": "2MiB"}
    if version < "4.1":
        segment = {"commitlog_segment_size_in_mb": 2}
    with cassandra(version, Path(sys.argv[1]), segment):
        for protocol in (4, 5) if version >= "4" else (4,):
            with session(protocol_version=protocol) as cql:
                cql.execute("CREATE TABLE IF NOT EXISTS k.t (id text PRIMARY KEY, v blob)")
                insert = cql.prepare("INSERT INTO k.t (id, v) VALUES (?, ?)")
                cql.execute(insert, ("a key", bytes(LIMIT - 100)))
                try:
                    cql.execute(insert, ("a key", bytes(LIMIT)))
                    said = "stored"
                except Exception as error:
                    said = re.search(r"code=(\d+) .*?message=\"([^\"]*)", str(error)).groups()
                    said = " ".join(said).split(": UNKNOWN")[0]
                print(f"{version}, protocol {protocol}: {said}")
PYTHON
