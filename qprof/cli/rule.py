"""qprof rule."""

from typing import Annotated

import typer

from qprof.cli.outcome import told


def rule(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RULE", help="A rule's id or name, or words such as n+1; all by default."
        ),
    ] = None,
) -> None:
    """Explain a rule, and how to fix what it finds."""
    with told():
        from qprof.runs.rules import rule_text

        typer.echo(rule_text(words or ()), nl=False)
