"""Every embedded contender does every verb."""

from conftest import Quick
from side_by_side.contenders import EMBEDDED


def test_every_contender_does_its_verbs(quick: Quick) -> None:
    [case_results] = [result["cases"] for result in quick("embedded").values()]
    for case in case_results:
        assert case["runs"].keys() == {contender.name for contender in EMBEDDED}
        for contender, runs in case["runs"].items():
            assert [run for run in runs if "error" in run] == [], contender
