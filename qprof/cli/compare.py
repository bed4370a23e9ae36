"""qprof compare."""

from dataclasses import replace
from typing import Annotated

import typer

from qprof.cli import options
from qprof.cli.measuring import Request, Tell, reports
from qprof.domain.report import Report


@reports()
def compare(
    request: Request,
    tell: Tell,
    plan: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH=STRATEGY,...",
            help='A further plan, such as "Artist.tracks=selectin,Artist.albums=joined". '
            "Paths that are not named stay as written. Repeatable.",
        ),
    ] = None,
    repeat: Annotated[
        int, typer.Option(metavar="N", help="Timed runs of each plan; the median is shown.")
    ] = 5,
    search: Annotated[
        bool,
        typer.Option(
            "--search",
            help="Predict all combinations of strategies, run the best, and show the trade-offs of "
            "queries, cells and time.",
        ),
    ] = False,
    seal: options.Seal = False,
) -> Report:
    """Time a call under each loading plan and recommend one.

    The objects of each plan are compared with those of the call as it is written.
    """
    from qprof.runs.compare import compare

    wanted = replace(request, seal=seal)
    return compare(wanted, plan or (), repeat, tell, request.limits.rows, every=search)
