"""What happens to a result: it is printed or written, and decides the exit code."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import typer

from qprof.cli.complaint import complaint
from qprof.cli.interruption import interruptible
from qprof.domain.errors import MeasureError, QprofError
from qprof.domain.files import write_whole
from qprof.domain.registry import lookup
from qprof.domain.report import LEVELS, Report
from qprof.reporters import REPORTERS, Canvas, Reporter, terminal
from qprof.targets.config import FAIL_ON, Config, read_config, settings_beyond


def found_settings(file: Path | None, tell: Callable[[str], None]) -> Config:
    """Return the settings; those of a folder above are named, and so is its code importable."""
    found = read_config(file, Path.cwd())
    if found.file is not None and found.folder != Path():
        tell(f"qprof: settings of {os.path.relpath(found.file)}.")
        sys.path.insert(0, str(found.folder))
    beyond = settings_beyond(Path.cwd()) if found.file is None else None
    if beyond is not None:
        tell(
            f"qprof: {os.path.relpath(beyond)} is not read, since no repository holds it and this "
            f"folder. To use it: --config {os.path.relpath(beyond)}"
        )
    return found


def pairs(texts: Sequence[str] | None, option: str) -> dict[str, str]:
    """Return `texts` of the form NAME=VALUE as a mapping.

    Raises QprofError for another form, or a name given twice.
    """
    found: dict[str, str] = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise QprofError(f"{option} {text!r} is not of the form NAME=VALUE.")
        if name.strip() in found:
            raise QprofError(f"{option} gives {name.strip()} twice.")
        found[name.strip()] = value
    return found


INTERRUPTED = 130
"""128 and the number of SIGINT, as shells have it."""


NOTHING_SEEN = 3
"""Nothing was measured, and a profile that saw nothing is never a pass."""


@contextmanager
def told() -> Iterator[None]:
    """Turn an error of ours into its sentence and exit code. Everything else is a bug and shows.

    SIGTERM is taken for Ctrl-C: what was opened is rolled back and closed.
    """
    try:
        with interruptible() as check:
            try:
                yield
            except QprofError:
                # It may be what became of an interrupt.
                check()
                raise
    except QprofError as error:
        for line in complaint(error):
            typer.echo(line, err=True)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        typer.echo("error: stopped by Ctrl-C; nothing was written.", err=True)
        raise typer.Exit(INTERRUPTED) from None


def teller(quiet: bool) -> Callable[[str], None]:
    """Return what prints a line for the user to stderr; with `quiet`, what swallows it."""
    return _silent if quiet else _say


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _silent(_: str) -> None:
    pass


_PLAIN = str.maketrans("×±·–…→✗█├└│─", "x~--~>x#|`|-")
"""For terminals that know ASCII alone."""

Destination = tuple[Reporter, Path | None]


_ENDINGS = {
    ".csv": "csv",
    ".htm": "html",
    ".html": "html",
    ".json": "json",
    ".md": "markdown",
    ".sarif": "sarif",
    ".xml": "junit",
}


def destinations(
    formats: Sequence[str] | None, output: Path | None = None, *, json: bool = False
) -> list[Destination]:
    """Return where each --format goes, with --json for one of them.

    What names no file goes to `output`, where there is one; without a format, its ending says
    which. Raises QprofError for a format that does not exist, and for two to one file.
    """
    texts = [*(formats or ()), *(["json"] if json else [])]
    if not texts:
        default = next(iter(REPORTERS))
        texts = [_ENDINGS.get(output.suffix.lower(), default) if output else default]
    found = [_destination(text) for text in texts]
    if output is not None and sum(file is None for _, file in found) != 1:
        raise QprofError(
            f"-o {output} is for one format that names no file; write -f NAME=FILE for each."
        )
    return [(reporter, file or output) for reporter, file in found]


def _destination(text: str) -> Destination:
    name, equals, file = text.partition("=")
    if equals and not file:
        raise QprofError(f"--format {text} names no file; write --format {name}=report.txt.")
    return lookup("format", name, REPORTERS), Path(file) if file else None


_WHOLE = Canvas()


def emit(
    report: Report,
    wanted: Sequence[Destination],
    *,
    err: bool = False,
    shape: Canvas = _WHOLE,
    tell: Callable[[str], None],
) -> None:
    """Print the report, or write it to the files that were named; each whole or not at all.

    With `err` it is printed to stderr: stdout belongs to the program that was run. `shape` says
    how much of it. `tell` hears of each file.
    """
    for reporter, file in wanted:
        if file is None:
            stream = sys.stderr if err else sys.stdout
            seen = terminal(stream)
            shown = replace(shape, width=seen.width, colour=seen.colour, links=seen.links)
            text = reporter(report, shown)
            shown_text = encodable(text, stream.encoding)
            # Click takes colours out of what goes to no terminal, FORCE_COLOR or not.
            typer.echo(shown_text, nl=False, err=err, color=seen.colour or None)
        else:
            write_whole(file, reporter(report, shape))
            tell(f"Wrote {file}.")


def encodable(text: str, encoding: str | None) -> str:
    """Return `text` as a stream of that encoding can show it, in as many characters."""
    try:
        text.encode(encoding or "ascii")
    except UnicodeEncodeError:
        plain = text.translate(_PLAIN)
        return plain.encode(encoding or "ascii", "replace").decode(encoding or "ascii")
    return text


def level(fail_on: str) -> str:
    """Return the level that was asked for. Raises QprofError for one that does not exist."""
    return lookup("level for --fail-on", fail_on, {name: name for name in FAIL_ON})


def exit_code(report: Report, fail_on: str) -> int:
    """Return 130 after Ctrl-C, 3 where a call was not measured, 1 where a gate is broken, else 0.

    A gate is broken by a finding at or over `fail_on`, and by a breach that is an error and is not
    acknowledged.
    """
    if report.interrupted:
        return INTERRUPTED
    if any(each.raised for each in report.unmeasured):
        return MeasureError.exit_code
    if any(each.level == "error" and not each.acknowledged for each in report.breaches):
        return 1
    if fail_on == "never":
        return 0
    least = LEVELS.index(fail_on)
    return int(any(LEVELS.index(each.level) >= least for each in report.findings))
