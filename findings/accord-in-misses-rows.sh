#!/usr/bin/env bash
# A query of several partitions of a transactional table is answered without some of its rows, if one
# of them is absent and the query is not read by pages.
#
# Versions: Cassandra 6.0-alpha2; cassandra-driver 3.30.1 (Python).
# Behaviour: on a table WITH transactional_mode = 'full', SELECT ... WHERE id IN (...) with all keys
# there gives all rows; with one absent key more it lacks the rows of all keys before that one in the
# order of tokens (here of "a" and "c"), without an error or a warning. So it does with a page size if
# a LIMIT keeps the answer within a page. It gives the right rows if the server reads it by pages: with
# a page size, and no LIMIT or one above it. Tables of the modes 'mixed_reads' and 'off' give the right
# rows in each way. Level QUORUM; one node.
# Seen: the three lines that are expected below: rows without pages, within a page, and by pages.
source "$(dirname "$0")/support/cassandra.bash"

expect_of_program "off: all there 3 3 3, one absent 3 3 3
mixed_reads: all there 3 3 3, one absent 3 3 3
full: all there 3 3 3, one absent 1 1 3" 6.0-alpha2 <<'PYTHON'
import sys
from pathlib import Path

from cassandra import ConsistencyLevel
from cassandra_server import cassandra, session

KEYS = ("a", "b", "c")


def rows(cql, statement: str, page_size: int | None, *values: object) -> int:
    prepared = cql.prepare(statement)
    prepared.consistency_level = ConsistencyLevel.QUORUM
    prepared.fetch_size = page_size
    return len(list(cql.execute(prepared, values)))


version = sys.argv[2]
with cassandra(version, Path(sys.argv[1]), {"accord": {"enabled": True}}), session() as cql:
    for mode in ("off", "mixed_reads", "full"):
        table = f"k.mode_{mode}"
        cql.execute(
            f"CREATE TABLE {table} (id text PRIMARY KEY, v blob) WITH transactional_mode = '{mode}'"
        )
        for key in KEYS:
            rows(cql, f"INSERT INTO {table} (id, v) VALUES (?, 0x01)", None, key)
        select = f"SELECT id, v FROM {table} WHERE id IN ?"

        def counts(keys: tuple[str, ...]) -> str:
            unpaged = rows(cql, select, None, keys)
            within = rows(cql, f"{select} LIMIT ?", len(keys), keys, len(keys))
            paged = rows(cql, f"{select} LIMIT ?", len(keys), keys, len(keys) + 1)
            return f"{unpaged} {within} {paged}"

        print(f"{mode}: all there {counts(KEYS)}, one absent {counts((*KEYS, 'absent'))}")
PYTHON
