"""Every contender on Cassandra does every verb that it says it can."""

import os

from conftest import Quick
from side_by_side.contenders import ON_CASSANDRA

WORKLOADS = {"mset", "mget", "mdelete", "keys"}


def test_every_contender_does_its_verbs(quick: Quick) -> None:
    results = quick("--server", os.environ["BYTESTORE_TEST_SERVER"], *WORKLOADS)
    assert results.keys() == WORKLOADS
    done = set()
    for result in results.values():
        for case in result["cases"]:
            for contender, runs in case["runs"].items():
                assert [run for run in runs if "error" in run] == [], contender
                assert all(run["keys"] == case["case"]["keys"] for run in runs)
                done.add((contender, case["case"]["verb"]))
    listing = {"ungrouped"}  # lists as it does with grouping, and is not asked to
    asked = [who for who in ON_CASSANDRA if who.name != "speculative"]  # only with a paused node
    wanted = {(who.name, verb) for who in asked for verb in who.verbs}
    assert done == wanted - {(name, "keys") for name in listing}
