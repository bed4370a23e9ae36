"""The options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from qprof.domain.limits import MAX_ROWS, MAX_SECONDS
from qprof.reporters import REPORTERS
from qprof.targets.config import FAIL_ON

Target = Annotated[
    str | None,
    typer.Option(
        "--target",
        "-t",
        metavar="MODULE:ATTR",
        envvar="QPROF_TARGET",
        help="Your repositories or functions; the built-in music library by default.",
    ),
]
Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        "-d",
        metavar="URL",
        envvar="QPROF_DATABASE",
        help="The database to read; a seeded sample library by default.",
    ),
]
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
        help="A function that is run before each run of a call, outside of the measurement.",
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
    str | None, typer.Option(metavar="TEXT", help="The body of the one request, as it is.")
]
Form = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="A field of the one request's form. Repeatable."),
]
File = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=FILE", help="A file of the one request's form. Repeatable."),
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
        help='Offer each fix with raiseload("*"), too, if a run proves that nothing else is read.',
    ),
]
TryIndexes = Annotated[
    bool | None,
    typer.Option(
        "--try-indexes/--no-try-indexes",
        help="On a server, too, measure what a missing index would save: on a temporary copy of "
        "its table, which is dropped.",
        show_default=False,
    ),
]
Bytes = Annotated[
    bool,
    typer.Option(
        "--bytes",
        help="Count the bytes of the fetched values, too: of each call, plan and statement.",
    ),
]
MaxRows = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="What fetches more rows is stopped, and predicted if it can be; "
        f"{MAX_ROWS:,} by default.",
    ),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        help=f"A run of a call that takes longer is stopped; {MAX_SECONDS:g} by default.",
    ),
]
Arguments = Annotated[
    list[str] | None,
    typer.Option("--arg", metavar="NAME=VALUE", help="An argument of the one call. Repeatable."),
]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        "-f",
        metavar="NAME[=FILE]",
        help=f"{', '.join(REPORTERS)}; to a file where one is named. Repeatable.",
    ),
]
Json = Annotated[
    bool,
    typer.Option(
        "--json", help="The same as -f json; before {…}, it is the body of the one request."
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Where the report goes; without -f, its ending says in which format.",
    ),
]
Full = Annotated[
    bool, typer.Option("--full", help="Of many calls, show all findings, not the worst.")
]
Every = Annotated[bool, typer.Option("--all", help="List the calls that are fine, too.")]
Sql = Annotated[bool, typer.Option("--sql", help="Print the SQL of each statement, too.")]
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
