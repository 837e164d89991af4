"""The runs of a case: contenders take turns, in another order each round."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .cases import Case
from .contenders import BY_NAME, Contender
from .places import Place
from .runs import Run, run
from .sweep import arguments, sweep

Say = Callable[[str], None]
Meanwhile = Callable[[], AbstractContextManager[None]]


def compare(
    case: Case,
    names: tuple[str, ...],
    place: Place,
    programs: Path,
    repetitions: int,
    quick: bool,
    say: Say,
    meanwhile: Meanwhile | None = None,
) -> dict[str, Any]:
    """Everything that was measured, by contender and in the order of the rounds."""
    contenders = [BY_NAME[name] for name in names if case.verb in BY_NAME[name].verbs]

    def measure(contender: Contender, options: list[str]) -> Run:
        command = [*contender.program(programs), *case.arguments(), *options]
        with place.for_run(case) as where:
            return run([*command, *where], place.environment, meanwhile() if meanwhile else None)

    measured: dict[str, Any] = {"name": case.name, "case": asdict(case), "sweep": []}
    options: dict[str, list[str]] = {contender.name: [] for contender in contenders}
    runs: dict[str, list[Run]] = {contender.name: [] for contender in contenders}
    with place.for_case(case):
        for contender in contenders:
            if contender.swept:
                tried = sweep(case, quick, lambda words, who=contender: measure(who, words))
                measured["sweep"] = tried
                options[contender.name] = arguments(tried[0]["window"], tried[0]["threads"])
        for number in range(repetitions):
            order = random.Random(number).sample(contenders, len(contenders))
            for contender in order:
                done = measure(contender, options[contender.name])
                runs[contender.name].append(done)
                say(f"{case.name}, round {number + 1}: {contender.name}: {_told(done)}")
    measured["runs"] = runs
    return measured


def _told(done: Run) -> str:
    if "error" in done:
        return f"failed: {done['error']}"
    return f"{done['keys'] / done['seconds']:,.0f} keys/s"
