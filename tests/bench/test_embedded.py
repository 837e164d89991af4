"""Every embedded contender does every verb."""

from conftest import Quick
from side_by_side.contenders import EMBEDDED


def test_every_contender_does_its_verbs(quick: Quick) -> None:
    [cases] = [result["cases"] for result in quick("embedded-large").values()]
    done = set()
    for case in cases:
        for contender, runs in case["runs"].items():
            assert [run for run in runs if "error" in run] == [], contender
            done.add((contender, case["case"]["verb"]))
    assert done == {(contender.name, verb) for contender in EMBEDDED for verb in contender.verbs}
