"""The verdicts of `compare` on every call of the sample library, several times over.

    python -m tests.runs.verdicts [TIMES]

Each time is one run of `compare` over all calls. A call whose verdict differs between two of them
is printed, and the exit code is 1. Run it on a busy machine, too: times decide last.
"""

import sys
from collections.abc import Sequence

from qprof.domain.report import Comparison
from qprof.runs.compare import compare
from qprof.runs.request import Request


def verdict_of(comparison: Comparison) -> str:
    """Return the recommended plan. A slow machine measures fewer plans, and decides alike."""
    return comparison.recommended or "none"


def verdicts(repeat: int = 5) -> dict[str, str]:
    """Return the verdict on each call of the sample library."""
    report = compare(Request(), (), repeat, lambda _: None)
    return {each.call: verdict_of(each) for each in report.comparisons}


def flips(rounds: Sequence[dict[str, str]]) -> dict[str, list[str]]:
    """Return the verdicts of each call that has several; a call may be missing."""
    calls = sorted({name for each in rounds for name in each})
    every = {name: [each.get(name, "not compared") for each in rounds] for name in calls}
    return {name: list(dict.fromkeys(v)) for name, v in every.items() if len(set(v)) > 1}


def main(times: int) -> int:
    """Compare so many times; return the exit code."""
    rounds: list[dict[str, str]] = []
    for _ in range(times):
        rounds.append(verdicts())
        changed = flips(rounds)
        sys.stdout.write(
            f"{len(rounds)} of {times}: {len(rounds[-1])} calls, {len(changed)} with several "
            "verdicts\n"
        )
        for name, seen in changed.items():
            sys.stdout.write(f"  {name}: {', '.join(seen)}\n")
        sys.stdout.flush()
    return 1 if flips(rounds) else 0


if __name__ == "__main__":
    sys.exit(main(*(int(each) for each in [*sys.argv[1:], "10"][:1])))
