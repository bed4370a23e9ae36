"""`python -m benchmarks.remembering [QUERIES]`: what `qprof run` keeps of each query, in bytes.

A program of its own sends them, every one with parameters of its own, and compares the memory that
the kernel counts as its own after the first fiftieth and at the end. Linux only.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.pages import asked, publish

PROGRAM = """
import sys
from pathlib import Path
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

def held():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) * 1024

def send(first, last):
    for number in range(first, last):
        connection.exec_driver_sql("SELECT ? AS number", (number,)).all()

queries = int(sys.argv[1])
with create_engine("sqlite://", poolclass=StaticPool).connect() as connection:
    send(0, queries // 50)
    before = held()
    send(queries // 50, queries)
    print("each:", (held() - before) / (queries * 0.98))
"""


def main() -> None:
    """Print the table; write it, where that is asked for."""
    queries = next(iter(asked()), "1000000")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "sending.py")
        program.write_text(PROGRAM, encoding="utf-8")
        watched = [
            sys.executable,
            "-m",
            "qprof",
            "run",
            "--",
            sys.executable,
            str(program),
            queries,
        ]
        done = subprocess.run(watched, capture_output=True, text=True, check=False, cwd=folder)
    said = [line for line in done.stdout.splitlines() if line.startswith("each:")]
    if not said:
        sys.exit(done.stdout + done.stderr)
    line = (f"{int(queries):,}", f"{float(said[0].split()[1]):.1f}", "32")
    publish("remembering", [line], ("queries under `qprof run`", "bytes of each", "at most"))


if __name__ == "__main__":
    main()
