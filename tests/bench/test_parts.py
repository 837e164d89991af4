"""What becomes of measured numbers: estimates, tables, the required figures, the document."""

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from side_by_side import document, results
from side_by_side.cases import Case
from side_by_side.compare import Setting, compare
from side_by_side.estimates import median, ratio
from side_by_side.parts import pairs
from side_by_side.required import FIGURES
from side_by_side.results import Results
from side_by_side.sweep import sweep
from side_by_side.tables import required_table, workload_tables
from side_by_side.workloads import BY_NAME


def _run(seconds: float, **others: float) -> dict[str, float]:
    run = {"keys": 1_000, "calls": 1, "seconds": seconds, "cpu_seconds": seconds / 10}
    return run | {"resident_kib": 8_192, "peak_kib": 10_240, "p50_us": 1e3, "p99_us": 2e3} | others


def _case(case: Case, **runs: list[dict[str, Any]]) -> dict[str, Any]:
    kept = {"verb": case.verb, "keys": case.keys, "value_bytes": case.value_bytes}
    return {"name": case.name, "case": kept, "sweep": [], "runs": runs}


def _result(name: str, *cases: dict[str, Any], **others: Any) -> dict[str, Any]:
    noise = {"median_seconds": 0.02, "spread": 0.03}
    return {
        "workload": name,
        "commit": "0123456789ab",
        "changed": False,
        "day": "2026-11-23",
        "quick": False,
        "repetitions": 3,
        "machine": {"processor": "of tests", "cores": 2, "memory_gib": 24},
        "server": {"version": "5.0", "nodes": 1},
        "noise": {"before": noise, "after": noise},
        "cases": list(cases),
        **others,
    }


def _mset(ours: float, seed: float) -> dict[str, Any]:
    measured = _case(
        Case("mset", 1_000, 1_024),
        bytestore=[_run(ours), _run(ours), _run(ours)],
        seed=[_run(seed), _run(seed), {"error": "a time-out"}],
    )
    return _result("mset", measured)


def _misses() -> dict[str, Any]:
    return _result("misses", _case(Case("mget", 1_000, 10, absent=True), bytestore=[_run(1.0)]))


def _against_langchain(given: Results) -> tuple[float, bool]:
    figure = FIGURES[0]
    measured = figure.measure(given)
    assert measured is not None
    return measured.value, figure.met(measured)


def test_a_median_lies_in_its_interval() -> None:
    found = median([1.0, 2.0, 3.0, 4.0, 100.0])
    assert found.value == 3.0
    assert 1.0 <= found.low <= 3.0 <= found.high <= 100.0


def test_a_ratio_is_that_of_the_medians() -> None:
    found = ratio([2.0, 4.0, 6.0], [1.0, 2.0, 3.0])
    assert (found.value, found.low, found.high) == (2.0, 2.0, 2.0)  # of each round the same
    assert ratio([4.0, 4.0], [1.0, 2.0, 2.0]).value == 2.0


def test_a_figure_is_met_or_missed() -> None:
    assert _against_langchain(Results({"mset": _mset(0.1, 2.0)}, {})) == (pytest.approx(20), True)
    assert _against_langchain(Results({"mset": _mset(0.1, 1.0)}, {})) == (pytest.approx(10), False)


def test_the_table_says_by_how_much_a_figure_is_missed() -> None:
    first, second, *_ = required_table(Results({"mset": _mset(0.1, 1.0)}, {})).splitlines()[2:]
    assert "**missed by 50 %**" in first
    assert "not measured" in second


def test_a_figure_of_rocksdb_comes_from_its_pairs(tmp_path: Path) -> None:
    path = tmp_path / "rocksdb_bench.json"
    runs = [
        {"run_type": "iteration", "name": f"mget/{who}/real_time", "real_time": time}
        for who, time in (("store", 2.0), ("raw", 1.0), ("store", 2.0), ("raw", 1.0))
    ]
    aggregate = {"run_type": "aggregate", "name": "mget/store/real_time_mean", "real_time": 9.0}
    path.write_text(json.dumps({"benchmarks": [*runs, aggregate]}), encoding="utf-8")
    assert pairs(path) == {"mget": ([2.0, 2.0], [1.0, 1.0])}
    assert "| 0.5 | **missed by 44 %** |" in required_table(Results({}, pairs(path)))


