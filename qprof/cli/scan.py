"""qprof scan, and with --fix what would be changed, or was."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qprof.cli import options
from qprof.cli.outcome import (
    Destination,
    destinations,
    emit,
    encodable,
    exit_code,
    found_settings,
    level,
    teller,
    told,
)
from qprof.domain.errors import QprofError
from qprof.domain.words import counted

if TYPE_CHECKING:
    from qprof.scan.fixing.patches import Patches

Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH", help="Files and folders to scan; this folder by default."),
]
With = Annotated[
    list[Path] | None,
    typer.Option(
        "--with",
        metavar="FILE",
        help="A report of qprof profile or compare, saved with -f json=FILE; its measurements "
        "confirm or dismiss findings. Repeatable.",
    ),
]
Fix = Annotated[
    bool,
    typer.Option(
        "--fix",
        help="Print a diff in which joined collections are loaded by selectinload; nothing is "
        "written.",
    ),
]
Write = Annotated[bool, typer.Option("--write", help="With --fix: change the files.")]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN", help="Skip files and folders whose name or path matches. Repeatable."
    ),
]


def scan(
    paths: Paths = None,
    measured: With = None,
    fix: Fix = False,
    write: Write = False,
    exclude: Exclude = None,
    formats: options.Formats = None,
    json: options.Json = False,
    output: options.Output = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    fail_on: options.FailOn = None,
    config: options.ConfigFile = None,
    quiet: options.Quiet = False,
) -> None:
    """Find risky loader options in source code, without running it.

    Nothing is imported or run. A file that cannot be parsed is named and skipped, and the exit
    code is 3.
    """
    with told():
        from qprof.runs.scan import ScanRequest, scan_files

        settings = found_settings(config, teller(quiet))
        least, tell = level(fail_on or settings.fail_on), teller(quiet)
        wanted = destinations(formats, output, json=json)
        _check_destinations(wanted if formats or json else [], fix=fix, write=write)
        asked = ScanRequest(
            paths or [Path()], settings, select, ignore, exclude or (), measured or ()
        )
        found = scan_files(asked)
        if fix and write and mend(found.patches(), tell):
            found = scan_files(asked)
        elif fix:
            show_diff(found.patches(), tell)
            tell_proofs(found.proofs(), tell)
        shown = [each for each in wanted if each[1] is not None or not (fix and not write)]
        emit(found.report, shown, tell=tell)
        if not fix and any(each.changes for each in found.suspects):
            given = " ".join(map(str, paths or ()))
            command = f"qprof scan {given}".rstrip()
            tell(f"`{command} --fix` shows the fixes as a diff; `--fix --write` applies them.")
        raise typer.Exit(exit_code(found.report, least))


def _check_destinations(named: list[Destination], *, fix: bool, write: bool) -> None:
    if write and not fix:
        raise QprofError("--write needs --fix; qprof scan --fix shows what would be written.")
    if fix and not write and any(file is None for _, file in named):
        raise QprofError(
            "--fix prints a diff to stdout, and so would --format; name a file, as in "
            "--format json=report.json, or add --write."
        )


def show_diff(found: "Patches", tell: Callable[[str], None]) -> None:
    """Print the diff, and on stderr what it comes to."""
    for each in found.files:
        typer.echo(encodable(each.diff, typer.get_text_stream("stdout").encoding), nl=False)
    _tell_kept(found, tell)
    if found.files:
        tell(f"Would change {_amount(found)}; add --write to do it.")
    else:
        tell("There is nothing to fix.")


def tell_proofs(commands: Sequence[str], tell: Callable[[str], None]) -> None:
    """Say what proves the changes; nothing where there are none."""
    if commands:
        tell(f"Run before and after, to prove it: {'; '.join(commands)}")


def mend(found: "Patches", tell: Callable[[str], None]) -> bool:
    """Write the changes, and say so; return whether there were any."""
    from qprof.runs.scan import mend as change_files

    change_files(found)
    _tell_kept(found, tell)
    tell(f"Changed {_amount(found)}." if found.files else "There is nothing to fix.")
    return bool(found.files)


def _tell_kept(found: "Patches", tell: Callable[[str], None]) -> None:
    for sentence in found.kept:
        tell(sentence)


def _amount(found: "Patches") -> str:
    calls = sum(each.changes for each in found.files)
    return f"{counted(calls, 'loader call')} in {counted(len(found.files), 'file')}"
