"""Results as pictures: SVG, the same for the same results."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib

from .contenders import BY_NAME
from .estimates import Estimate, median
from .results import Result
from .samples import cost

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "bytestore"

from matplotlib import pyplot  # noqa: E402 - after the choice of what draws

_OURS, _OTHERS, _LIMIT = "#1f5fa8", "#b8bec8", "#e0a030"
_OURS_IN_FOLDERS = ("rocksdb", "python", "cpp_lmdb", "python_lmdb")
_WIDTH, _ROW_HEIGHT = 8.0, 0.32


def plot(name: str, result: Result, folder: Path) -> Path:
    """Draws a workload into `folder`; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.svg"
    figure = _growth(result) if name == "growth" else _bars(result)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
    return path


def _bars(result: Result) -> pyplot.Figure:
    """A panel for each case, a bar for each contender."""
    cases = result["cases"]
    rows = [sum(1 for _ in _rates(case)) for case in cases]
    figure, panels = pyplot.subplots(
        len(cases),
        figsize=(_WIDTH, _ROW_HEIGHT * sum(rows) + 0.9 * len(cases)),
        height_ratios=[max(1, count) for count in rows],
        layout="constrained",
        squeeze=False,
    )
    for case, panel in zip(cases, panels[:, 0], strict=True):
        _draw_bars(case, panel)
    return figure


def _draw_bars(case: dict[str, Any], panel: pyplot.Axes) -> None:
    names, rates = zip(*_rates(case), strict=True)
    values = [rate.value for rate in rates]
    errors = [[rate.value - rate.low for rate in rates], [rate.high - rate.value for rate in rates]]
    titles = [BY_NAME[name].title for name in names]
    colors = [_color(name) for name in names]
    bars = panel.barh(titles, values, xerr=errors, color=colors, capsize=2)
    panel.bar_label(bars, [f"{value:,.0f}" for value in values], padding=4, fontsize=7)
    panel.margins(x=0.12)
    panel.invert_yaxis()
    panel.set_title(case["name"], loc="left", fontsize=10)
    panel.set_xlabel("keys a second", fontsize=8)
    panel.tick_params(labelsize=8)


def _growth(result: Result) -> pyplot.Figure:
    """Cost per key over the number of keys, a line for each verb and contender."""
    figure, panel = pyplot.subplots(figsize=(_WIDTH, 4.0), layout="constrained")
    lines: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for case in result["cases"]:
        for name in case["runs"]:
            if costs := cost(case, name):
                line = lines.setdefault((case["case"]["verb"], name), [])
                line.append((case["case"]["keys"], 1e6 * median(costs).value))
    for (verb, name), points in lines.items():
        style = "--" if name == "limit" else "-"
        panel.plot(*zip(*points, strict=True), style, marker="o", label=f"{verb}, {name}")
    panel.set_xscale("log")
    panel.set_ylim(bottom=0)
    panel.set_xlabel("keys")
    panel.set_ylabel("µs a key")
    panel.legend(fontsize=8)
    return figure


def _rates(case: dict[str, Any]) -> Iterator[tuple[str, Estimate]]:
    for name in case["runs"]:
        if costs := cost(case, name):
            yield name, median([1 / seconds for seconds in costs])


def _color(name: str) -> str:
    if name == "limit":
        return _LIMIT
    in_folders = (f"{who}_{sync}" for who in _OURS_IN_FOLDERS for sync in ("sync", "nosync"))
    return _OURS if name in ("bytestore", "ungrouped", *in_folders) else _OTHERS
