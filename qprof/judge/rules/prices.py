"""How QP301 and QP302 word what a path costs that nobody reads."""

from collections.abc import Sequence

from qprof.domain.trace import Call, Cost, Idle, Join, Scalar, Site
from qprof.domain.words import counted

READERS = {
    "call": "The call returns no mapped object, so nobody reads on.",
    "silent": "The call returns nothing, so nobody reads on; a read past the attribute, as vars() "
    "does, would not have been seen.",
    "touch": "The touch step is done, which is all that reads the objects here.",
    "request": "The request is answered, and nobody reads on.",
}
"""Why what was not read until then is never read, by who was observed."""


def price(cost: Cost) -> str:
    """Return "2 queries, 300 rows and 900 cells", without what is zero."""
    parts = [
        counted(number, noun)
        for number, noun in ((cost.queries, "query"), (cost.rows, "row"), (cost.cells, "cell"))
        if number
    ]
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def figures(idle: Idle) -> dict[str, Scalar]:
    """Return the price and the reader as evidence."""
    cost = idle.cost
    return {
        "queries": cost.queries,
        "rows": cost.rows,
        "cells": cost.cells,
        "strategy": idle.strategy,
        "reader": idle.reader,
    }


def loaded_at(call: Call, path: str) -> Site | None:
    """Return the line that sent the statement which loads `path`."""
    for each in call.executions:
        if each.path == path or join_of(each.joins, path):
            return each.site
    return None


def join_of(joins: Sequence[Join], path: str) -> Join | None:
    """Return the join of `path` among `joins`."""
    return next((join for join in joins if join.path == path), None)
