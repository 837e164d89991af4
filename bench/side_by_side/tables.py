"""Results as Markdown tables."""

from collections.abc import Mapping
from typing import Any

from .contenders import BY_NAME
from .estimates import Estimate, median, ratio
from .required import FIGURES, Figure
from .results import Result, Results
from .samples import added, cost, error, samples

_HEAD = (
    "| contender | keys a second | bytestore's rate to it | client CPU, µs a key "
    "| p50, ms a call | p99 | memory, MiB | of it in the calls |"
)


def workload_tables(result: Result) -> str:
    return "\n\n".join(_case_table(case) for case in result["cases"])


def _case_table(case: dict[str, Any]) -> str:
    rows = [_row(case, name) for name in case["runs"]]
    lines = [f"**{case['name']}**", "", _HEAD, "|---|---|---|---|---|---|---|---|", *rows]
    if case["sweep"]:
        best = case["sweep"][0]
        lines += [
            "",
            f"The limit's best window was {best['window']}, with {best['threads']} thread(s).",
        ]
    return "\n".join(lines)


def _row(case: dict[str, Any], name: str) -> str:
    title, peer, costs = BY_NAME[name].title, BY_NAME[name].peer, cost(case, name)
    if not costs:
        return f"| {title} | failed: {_code(error(case, name) or 'not run')} | | | | | | |"
    rate = median([1 / seconds for seconds in costs])
    processor = median([1e6 * seconds for seconds in cost(case, name, "cpu_seconds")])
    p50, p99 = (median(samples(case, name, what)).value / 1e3 for what in ("p50_us", "p99_us"))
    peak = median(samples(case, name, "peak_kib")).value / 1_024
    more = median(added(case, name)).value / 1_024
    ours = cost(case, peer) if peer != name else []
    times = _with_interval(ratio(costs, ours)) if ours else ""
    failures = len(case["runs"][name]) - len(costs)
    note = f" ({failures} runs failed)" if failures else ""
    return (
        f"| {title} | {_with_interval(rate)}{note} | {times} | {_number(processor.value)} "
        f"| {_number(p50)} | {_number(p99)} | {_number(peak)} | {_number(more)} |"
    )


def required_table(results: Results, old: Mapping[str, str] | None = None) -> str:
    """`old` has rows of an older table by their figures, for those that were not measured."""
    rows = []
    for figure in FIGURES:
        measured = figure.measure(results)
        kept = (old or {}).get(figure.about) if measured is None else None
        rows.append(kept or _required_row(figure, measured))
    return "\n".join(["| figure | required | measured | |", "|---|---|---|---|", *rows])


def _required_row(figure: Figure, measured: Estimate | None) -> str:
    bound = f"{'at most' if figure.at_most else 'at least'} {_number(figure.bound)}"
    if figure.within_interval:
        bound += f", {_number(figure.within_interval)} within the interval"
    if measured is None:
        return f"| {figure.about} | {bound} | not measured | |"
    verdict = "met" if figure.met(measured) else _missed(figure, measured)
    return f"| {figure.about} | {bound} | {_with_interval(measured)} | {verdict} |"


def _missed(figure: Figure, measured: Estimate) -> str:
    if figure.within_interval and measured.value >= figure.bound:
        return f"**missed**: the interval ends below {_number(figure.within_interval)}"
    by = 100 * abs(measured.value - figure.bound) / figure.bound
    return f"**missed by {by:.0f} %**"


def _with_interval(estimate: Estimate) -> str:
    text = _number(estimate.value)
    if estimate.low == estimate.high:
        return text
    return f"{text} ({_number(estimate.low)} to {_number(estimate.high)})"


def _number(value: float) -> str:
    """Three digits that mean something."""
    if abs(value) >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}"


def _code(text: str) -> str:
    """As code in a cell of a table."""
    return "`" + text.replace("|", "\\|").replace("`", "'") + "`"
