"""`make bench`: the CPU time of a workload under a profiler, divided by its time bare.

For each profiler, a bare process and one with it are started anew in each round, and run a
workload in turn, one process at a time; a ratio is of two neighbouring runs. Bare against bare is
the noise floor: a ratio within its spread says nothing. `--write` puts the table into
docs/performance.md; names of instruments leave the others out.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from math import isnan
from tempfile import TemporaryFile

from benchmarks.environments import ROOT, python_of, version_in
from benchmarks.instruments import INSTRUMENTS, PEERS
from benchmarks.pages import publish, spread
from benchmarks.workloads import TINY

ROUNDS = 1
OFTEN = ("bare", "qprof", "ten lines that count")
"""Run three rounds: between them differences are small."""
PAIRS: Mapping[str, tuple[str, int]] = {
    f"{TINY} driver-level selects": ("driver SQL", 12),
    f"{TINY} Core selects": ("Core", 12),
    f"{TINY} ORM selects of one row": ("ORM", 8),
    f"{TINY} lazy loads": ("lazy", 8),
    "10,000 rows by selectin": ("selectin", 6),
    "20,000 rows joined": ("joined", 3),
    "500,000 rows at once": ("all", 3),
    "500,000 rows one by one": ("iterated", 3),
    f"{TINY // 2} async Core selects": ("async", 6),
}
"""The head of the column, and the pairs of runs in one round."""
AT_MOST = ("1.20", "1.08", "1.05", "1.05", "1.02", "1.02", "1.02", "1.07", "")
"""What qprof sets itself, in the order of the columns."""

Ratios = dict[str, list[float]]


class Worker:
    """A process that has run every workload once and waits to be told which to run."""

    def __init__(self, instrument: str) -> None:
        # A file: a pipe that nobody reads would stop whoever prints much.
        self._said = TemporaryFile("w+")  # noqa: SIM115
        self._process = subprocess.Popen(
            [python_of(instrument), str(ROOT / "benchmarks" / "worker.py"), instrument],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
        )
        self._answer()

    def seconds(self, workload: str) -> float:
        """Return the CPU time of one run."""
        assert self._process.stdin is not None
        print(workload, file=self._process.stdin, flush=True)
        return float(self._answer())

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._said.seek(0)
            raise RuntimeError(
                (self._said.read().strip().splitlines() or ["it ended without a word"])[-1]
            )
        return line.strip()

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._said.close()


@contextmanager
def started(*instruments: str) -> Iterator[list[Worker]]:
    """Start a worker for each, and end them all."""
    with ExitStack() as stack:
        yield [stack.enter_context(closing(Worker(each))) for each in instruments]


def ratios(instrument: str) -> Ratios:
    """Return the ratios of each workload; raises what keeps the instrument from running."""
    found: Ratios = defaultdict(list)
    for _ in range(ROUNDS * 3 if instrument in OFTEN else ROUNDS):
        with started("bare", instrument) as (bare, watched):
            for workload, (_, pairs) in PAIRS.items():
                for pair in range(pairs):
                    found[workload].append(_ratio(bare, watched, workload, turned=pair % 2 > 0))
    return found


def _ratio(bare: Worker, watched: Worker, workload: str, *, turned: bool) -> float:
    if turned:
        above = watched.seconds(workload)
        return above / bare.seconds(workload)
    below = bare.seconds(workload)
    return watched.seconds(workload) / below


def line(instrument: str) -> tuple[str, ...]:
    """Return a line of the table: medians and quartiles, or why there are none."""
    try:
        name = _named(instrument)
        found = ratios(instrument)
    except subprocess.CalledProcessError as problem:
        said = str(problem.stderr or problem).strip().splitlines()[-1]
        return instrument, f"cannot be installed: {said[:60]}"
    except RuntimeError as problem:
        return instrument, f"cannot be attached: {str(problem)[:60]}"
    return name, *(_shown(found[workload]) for workload in PAIRS)


def _named(instrument: str) -> str:
    if instrument == "bare":
        return "bare (noise floor)"
    if instrument not in PEERS:
        return instrument
    return f"{instrument} {version_in(python_of(instrument), instrument)}"


def _shown(values: Sequence[float]) -> str:
    if any(map(isnan, values)):
        return "raises"
    return spread(values)


def _is_ratio(cell: str) -> bool:
    return cell[:1].isdigit()


def main() -> None:
    """Print the table; write it, where that is asked for."""
    parser = argparse.ArgumentParser(description="Time profilers against bare runs.")
    parser.add_argument("instrument", nargs="*", help=", ".join(INSTRUMENTS))
    parser.add_argument("--write", action="store_true", help="into docs/performance.md, too")
    asked = parser.parse_args()
    lines = []
    for each in asked.instrument or INSTRUMENTS:
        print(each, file=sys.stderr)
        lines.append(line(each))
    heads = ("÷ bare", *(head for head, _ in PAIRS.values()))
    without = [row[0] for row in lines if row[0] in OFTEN and not any(map(_is_ratio, row[1:]))]
    if asked.write and without:
        sys.exit(f"Nothing was written: there are no figures of {', '.join(without)}.")
    publish("overhead", [*lines, ("at most", *AT_MOST)], heads)


if __name__ == "__main__":
    main()
