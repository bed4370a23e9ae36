"""The folder that the processes of a program write to.

What went wrong has its room from the start: a full disk is one of the things to be told. Each
process has the place of its id, as `inject/sitecustomize.py` has it, too.
"""

import os
from pathlib import Path

SETTINGS = "settings.json"
FAILURES = "failures"
_PLACES, _ROOM = 128, 256


def reserve(folder: Path) -> None:
    """Make room for what goes wrong. Raises OSError where there is none."""
    (folder / FAILURES).write_bytes(bytes(_PLACES * _ROOM))


def fail(folder: Path, error: BaseException) -> None:
    """Write down that something of ours went wrong, unless this process has done so before."""
    try:
        with (folder / FAILURES).open("r+b") as stream:
            at = os.getpid() % _PLACES * _ROOM
            stream.seek(at)
            if stream.read(1) in (b"", b"\0"):
                stream.seek(at)
                stream.write(_said(error).encode()[: _ROOM - 1])
    except (OSError, ValueError):
        pass


def failures(folder: Path) -> tuple[str, ...]:
    """Return what went wrong, each once."""
    file = folder / FAILURES
    text = file.read_bytes() if file.exists() else b""
    told = (part.decode(errors="replace") for part in text.split(b"\0") if part)
    return tuple(dict.fromkeys(told))


def _said(error: BaseException) -> str:
    """Return the kind of the error, and where: its own words may hold values of the program."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, ImportError):
        return str(error)
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    where = f" at {Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}" if step else ""
    return f"{type(error).__name__}{where}"
