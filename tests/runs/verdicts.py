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

Verdict = tuple[str | None, str]
"""The recommended plan, and which plans have the same objects."""


def verdict_of(comparison: Comparison) -> Verdict:
    """Return what is to be the same each time: no figure, since times are part of none."""
    same = ", ".join(f"{each.plan} {each.identical}" for each in comparison.plans)
    return comparison.recommended, same


def verdicts(repeat: int = 5) -> dict[str, Verdict]:
    """Return the verdict on each call of the sample library."""
    report = compare(Request(), (), repeat, lambda _: None)
    return {each.call: verdict_of(each) for each in report.comparisons}


def flips(rounds: Sequence[dict[str, Verdict]]) -> dict[str, list[Verdict]]:
    """Return the verdicts of each call that has several; a call that is missing has None."""
    calls = sorted({name for each in rounds for name in each})
    every = {name: [each.get(name, (None, "not compared")) for each in rounds] for name in calls}
    return {name: list(dict.fromkeys(v)) for name, v in every.items() if len(set(v)) > 1}


def main(times: int) -> int:
    """Compare so many times; return the exit code."""
    rounds: list[dict[str, Verdict]] = []
    for _ in range(times):
        rounds.append(verdicts())
        changed = flips(rounds)
        sys.stdout.write(
            f"{len(rounds)} of {times}: {len(rounds[-1])} calls, {len(changed)} with several "
            "verdicts\n"
        )
        for name, seen in changed.items():
            sys.stdout.write(f"  {name}: {'; '.join(map(str, seen))}\n")
        sys.stdout.flush()
    return 1 if flips(rounds) else 0


if __name__ == "__main__":
    sys.exit(main(*(int(each) for each in [*sys.argv[1:], "10"][:1])))
