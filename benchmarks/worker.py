"""`python -m benchmarks.worker INSTRUMENT`: runs the workloads named on its input, one by one.

Answers the names first, then for each line that names a workload the seconds of CPU time that it
took, the attaching and detaching of the instrument included.
"""

import gc
import sys
from time import process_time

from benchmarks.instruments import INSTRUMENTS
from benchmarks.workloads import Workloads


def main() -> None:
    """Serve until the input ends."""
    attach, work = INSTRUMENTS[sys.argv[1]], Workloads()
    # Some of them print; the answers are read line by line.
    answers, sys.stdout = sys.stdout, sys.stderr
    named = work.named()
    for name, (run, _) in named.items():
        if name in sys.argv[2:] or not sys.argv[2:]:
            run()
            with attach(work):
                run()
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        run, _ = named[line.strip()]
        gc.collect()
        started = process_time()
        with attach(work):
            run()
        print(process_time() - started, file=answers, flush=True)


if __name__ == "__main__":
    main()
