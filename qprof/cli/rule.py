"""qprof rule."""

from typing import Annotated

import typer

from qprof.cli.outcome import told


def rule(
    identifier: Annotated[
        str | None, typer.Argument(metavar="ID", help="A rule's id or name; all by default.")
    ] = None,
) -> None:
    """Explain a rule, and how to fix what it finds."""
    with told():
        from qprof.runs.rules import rule_text

        typer.echo(rule_text(identifier), nl=False)
