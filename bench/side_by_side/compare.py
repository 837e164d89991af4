"""The runs of a case: contenders take turns, in another order each round."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from .cases import Case
from .contenders import BY_NAME, Contender
from .places import Place
from .runs import Run, run
from .sweep import arguments, sweep


@dataclass(frozen=True)
class Setting:
    """What is the same for all cases of a workload."""

    place: Place
    programs: Path
    contenders: tuple[str, ...]
    repetitions: int
    quick: bool
    say: Callable[[str], None]
    recover: Callable[[], None]  # called after a run that failed
    meanwhile: Callable[[], AbstractContextManager[None]] | None  # around what is measured
    swept: dict[Case, list[dict[str, Any]]] = field(default_factory=dict)  # by case of no keys

    def sweep(self, case: Case, contender: Contender) -> list[dict[str, Any]]:
        """Cases that differ in their number of keys alone share one, with the keys of the first."""
        kind = replace(case, keys=0)
        if kind not in self.swept:
            measure = partial(self.measure, case, contender)
            self.swept[kind] = sweep(case, self.quick, measure)
        return self.swept[kind]

    def measure(self, case: Case, contender: Contender, options: list[str]) -> Run:
        if contender.slow:
            case = case.of_slow()
        program = contender.program(self.programs)
        command = [*program, *case.arguments(), *options]
        with self.place.for_run(case, contender.name, program) as where:
            meanwhile = self.meanwhile() if self.meanwhile else None
            return run([*command, *where], self.place.environment, meanwhile)


def compare(case: Case, setting: Setting) -> dict[str, Any]:
    """Everything that was measured, by contender and in the order of the rounds.

    A contender that fails is not run again: some failures take the server down with them.
    """
    asked = [BY_NAME[name] for name in setting.contenders]
    contenders = [contender for contender in asked if _can(contender, case)]

    measured: dict[str, Any] = {"name": case.name, "case": asdict(case), "sweep": []}
    options: dict[str, list[str]] = {contender.name: [] for contender in contenders}
    runs: dict[str, list[Run]] = {contender.name: [] for contender in contenders}
    with setting.place.for_case(case):
        for contender in contenders:
            if contender.swept:
                tried = setting.sweep(case, contender)
                measured["sweep"] = tried
                options[contender.name] = arguments(tried[0]["window"], tried[0]["threads"])
        for number in range(setting.repetitions):
            order = random.Random(number).sample(contenders, len(contenders))
            for contender in order:
                if any("error" in run for run in runs[contender.name]):
                    continue
                done = setting.measure(case, contender, options[contender.name])
                runs[contender.name].append(done)
                setting.say(f"{case.name}, round {number + 1}: {contender.name}: {_told(done)}")
                if "error" in done:
                    setting.recover()
    measured["runs"] = runs
    return measured


def _can(contender: Contender, case: Case) -> bool:
    return case.verb in contender.verbs and (case.callers == 1 or contender.called_at_once)


def _told(done: Run) -> str:
    if "error" in done:
        return f"failed: {done['error']}"
    return f"{done['keys'] / done['seconds']:,.0f} keys/s"
