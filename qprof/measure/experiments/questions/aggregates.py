"""Which windows and aggregates count joined rows, since something is joined beside them."""

from dataclasses import replace

from qprof.domain.loaders import OWN_JOIN
from qprof.domain.trace import Call
from qprof.domain.words import listed
from qprof.measure.experiments.specimen import Specimen
from qprof.measure.orm.roots import RootPaths


def note_aggregates(specimen: Specimen, call: Call) -> Call:
    """Return `call` with a note of each statement whose window or aggregate counts joined rows."""
    notes = []
    for root in specimen.found.roots.values():
        joined = multiplied(root)
        if joined:
            verb = "count" if len(root.aggregates) > 1 else "counts"
            notes.append(
                f"{listed(root.aggregates)} {verb} joined rows, not objects: beside "
                f"{listed(joined)} in one SELECT. Loaded by SELECTs of their own, these leave the "
                "value what it should be, which is another one."
            )
        place = f" at {root.site.place}" if root.site is not None else ""
        notes += [
            f"{aggregate}{place} takes a row several times: {table} is joined as well, and repeats "
            "it. Aggregate each table in a SELECT of its own; a count may count distinct keys."
            for aggregate, table in root.repeated
        ]
    return replace(call, notes=(*call.notes, *notes))


def multiplied(root: RootPaths) -> list[str]:
    """Return the joined collections beside which the aggregates of a statement stand.

    SQLAlchemy puts a SELECT with a LIMIT, a DISTINCT or a GROUP BY in a subquery, before it joins
    what joinedload asks for; what contains_eager reads is joined within.
    """
    if not root.aggregates:
        return []
    within = {OWN_JOIN} if root.nested else {OWN_JOIN, "joined"}
    return [name for name, path in root.paths.items() if path.to_many and path.strategy in within]