def test_a_table_names_failures() -> None:
    failed = _case(Case("keys", 10, 100_000), bytestore=[_run(1)], seed=[{"error": "a | b"}])
    assert "failed: `a \\| b`" in workload_tables(_result("keys-100k", failed))
    assert "(1 runs failed)" in workload_tables(_mset(0.1, 2.0))


def test_results_of_trials_and_of_several_machines_are_refused(tmp_path: Path) -> None:
    results.save(tmp_path, _mset(0.1, 2.0))
    assert results.load(tmp_path).workloads.keys() == {"mset"}
    results.save(tmp_path, _result("mget", quick=True))
    with pytest.raises(ValueError, match="--quick: mget"):
        results.load(tmp_path)
    results.save(tmp_path, _result("mget", machine={"cores": 64}))
    with pytest.raises(ValueError, match="several machines"):
        results.load(tmp_path)


def test_the_document_gets_tables_and_pictures(tmp_path: Path) -> None:
    path = tmp_path / "benchmarks.md"
    marks = (document.DOCUMENT).read_text(encoding="utf-8")
    path.write_text(marks, encoding="utf-8")
    sizes = ((10_000, 1.0), (1_000_000, 1.1))
    growth = [_case(Case("mset", keys, 100), bytestore=[_run(s, keys=keys)]) for keys, s in sizes]
    given = Results({"mset": _mset(0.1, 2.0), "growth": _result("growth", *growth)}, {})
    document.write(given, path)
    written = path.read_text(encoding="utf-8")
    assert "![mset](benchmarks/mset.svg)" in written
    assert (tmp_path / "benchmarks" / "mset.svg").exists()
    assert (tmp_path / "benchmarks" / "growth.svg").exists()
    assert written.startswith(marks.partition("<!--")[0])
    document.write(given, path)  # what was there is replaced
    assert path.read_text(encoding="utf-8") == written


def test_the_document_keeps_what_was_not_measured_anew(tmp_path: Path) -> None:
    path = tmp_path / "benchmarks.md"
    path.write_text((document.DOCUMENT).read_text(encoding="utf-8"), encoding="utf-8")
    document.write(Results({"mset": _mset(0.1, 2.0), "misses": _misses()}, {}), path)
    document.write(Results({"mset": _mset(0.1, 3.0)}, {}), path)
    written = path.read_text(encoding="utf-8")
    assert "## misses: reads of absent keys" in written
    assert "| mset, 1 KiB, calls of 1,000, against LangChain's store | at least 20 | 30 |" in written
    document.write(Results({}, {}), path)
    assert "| mset, 1 KiB, calls of 1,000, against LangChain's store | at least 20 | 30 |" in (
        path.read_text(encoding="utf-8")
    )


def test_the_sweep_prefers_the_fastest() -> None:
    def measure(options: list[str]) -> dict[str, Any]:
        return {"keys": 1, "seconds": abs(int(options[1]) - 30) + int(options[3])}

    best = sweep(Case("mget", 1_000, 1_024), False, measure)[0]
    assert (best["window"], best["threads"]) == (32, 1)


class _Nowhere:
    """A place for contenders that need none."""

    environment: Mapping[str, str] = {}

    def for_case(self, case: Case) -> nullcontext[None]:
        return nullcontext()

    def for_run(
        self, case: Case, contender: str, program: Sequence[str]
    ) -> nullcontext[list[str]]:
        return nullcontext([])


def test_who_fails_is_not_run_again(tmp_path: Path) -> None:
    told: list[str] = []
    setting = Setting(
        place=_Nowhere(),
        programs=tmp_path,
        contenders=("bytestore", "ungrouped"),
        repetitions=3,
        quick=True,
        say=lambda _: None,
        recover=lambda: told.append("recovered"),
        meanwhile=None,
    )
    report = json.dumps(_run(1.0))
    program = tmp_path / "cassandra_bench"
    program.write_text(f"#!/bin/sh\n[ $1 = --grouping ] && exit 7\necho '{report}'\n", "ascii")
    program.chmod(0o755)
    runs = compare(Case("mset", 1_000, 10), setting)["runs"]
    assert runs == {"bytestore": [_run(1.0)] * 3, "ungrouped": [{"error": "exit code 7"}]}
    assert told == ["recovered"]


@pytest.mark.parametrize("workload", BY_NAME.values(), ids=lambda workload: workload.name)
def test_cases_have_names_of_their_own(workload: Any) -> None:
    names = [case.name for case in workload.cases]
    assert len(set(names)) == len(names)
    for case in workload.quick().cases:
        assert case.keys <= 200 and case.keys * case.value_bytes <= 2 << 20
