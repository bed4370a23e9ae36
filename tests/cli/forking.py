"""Commands of qprof in processes of their own, forked from one that has imported qprof already.

Most of what a short command takes is the start of Python and the imports. Each command here has a
fresh copy of a process in which nothing else has happened.
"""

import atexit
import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

_PRELOADED = (
    "qprof.cli.app",
    "qprof.runs.bench",
    "qprof.runs.check",
    "qprof.runs.compare",
    "qprof.runs.scan",
    "qprof.targets.code",
    "qprof.seeding.library.repositories",
)


def run_forked(arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> Any:
    """Return the exit code, stdout and stderr of `python -m qprof` with those arguments."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        asked = {"arguments": list(arguments), "cwd": str(cwd), "out": str(out), "err": str(err)}
        server = _server()
        print(
            json.dumps({**asked, "environment": dict(environment)}), file=server.stdin, flush=True
        )
        code = int(server.stdout.readline())
        return code, *(each.read_text(encoding="utf-8") for each in (out, err))


@cache
def _server() -> Any:
    # Warnings show as they do for by_process; what a test sets for itself goes with each command.
    environment = {**os.environ, "PYTHONWARNINGS": "default"}
    server = subprocess.Popen(
        [sys.executable, str(Path(__file__))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    )
    atexit.register(server.communicate)
    return server


def _serve() -> None:
    for name in _PRELOADED:
        __import__(name)
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            _become(**asked)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _become(
    arguments: Sequence[str], cwd: str, environment: Mapping[str, str], out: str, err: str
) -> NoReturn:
    """Be the process that `python -m qprof` would be, to its end."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    before = environment.get("PYTHONPATH", "")
    sys.path[:1] = [cwd, *filter(None, before.split(os.pathsep))]
    sys.argv = [f"{Path(sys.executable)} -m qprof", *arguments]
    for number, file in enumerate((os.devnull, out, err)):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT
        os.dup2(os.open(file, flags, 0o600), number)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    code = _ended()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(code)


def _ended() -> int:
    from qprof.cli import main

    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    _serve()
