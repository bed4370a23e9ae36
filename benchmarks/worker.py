"""`python benchmarks/worker.py INSTRUMENT`: runs the workloads named on its input, one by one.

Answers the names first, then for each line that names a workload the seconds of CPU time that it
took, the attaching and detaching of the instrument included, or nan where it raises.
"""

import gc
import sys
import traceback
from collections.abc import Callable
from math import nan
from time import process_time
from typing import Any

from benchmarks.instruments import INSTRUMENTS, Attach
from benchmarks.workloads import Workloads


def main() -> None:
    """Serve until the input ends."""
    attach, work = INSTRUMENTS[sys.argv[1]], Workloads()
    # Some of them print; the answers are read line by line.
    answers, sys.stdout = sys.stdout, sys.stderr
    named = work.named()
    broken = {name for name, run in named.items() if not _warm(attach, work, run)}
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        name = line.strip()
        taken = nan if name in broken else _seconds(attach, work, named[name])
        print(taken, file=answers, flush=True)


def _warm(attach: Attach, work: Workloads, run: Callable[[], Any]) -> bool:
    """Run once bare and once watched; return whether the instrument can stand it."""
    run()
    try:
        with attach(work):
            run()
    except ImportError:
        raise
    except Exception:
        traceback.print_exc()
        return False
    return True


def _seconds(attach: Attach, work: Workloads, run: Callable[[], Any]) -> float:
    gc.collect()
    started = process_time()
    with attach(work):
        run()
    return process_time() - started


if __name__ == "__main__":
    main()
