"""How ratios, roots and places are written in a message, and what an unread path costs."""

from collections.abc import Sequence

from qprof.domain.trace import Call, Cost, Idle, Join, Root, Scalar, Site
from qprof.domain.words import counted, listed

_SIGN = "\N{MULTIPLICATION SIGN}"


def times(ratio: float) -> str:
    """Return a ratio before a multiplication sign: 1.4, from 100 on without decimals."""
    return f"{ratio:,.1f}{_SIGN}" if ratio < 99.95 else f"{ratio:,.0f}{_SIGN}"


def by_mapping(joins: Sequence[Join]) -> str:
    """Return a sentence on the `joins` that no option of the statement asks for, or ""."""
    mapped = [join.path for join in joins if join.mapped]
    if not mapped:
        return ""
    them = "it" if len(mapped) == 1 else "them"
    return f' The mapping joins {listed(mapped)} (lazy="joined"): no option here asks for {them}.'


def root_name(root: Root) -> str:
    """Return "Artist 61"; a composite key in brackets."""
    keys = ", ".join(str(key) for key in root.identity)
    return f"{root.entity} {keys}" if len(root.identity) == 1 else f"{root.entity} ({keys})"


def places(sites: Sequence[Site | None], near: Site | None = None) -> str:
    """Return " at a.py:3 and b.py:7", " at a.py:3 and 2 more lines", or "" where none is known.

    In the file of `near`, " at line 3"; "" if that is the line of `near`.
    """
    if near is not None and {site.file for site in sites if site} == {near.file}:
        lines = {site.line for site in sites if site} - {near.line}
        return f" at line {listed([str(each) for each in sorted(lines)])}" if lines else ""
    known = list(dict.fromkeys(site.place for site in sites if site))
    if not known:
        return ""
    if len(known) > 2:
        known[1:] = [f"{len(known) - 1} more lines"]
    return f" at {listed(known)}"


READERS = {
    "call": "The call returns no mapped object, so nothing can read it later.",
    "silent": "The call returns nothing, so nothing can read it later; a read past the attribute, "
    "as vars() does, would not have been seen.",
    "touch": "The touch step is done, which is all that reads the objects here.",
    "request": "The request is answered, so nothing can read it later.",
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
