"""qprof seed."""

import sys
from collections.abc import Callable
from textwrap import fill
from typing import Annotated

import typer

from qprof.cli import seed_from
from qprof.cli.interruption import interruptible
from qprof.cli.outcome import pairs, teller, told


def seed(
    context: typer.Context,
    recipe: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="A recipe by name, or a TOML file of one.")
    ] = "chinook",
    scale: Annotated[
        float, typer.Option(help="Multiplies artists and playlists, not what each one has.")
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed makes the same library.")] = 1,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Changes the recipe. Repeatable."),
    ] = None,
    database: Annotated[
        str, typer.Option("--database", "-d", metavar="URL", help="The file or database to fill.")
    ] = "sqlite:///library.db",
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace a library that qprof made before.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    profile_from: seed_from.ProfileFrom = None,
    tables: seed_from.Tables = None,
    recipe_out: seed_from.RecipeOut = None,
    force: seed_from.Force = False,
) -> None:
    """Make a synthetic music library.

    The same recipe, scale and seed make the same content. The library is written whole or not at
    all.

    With --profile-from, make a recipe instead: one of the shape of a database of your own, which
    is only read. What it has nothing of is taken from --recipe.
    """
    with told():
        seed_from.check(context)
    if profile_from is not None:
        seed_from.write(profile_from, tables, recipe, recipe_out, force=force, quiet=quiet)
        return
    with told(), interruptible() as ask_again:
        from qprof.runs.seeding import seed as make_library

        text = make_library(
            recipe,
            pairs(settings, "--set"),
            database=database,
            scale=scale,
            seed=seed,
            replace=replace,
            progress=_Progress(ask_again, shown=not quiet),
        )
        teller(quiet)(fill(text, 80, subsequent_indent="  ", break_on_hyphens=False))


class _Progress:
    """One line on stderr that is written over; nothing where stderr is no terminal.

    Each step asks again whether it was to stop: a driver may have dropped the Ctrl-C.
    """

    def __init__(self, ask_again: Callable[[], None], *, shown: bool) -> None:
        self._ask_again = ask_again
        self._is_shown = shown and sys.stderr.isatty()
        self._shown = -1

    def __call__(self, table: str, done: int, total: int) -> None:
        self._ask_again()
        percent = 100 * done // total if total else 100
        if self._is_shown and percent != self._shown:
            self._shown = percent
            end = "\n" if done >= total else ""
            typer.echo(f"\rSeeding {table}: {percent:3d} %{end}", err=True, nl=False)
