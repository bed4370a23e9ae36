"""The folder that the processes of a program write to."""

from pathlib import Path

SETTINGS = "settings.json"
FAILURES = "failures"


def fail(folder: Path, error: BaseException) -> None:
    """Write down that something of ours went wrong; say nothing where that cannot be done."""
    try:
        with (folder / FAILURES).open("a", encoding="utf-8") as stream:
            stream.write(f"{type(error).__name__}: {error}".replace("\n", " ")[:500] + "\n")
    except (OSError, ValueError):
        pass
