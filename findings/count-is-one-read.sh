#!/usr/bin/env bash
# SELECT COUNT(*) is one read, however small its pages: it has to be done within the limit for one,
# and within that for the read of a single row too. Paging through SELECT DISTINCT has no such limit.
#
# Versions: Cassandra 5.0.9, cassandra-driver 3.30.1 (Python).
# Behaviour: the server counts page by page, but all pages share one time limit. It is not only
# `range_request_timeout` (10 s by default) but also `read_request_timeout` (5 s), although that is
# for reads of one partition; the error is READ_TIMEOUT or a READ_FAILURE whose reason is UNKNOWN.
# As shipped, with a million rows of 100 bytes on two busy cores, COUNT(*) took 2.5 to 4.1 s in four
# runs and failed after 5.0 s in two; paging DISTINCT took 5.3 to 9.5 s and never failed. Here the
# limit of 5 s is 0.3 s, and that of 10 s is as shipped, so that 200,000 rows show it.
# Seen: COUNT(*) by pages of 5000: fails
#       COUNT(*) by pages of 100: fails
#       DISTINCT by pages of 500: 200000 keys
source "$(dirname "$0")/support/cassandra.bash"

expected='COUNT(*) by pages of 5000: fails
COUNT(*) by pages of 100: fails
DISTINCT by pages of 500: 200000 keys'
expect_of_program "$expected" <<'PYTHON'
import sys
from pathlib import Path

from cassandra import ReadFailure, ReadTimeout
from cassandra.concurrent import execute_concurrent_with_args
from cassandra.query import SimpleStatement
from cassandra_server import cassandra, session

with (
    cassandra("5.0.9", Path(sys.argv[1]), {"read_request_timeout": "300ms"}),
    session() as cql,
):
    cql.execute("CREATE TABLE k.t (id text PRIMARY KEY, v blob)")
    insert = cql.prepare("INSERT INTO k.t (id, v) VALUES (?, ?)")
    rows = [(f"key {number}", bytes(100)) for number in range(200_000)]
    execute_concurrent_with_args(cql, insert, rows, concurrency=200)
    for page_size in 5000, 100:
        try:
            cql.execute(SimpleStatement("SELECT COUNT(*) FROM k.t", fetch_size=page_size))
            print(f"COUNT(*) by pages of {page_size}: answers")
        except (ReadTimeout, ReadFailure):
            print(f"COUNT(*) by pages of {page_size}: fails")
    select = SimpleStatement("SELECT DISTINCT id FROM k.t", fetch_size=500)
    print("DISTINCT by pages of 500:", sum(1 for _ in cql.execute(select)), "keys")
PYTHON
