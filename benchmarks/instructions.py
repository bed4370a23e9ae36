"""`python -m benchmarks.instructions`: instructions of small statements, over those of bare ones.

Counted by valgrind's callgrind, which has to be installed. Unlike times they are nearly the same
again, whatever else the machine does: they differ with where Python's objects come to lie. What a
workload takes is the difference between processes that run it once and three times more.
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from benchmarks import workloads
from benchmarks.environments import ROOT
from benchmarks.instruments import INSTRUMENTS
from benchmarks.overhead import AT_MOST, OFTEN, PAIRS
from benchmarks.pages import asked, publish

MORE = 3
CHILD = "--child"
SMALL = tuple(PAIRS)[:4]
_COLLECTED = re.compile(r"Collected : (\d+)")


def run(instrument: str, workload: str, times: int) -> None:
    """Run a workload once, and so many times more."""
    workloads._FILL = workloads._FILL[:2]  # type: ignore[assignment]  # The others are not needed.
    attach, work = INSTRUMENTS[instrument], workloads.Workloads()
    named = work.named()[workload]
    for _ in range(1 + times):
        with attach(work):
            named()


def counted(instrument: str, workload: str, times: int) -> int:
    """Return the instructions of a process that does so."""
    child = [sys.executable, "-m", "benchmarks.instructions", CHILD, instrument, workload]
    tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}"]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [*tool, *child, str(times)], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    found = _COLLECTED.search(done.stderr)
    if done.returncode or found is None:
        sys.exit(done.stderr.strip().splitlines()[-1])
    return int(found[1])


def main() -> None:
    """Print the table; write it, where that is asked for."""
    wanted = [(each, workload) for each in OFTEN for workload in SMALL]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        more = [pool.submit(counted, *each, 1 + MORE) for each in wanted]
        less = [pool.submit(counted, *each, 1) for each in wanted]
        found = {
            each: (many.result() - one.result()) / MORE
            for each, many, one in zip(wanted, more, less, strict=True)
        }
    lines = [
        (each, *(f"{found[each, name] / found['bare', name]:.2f}" for name in SMALL))
        for each in OFTEN
    ]
    heads = ("instructions ÷ bare", *(PAIRS[name][0] for name in SMALL))
    publish("instructions", [*lines, ("at most", *AT_MOST[: len(SMALL)])], heads)


if __name__ == "__main__":
    if asked()[:1] == [CHILD]:
        run(*asked()[1:3], int(asked()[3]))
    else:
        main()
