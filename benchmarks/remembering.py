"""`python -m benchmarks.remembering [QUERIES]`: what `qprof run` keeps of each query, in bytes.

A program of its own sends them, every one with parameters of its own, and compares the memory that
the kernel counts as its own after the first fiftieth and at the end. Linux only.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

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
    print(f"{queries:,} queries: {(held() - before) / (queries * 0.98):.1f} bytes each")
"""


def main() -> None:
    """Print one line."""
    queries = sys.argv[1] if len(sys.argv) > 1 else "1000000"
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
    said = [line for line in done.stdout.splitlines() if "bytes each" in line]
    print(said[0] if said else done.stdout + done.stderr)


if __name__ == "__main__":
    main()
