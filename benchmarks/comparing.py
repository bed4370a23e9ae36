"""`python -m benchmarks.comparing [CALL…]`: where the time of a `qprof compare` goes.

Each comparison is a process of its own, from the cached sample library to the printed table. What
it reports, the median of each plan times its repeats, is 1; the rest is qprof's own. Wall time.
"""

import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout, suppress
from importlib import import_module
from io import StringIO
from time import perf_counter
from typing import Any

from benchmarks.pages import asked, publish, spread

ROUNDS = 5
CALLS = ("artists.search", "artists.get_all")
CHILD = "--child"
STAGES: Mapping[tuple[str, str], str] = {
    ("qprof.runs.preparing", "sample_library"): "finding the sample library",
    ("qprof.runs.compare", "foreseen"): "predicting",
    ("qprof.runs.compare", "look"): "as written: cold, its paths, watched, needed",
    ("qprof.measure.experiments.as_written", "_written"): "as written, to compare with",
    ("qprof.measure.experiments.as_written", "_try"): "each plan once, its objects compared",
    ("qprof.measure.experiments.as_written", "repeat"): "timed runs",
    ("qprof.runs.compare", "judge"): "judging",
    ("qprof.cli.measured", "emit"): "rendering",
}
"""By where a function is looked up: what it does. None of them calls another."""


def timed(call: str) -> None:
    """Compare one call as the command does, and print the seconds of each stage."""
    started = perf_counter()
    seconds: dict[str, float] = dict.fromkeys(STAGES.values(), 0.0)
    reports: list[Any] = []
    cli = import_module("qprof.cli")
    for (module, name), stage in STAGES.items():
        _watch(import_module(module), name, stage, seconds, reports)
    imported = perf_counter() - started
    sys.argv = ["qprof", "compare", call, "--quiet"]
    with redirect_stdout(StringIO()), suppress(SystemExit):
        cli.main()
    whole = perf_counter() - started
    plans = reports[-1].comparisons[0].plans
    bare = sum((plan.seconds or 0.0) * plan.repeats for plan in plans)
    rest = whole - imported - sum(seconds.values())
    print(bare, whole, imported, *seconds.values(), rest)


def _watch(
    module: Any, name: str, stage: str, seconds: dict[str, float], reports: list[Any]
) -> None:
    original: Callable[..., Any] = getattr(module, name)

    def watched(*given: Any, **named: Any) -> Any:
        started = perf_counter()
        try:
            result = original(*given, **named)
        finally:
            seconds[stage] += perf_counter() - started
        if name == "judge":
            reports.append(result)
        return result

    setattr(module, name, watched)


def measured(call: str) -> dict[str, list[float]]:
    """Return the ratios of each stage to what the comparison reports."""
    names = ("whole", "imports", *STAGES.values(), "the rest")
    found: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(ROUNDS):
        command = [sys.executable, "-m", "benchmarks.comparing", CHILD, call]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        bare, *seconds = map(float, said.split())
        for name, each in zip(names, seconds, strict=True):
            found[name].append(each / bare)
    return found


def main() -> None:
    """Print the table; write it, where that is asked for."""
    calls = asked() or CALLS
    found = [measured(call) for call in calls]
    lines = [(name, *(spread(each[name]) for each in found)) for name in found[0]]
    publish(
        "comparing",
        [*lines, ("whole, at most", *["1.30"] * len(calls))],
        ("÷ the runs that it reports", *calls),
    )


if __name__ == "__main__":
    if sys.argv[1:2] == [CHILD]:
        timed(sys.argv[2])
    else:
        main()
