"""qprof scan --fix: what would be changed, or was."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from qprof.cli.outcome import encodable

if TYPE_CHECKING:
    from qprof.scan.fixing.patches import Patches


def show_diff(found: "Patches", tell: Callable[[str], None]) -> None:
    """Print the diff, and on stderr what it comes to."""
    for each in found.files:
        typer.echo(encodable(each.diff, typer.get_text_stream("stdout").encoding), nl=False)
    _tell_kept(found, tell)
    if found.files:
        tell(f"Would change {_amount(found)}; add --write to do it.")
    else:
        tell("There is nothing to fix.")


def mend(found: "Patches", tell: Callable[[str], None]) -> bool:
    """Write the changes, and say so; return whether there were any."""
    from qprof import runs

    runs.mend(found)
    _tell_kept(found, tell)
    tell(f"Changed {_amount(found)}." if found.files else "There is nothing to fix.")
    return bool(found.files)


def _tell_kept(found: "Patches", tell: Callable[[str], None]) -> None:
    for sentence in found.kept:
        tell(sentence)


def _amount(found: "Patches") -> str:
    calls = sum(each.changes for each in found.files)
    files = len(found.files)
    return (
        f"{calls:,} loader call{'s' if calls != 1 else ''} in "
        f"{files:,} file{'s' if files != 1 else ''}"
    )
