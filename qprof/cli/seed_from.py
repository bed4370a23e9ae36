"""qprof seed --profile-from: a recipe of the shape of a database."""

from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated

import typer

from qprof.cli.outcome import pairs, teller, told
from qprof.domain.errors import QprofError
from qprof.domain.files import write_whole

if TYPE_CHECKING:
    from qprof.seeding.cardinalities import RecipeFile

ProfileFrom = Annotated[
    str | None,
    typer.Option(
        "--profile-from",
        metavar="URL",
        help="Write a recipe of the shape of this database, instead of a library.",
    ),
]
Tables = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="THING=TABLE,…",
        help="Your tables for artists, albums, tracks, genres, playlists and what links them, such "
        "as artists=Band. Repeatable.",
    ),
]
RecipeOut = Annotated[
    Path | None,
    typer.Option(
        "--recipe-out", metavar="FILE", help="The recipe to write.  [default: standard output]"
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace a --recipe-out that is there.")]

_MAKES_A_LIBRARY = {
    "scale": "--scale",
    "seed": "--seed",
    "settings": "--set",
    "database": "--database",
    "replace": "--replace",
}
_MAKES_A_RECIPE = {"tables": "--map", "recipe_out": "--recipe-out", "force": "--force"}


def check(context: typer.Context) -> None:
    """Raise QprofError for options of which some make a library, and others a recipe."""
    makes_a_recipe = context.params["profile_from"] is not None
    for name, option in (_MAKES_A_LIBRARY if makes_a_recipe else _MAKES_A_RECIPE).items():
        if getattr(context.get_parameter_source(name), "name", "") != "COMMANDLINE":
            continue
        if makes_a_recipe:
            raise QprofError(
                f"{option} is for making a library, and --profile-from makes a recipe; "
                f"leave it out, and give it to qprof seed --recipe FILE."
            )
        raise QprofError(f"{option} needs --profile-from URL, the database to read.")


def write(
    database: str,
    tables: list[str] | None,
    base: str,
    file: Path | None,
    *,
    force: bool,
    quiet: bool,
) -> None:
    """Print the recipe, or write it to `file`; say how true it is on stderr."""
    with told():
        from qprof.runs.seeding import derive_recipe

        if file is not None:
            _check_file(file, force=force)
        mapping = pairs([each for text in tables or () for each in text.split(",")], "--map")
        made = derive_recipe(database, mapping, base=base)
        if file is None:
            typer.echo(made.text, nl=False)
        else:
            write_whole(file, made.text)
        teller(quiet)(fill(_said(made, file), 80, subsequent_indent="  ", break_on_hyphens=False))


def _check_file(file: Path, *, force: bool) -> None:
    if file.suffix != ".toml":
        raise QprofError(f"--recipe-out {file} must end in .toml, so that --recipe can find it.")
    if file.exists() and not force:
        raise QprofError(f"There is a {file} already; add --force to replace it.")


def _said(made: "RecipeFile", file: Path | None) -> str:
    kept = sum(ratio.is_kept for ratio in made.ratios)
    wrote = f"Wrote {file}" if file else "Printed a recipe"
    far = [f"{ratio.pair} by {ratio.error:+.0%}" for ratio in made.ratios if not ratio.is_kept]
    return (
        f"{wrote}: {made.artists:,} artists; of {len(made.ratios)} ratios of rows joined to rows "
        f"needed, {kept} within 25 %{'; off are ' + ', '.join(far) if far else ''}."
    )
