"""A schema that others change while clients write, read, delete and list, up to the table's end."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cassandra.cluster import Session
from histories import recorded_load
from servers import KEYSPACE, Server


@pytest.fixture
def someone_else(server: Server) -> Iterator[Session]:
    with server.cluster() as cluster:
        yield cluster.connect(KEYSPACE)


def test_a_schema_that_changes(
    server: Server, someone_else: Session, table: str, tmp_path: Path
) -> None:
    """What does not concern the columns of a store does not concern its calls."""
    with recorded_load(server, table, tmp_path) as (load, judged):
        load.go_on()
        for change in (
            f"ALTER TABLE {table} ADD remark text",
            f"ALTER TABLE {table} WITH comment = 'changed'",
            f"ALTER TABLE {table} WITH gc_grace_seconds = 100000",
            f"ALTER TABLE {table} DROP remark",
            f"CREATE TABLE {table}_other (id int PRIMARY KEY)",
            f"CREATE INDEX ON {table} (body_blob)",
            f"DROP TABLE {table}_other",
        ):
            someone_else.execute(change)
            load.go_on()
        verdict = judged()
    verdict.tell("the schema changes")
    assert verdict.wrong == []
    assert verdict.told["calls_failed"] == 0, verdict.told["codes"]


def test_a_table_that_is_dropped_and_made_again(
    server: Server, someone_else: Session, table: str, tmp_path: Path
) -> None:
    """Calls fail in between, with a code that says why, and the same stores go on afterwards. What was
    in the table is gone, so that the history is not one of a store that keeps what it has."""
    with recorded_load(server, table, tmp_path, give_up_after_seconds=5) as (load, judged):
        load.go_on()
        someone_else.execute(f"DROP TABLE {table}")
        load.go_on_for(10)
        someone_else.execute(f"CREATE TABLE {table} (row_id text PRIMARY KEY, body_blob blob)")
        load.go_on()
        verdict = judged()
    assert verdict.told["calls_failed"] > 0
    assert verdict.told["codes"].keys() == {"schema"}
