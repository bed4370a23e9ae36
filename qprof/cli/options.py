"""The options that several commands share."""

from pathlib import Path
from typing import Annotated, Any

import typer

from qprof.domain.limits import MAX_ROWS, MAX_SECONDS
from qprof.reporters import REPORTERS
from qprof.targets.config import FAIL_ON


def _target(text: str) -> Any:
    return typer.Option("--target", "-t", metavar="MODULE:ATTR", envvar="QPROF_TARGET", help=text)


def _database(text: str) -> Any:
    return typer.Option("--database", "-d", metavar="URL", envvar="QPROF_DATABASE", help=text)


Target = Annotated[
    str | None, _target("Your repositories or functions; the built-in music library by default.")
]
Database = Annotated[
    str | None, _database("The database to read; a seeded sample library by default.")
]
OwnTarget = Annotated[str | None, _target("Your repositories or functions.")]
"""Of what has nothing to do with the music library: a gate, and the settings."""
OwnDatabase = Annotated[str | None, _database("The database to read.")]
Sessions = Annotated[
    str | None,
    typer.Option(
        metavar="MODULE:ATTR",
        help="Your own sessionmaker, engine, or function that gives a session.",
    ),
]
Setup = Annotated[
    str | None,
    typer.Option(
        metavar="MODULE:ATTR",
        help="A function to call before each run of a call; it is not measured.",
    ),
]
Touch = Annotated[
    str | None,
    typer.Option(
        metavar="METHOD|MODULE:ATTR",
        help="A method or function to call on each returned object while measuring, to read lazy "
        "attributes.",
    ),
]
Login = Annotated[
    str | None,
    typer.Option(
        metavar="REQUEST|MODULE:ATTR",
        help="A request that signs a user in, or a function that gives a token or headers; once, "
        "before all requests.",
    ),
]
RequestFile = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Requests to run: .http, HAR, curl commands, or an OpenAPI document.",
    ),
]
Body = Annotated[
    str | None, typer.Option(metavar="TEXT", help="The body of the request; name one request.")
]
Form = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="A field of the request's form. Repeatable."),
]
File = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=FILE", help="A file of the request's form. Repeatable."),
]
Header = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME: VALUE", help="A header of each request. Repeatable."),
]
Cookie = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="A cookie of each request. Repeatable."),
]
Seal = Annotated[
    bool,
    typer.Option(
        "--seal",
        help='Add raiseload("*") to each fix if a run proves that nothing else is read.',
    ),
]
TryIndexes = Annotated[
    bool | None,
    typer.Option(
        "--try-indexes/--no-try-indexes",
        help="On PostgreSQL, MariaDB and MySQL: test a missing index on a temporary copy of the "
        "table.",
        show_default=False,
    ),
]
Bytes = Annotated[
    bool,
    typer.Option(
        "--bytes",
        help="Also count the bytes of the fetched values of each call, plan and statement.",
    ),
]
MaxRows = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Stop a run that fetches more than N rows, and predict it instead if possible; "
        f"{MAX_ROWS:,} by default.",
    ),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        help=f"Stop a run of a call that takes longer; {MAX_SECONDS:g} by default.",
    ),
]
Arguments = Annotated[
    list[str] | None,
    typer.Option(
        "--arg", metavar="NAME=VALUE", help="An argument of the call; name one call. Repeatable."
    ),
]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        "-f",
        metavar="NAME[=FILE]",
        help=f"{', '.join(REPORTERS)}; =FILE writes to a file. Repeatable.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, as -f json does.")]
JsonOrBody = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Print JSON, as -f json does. --json {…} sends this JSON as the request's body.",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="File to write the report to; without -f, its ending sets the format.",
    ),
]
Full = Annotated[
    bool, typer.Option("--full", help="Show all findings of many calls, not only the worst.")
]
Every = Annotated[bool, typer.Option("--all", help="Also list the calls that are fine.")]
Formulas = Annotated[
    bool,
    typer.Option("--formulas", help="Also print the fitted formulas, their intervals and a plot."),
]
Sql = Annotated[bool, typer.Option("--sql", help="Also print the SQL of each statement.")]
Select = Annotated[
    list[str] | None,
    typer.Option(metavar="RULE,...", help="Only these rules: ids, names, or QP4. Repeatable."),
]
Ignore = Annotated[
    list[str] | None, typer.Option(metavar="RULE,...", help="Not these rules. Repeatable.")
]
FailOn = Annotated[
    str | None,
    typer.Option(
        metavar="LEVEL", help=f"Exit with 1 on findings from this level: {', '.join(FAIL_ON)}."
    ),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Settings; by default the nearest qprof.toml or pyproject.toml, up to the root of "
        "the repository.",
    ),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Hide progress and notes; errors still print.")
]
BaselineFile = Annotated[
    Path | None,
    typer.Option(
        "--baseline", metavar="FILE", help="The baseline; qprof-baseline.json by default."
    ),
]
