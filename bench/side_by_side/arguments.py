"""The command line of the harness; script/bench fills in where the programs are."""

import argparse
from pathlib import Path

from .repository import REPOSITORY
from .workloads import BY_NAME, Workload

_BUILD = REPOSITORY / "build" / "bench"


def parse() -> argparse.Namespace:
    listed = "\n".join(f"  {name:14} {workload.about}" for name, workload in BY_NAME.items())
    parser = argparse.ArgumentParser(
        prog="script/bench",
        description="Measures byte stores side by side.",
        epilog=f"workloads:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "workloads",
        nargs="*",
        metavar="WORKLOAD",
        type=_workload,
        help="all of them unless named",
    )
    parser.add_argument(
        "--quick", action="store_true", help="one round of tiny cases, to see that all works"
    )
    parser.add_argument(
        "--repetitions",
        type=int,
        metavar="N",
        default=7,
        help="rounds, in each of which every contender runs once (default: %(default)s)",
    )
    parser.add_argument(
        "--report",
        action="store_true",
        help="measure nothing, and write docs/benchmarks.md from what was measured",
    )
    parser.add_argument(
        "--contender",
        action="append",
        dest="contenders",
        metavar="NAME",
        help="only this one of each workload's; repeatable (like --quick, a trial: see --results)",
    )
    parser.add_argument(
        "--build",
        type=Path,
        default=_BUILD,
        metavar="DIR",
        help="where the programs were built (default: build/bench)",
    )
    parser.add_argument(
        "--results",
        type=Path,
        metavar="DIR",
        help="where JSON is kept (default: results/side_by_side or results/trials in the build)",
    )
    parser.add_argument(
        "--server",
        type=Path,
        metavar="FILE",
        help="what `tools/cassandra up --json` printed of a running cluster, to be used as it is",
    )
    arguments = parser.parse_args()
    arguments.build = arguments.build.resolve()
    arguments.trial = arguments.quick or arguments.contenders is not None
    kept = "trials" if arguments.trial else "side_by_side"
    arguments.results = arguments.results or arguments.build / "results" / kept
    arguments.workloads = arguments.workloads or list(BY_NAME.values())
    return arguments


def _workload(name: str) -> Workload:
    if name not in BY_NAME:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(BY_NAME)}")
    return BY_NAME[name]
