#!/usr/bin/env bash
# The schema of a table WITH COMPACT STORAGE lists columns that nobody made and no statement may
# name, and its own value column under another kind.
#
# Versions: Cassandra 3.11.19, 4.0.19, 4.1.10, 5.0.9; cassandra-driver 3.30.1 (Python).
# Behaviour: a table of a text key and a blob gets two more rows in system_schema.columns, `column1`
# (clustering, text) and `value` (regular, blob), while the blob itself is "static". SELECT * gives
# the two columns that were made, and a SELECT of the others is refused as undefined. One of two
# clustered columns has `value` of a type `empty`. Only `flags` in system_schema.tables tells such a
# table: it lacks "compound". DROP COMPACT STORAGE makes the hidden columns real: SELECT * has them.
# Seen: the lines of `expected`, below, the same on the four versions.
source "$(dirname "$0")/support/cassandra.bash"

expected='ordinary ['"'compound'"'] body/regular/blob id/partition_key/text
compact [] body/static/blob column1/clustering/text id/partition_key/text value/regular/blob
clustered ['"'dense'"'] c/clustering/int id/partition_key/text value/regular/empty
SELECT *: id body
SELECT column1, value: Undefined column name column1
after the drop: id column1 body value'
for version in 3.11.19 4.0.19 4.1.10 5.0.9; do
  echo "$version"
  expect_of_program "$expected" "$version" <<'PYTHON'
import sys
from pathlib import Path

from cassandra_server import cassandra, session

TABLES = {
    "ordinary": "id text PRIMARY KEY, body blob)",
    "compact": "id text PRIMARY KEY, body blob) WITH COMPACT STORAGE",
    "clustered": "id text, c int, PRIMARY KEY (id, c)) WITH COMPACT STORAGE",
}

version = sys.argv[2]
allowed = "drop_compact_storage_enabled" if version >= "4.1" else "enable_drop_compact_storage"
with (
    cassandra(version, Path(sys.argv[1]), {allowed: True}),
    session(schema_metadata_enabled=False) as cql,
):
    for name, rest in TABLES.items():
        cql.execute(f"CREATE TABLE k.{name} ({rest}")
        where = f"WHERE keyspace_name = 'k' AND table_name = '{name}'"
        flags = cql.execute(f"SELECT flags FROM system_schema.tables {where}").one().flags
        columns = cql.execute(f"SELECT column_name, kind, type FROM system_schema.columns {where}")
        print(name, sorted(flags), *(f"{c.column_name}/{c.kind}/{c.type}" for c in columns))
    cql.execute("INSERT INTO k.compact (id, body) VALUES ('a', 0x01)")
    print("SELECT *:", *cql.execute("SELECT * FROM k.compact").column_names)
    try:
        cql.execute("SELECT column1, value FROM k.compact")
        print("SELECT column1, value: answered")
    except Exception as error:
        print("SELECT column1, value:", str(error).split('"')[1].split(" in table")[0])
    cql.execute("ALTER TABLE k.compact DROP COMPACT STORAGE")
    print("after the drop:", *cql.execute("SELECT * FROM k.compact").column_names)
PYTHON
done
