"""qprof baseline: write, update, prune."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from qprof.cli import options
from qprof.cli.measuring import Request, Tell, changes
from qprof.judge.budgets import NAME, read_acknowledgement

if TYPE_CHECKING:
    from qprof.runs.baseline import Kept

baseline = typer.Typer(
    help="Manage the baseline that `qprof check` compares with.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
)


def _show(kept: "Kept") -> None:
    for line in kept.said:
        typer.echo(line)
    did = "Wrote" if kept.written else "Nothing to change in"
    typer.echo(f"{did} {kept.file}: {kept.entries:,} entries.")


@baseline.command()
@changes(_show)
def write(request: Request, tell: Tell, baseline_file: options.BaselineFile = None) -> "Kept":
    """Write a new baseline: what calls cost today.

    A file that is there already is left alone.
    """
    from qprof.runs.baseline import write_baseline

    return write_baseline(request, baseline_file or request.folder / NAME, tell)


@baseline.command()
@changes(_show)
def update(
    request: Request,
    tell: Tell,
    baseline_file: options.BaselineFile = None,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why a call may cost more from now on.")
    ] = None,
    by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who accepts the new cost.")
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="The last day of the exception, such as 2030-12-31."),
    ] = None,
) -> "Kept":
    """Update entries: calls that improved, new calls, and accepted increases.

    The entries of the named calls rise only with --reason, --by and --expires. After the day of
    --expires, the old limit holds again.
    """
    from qprof.runs.baseline import update_baseline

    given = {"reason": reason, "by": by, "expires": expires}
    acknowledged = read_acknowledgement(given, "The command line")
    return update_baseline(
        request, baseline_file or request.folder / NAME, acknowledged, date.today(), tell
    )


@baseline.command()
@changes(_show)
def prune(request: Request, tell: Tell, baseline_file: options.BaselineFile = None) -> "Kept":
    """Tighten the baseline: lower entries that improved, and remove calls that are gone.

    It adds no entry and raises none.
    """
    from qprof.runs.baseline import prune_baseline

    return prune_baseline(request, baseline_file or request.folder / NAME, tell)
