"""Runs a command with qprof inside: by environment variables alone, with signals left to it."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from qprof.domain.errors import MeasureError, QprofError
from qprof.targets.program.folder import SETTINGS, reserve

INJECT = Path(__file__).parent / "inject"
_FORWARDED = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
_SIGNALLED = 128
"""As shells have it: death by signal n is 128 + n."""


class NotFound(QprofError):
    """The command does not exist: what a shell answers with 127."""

    exit_code = 127


class NotExecutable(QprofError):
    """The command exists and cannot be run: what a shell answers with 126."""

    exit_code = 126


def launch(
    command: Sequence[str], folder: Path, calls: Sequence[str], *, sizes: bool = False
) -> int:
    """Run `command` until it ends and return its exit code; its processes write to `folder`.

    Ctrl-C goes to the whole foreground group: the command has it from the terminal, and this
    process waits. Other signals that this process gets are passed on. Raises QprofError where the
    command cannot be started, and MeasureError where its processes have no room to write.
    """
    try:
        settings = json.dumps({"calls": list(calls), "bytes": sizes})
        (folder / SETTINGS).write_text(settings, encoding="utf-8")
        reserve(folder)
    except OSError as error:
        raise MeasureError(f"There is no room in {folder.parent}: {error.strerror}.") from None
    started: list[subprocess.Popen[bytes]] = []
    with _signals(started):
        started.append(_start(command, _environment(folder)))
        code = started[0].wait()
    return code if code >= 0 else _SIGNALLED - code


def _environment(folder: Path) -> dict[str, str]:
    path = os.environ.get("PYTHONPATH")
    path = f"{INJECT}{os.pathsep}{path}" if path else str(INJECT)
    return {**os.environ, "PYTHONPATH": path, "QPROF_TRACES": str(folder)}


def _start(command: Sequence[str], environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(command, env=environment)
    except FileNotFoundError:
        raise NotFound(f"The command {command[0]} was not found.") from None
    except OSError as error:
        raise NotExecutable(f"The command {command[0]} cannot be run: {error.strerror}.") from None


@contextmanager
def _signals(started: "list[subprocess.Popen[bytes]]") -> Iterator[None]:
    def forward(number: int, _frame: FrameType | None) -> None:
        for process in started:
            process.send_signal(number)

    def leave_to_the_command(_number: int, _frame: FrameType | None) -> None:
        pass

    # Handlers, not SIG_IGN: an ignored signal would stay ignored in the command.
    wanted: dict[str, object] = {
        **dict.fromkeys(_FORWARDED, forward),
        "SIGINT": leave_to_the_command,
    }
    before = [each for name, handler in wanted.items() for each in _set(name, handler)]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _set(name: str, handler: Any) -> Iterator[tuple[int, Any]]:
    """Set a handler where the system knows the signal and it is not ignored, as under nohup."""
    number = getattr(signal, name, None)
    if number is not None and signal.getsignal(number) != signal.SIG_IGN:
        yield number, signal.signal(number, handler)
