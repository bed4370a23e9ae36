"""The example project, its database, and `qprof run` as a user starts it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import qprof
from qprof.domain.jsonvalue import from_json
from qprof.domain.trace import Call, Trace

collect_ignore = ["project"]
PROJECT = Path(__file__).parent / "project"
# Only this process is told where qprof is: the program that it runs has to do without.
QPROF = (
    sys.executable,
    "-c",
    f"import sys; sys.path.insert(0, {str(Path(qprof.__file__).parents[1])!r}); "
    "from qprof.cli import main; main()",
)


@dataclass(frozen=True)
class Done:
    """A `qprof run` that has ended."""

    code: int
    out: bytes
    err: str
    trace: Trace | None

    @property
    def calls(self) -> Mapping[str, Call]:
        assert self.trace is not None, self.err
        return {call.name: call for call in self.trace.calls}

    @property
    def totals(self) -> tuple[int, int]:
        """Queries and rows of all calls."""
        calls = self.calls.values()
        return sum(each.cost.queries for each in calls), sum(each.cost.rows for each in calls)

    def costs(self) -> dict[str, tuple[int, int, int]]:
        return {
            name: (call.cost.queries, call.cost.rows, call.cost.cells)
            for name, call in self.calls.items()
        }


class Shop:
    """The example project in a folder of its own database and its own counters."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counts = folder / "counts"
        self.counts.mkdir()
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")},
            "SHOP_DATABASE": str(folder / "shop.db"),
            "SHOP_COUNTS": str(self.counts),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.environment.pop("PYTHONPATH", None)

    def counted(self) -> tuple[int, int]:
        """Return queries and rows, by the project's own cursor, since the last time."""
        found = {"q": 0, "r": 0}
        for file in self.counts.iterdir():
            for line in file.read_text().splitlines():
                found[line[0]] += int(line[2:])
            file.unlink()
        return found["q"], found["r"]

    def plainly(self, *command: str, **more: Any) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            command, cwd=PROJECT, env=self.environment, capture_output=True, timeout=120, **more
        )

    def command(self, *command: str, options: tuple[str, ...] = ()) -> list[str]:
        output = str(self.folder / "trace.json")
        return [*QPROF, "run", "-o", output, *options, "--", *command]

    def run(self, *command: str, options: tuple[str, ...] = (), **more: Any) -> Done:
        done = self.plainly(*self.command(*command, options=options), **more)
        return self.done(done.returncode, done.stdout, done.stderr)

    def python(self, *arguments: str, options: tuple[str, ...] = ()) -> Done:
        return self.run(sys.executable, *arguments, options=options)

    def done(self, code: int, out: bytes, err: bytes) -> Done:
        file = self.folder / "trace.json"
        trace = read_trace(file) if file.exists() else None
        file.unlink(missing_ok=True)
        return Done(code, out, err.decode(), trace)


def read_trace(file: Path) -> Trace:
    value = json.loads(file.read_text(encoding="utf-8"))
    assert value.pop("schema") == "qprof.trace/1"
    return from_json(Trace, value)


def _listening() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def empty_shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shop = Shop(tmp_path_factory.mktemp("filled"))
    shop.plainly(sys.executable, "-c", "from shop.models import fill; fill()")
    return shop.folder / "shop.db"


@pytest.fixture
def shop(empty_shop: Shop, filled: Path) -> Shop:
    shutil.copy(filled, empty_shop.folder)
    return empty_shop


@pytest.fixture
def started(shop: Shop) -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Start `qprof run` in a process group of its own, and wait until its program says "ready"."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*command: str) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            shop.command(*command),
            cwd=PROJECT,
            env=shop.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            # A suite in the background ignores Ctrl-C, and its children would inherit that.
            preexec_fn=_listening,
        )
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()
