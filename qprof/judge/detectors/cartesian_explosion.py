"""QP101 cartesian-explosion."""

from collections.abc import Iterable

from qprof.domain.join_tree import siblings
from qprof.domain.report import Finding
from qprof.domain.trace import Call, Execution, Scalar
from qprof.domain.words import counted, listed
from qprof.judge.rules.damage import Product, cells, explodes, product
from qprof.judge.rules.loader_code import apart, moved_out
from qprof.judge.rules.rule import Rule
from qprof.judge.rules.thresholds import Thresholds
from qprof.judge.rules.wording import by_mapping, root_name, times


class CartesianExplosion(Rule):
    """Sibling collections in one SELECT.

    Two or more to-many paths that start at the same parent are joined in one SELECT, by
    joinedload or contains_eager. A to-one path that leads to a collection counts as one.

    Why
    ---
    Every row of one collection is combined with every row of the other: an artist with 40
    tracks and 30 albums comes back as 1,200 rows instead of 71. The ORM throws the copies away, so
    neither the result nor the number of queries shows it. The price is driven by the largest
    parents and grows with the product of the lengths.

    It is an error where the rows really multiply and exceed the thresholds: rows-amplification
    (rows fetched / rows needed), or cells-amplification if the siblings cause at least half of
    the excess. Else it is a note: the shape is there, today's data does not show it. A nested
    chain such as tracks -> genres alone never multiplies.

    How to fix
    ----------
    Load each collection by a SELECT of its own; to-one paths may stay joined.

        # bad
        select(Artist).options(
            joinedload(Artist.tracks).joinedload(Track.genres),
            joinedload(Artist.albums),
        )
        # good
        select(Artist).options(
            selectinload(Artist.tracks).selectinload(Track.genres),
            selectinload(Artist.albums),
        )

    When to ignore
    --------------
    When one of the collections holds at most one row for each parent and cannot grow, or when
    round trips cost more than the extra rows: `qprof compare` measures which plan is cheaper.
    """

    id = "QP101"
    name = "cartesian-explosion"
    level = "error"

    def inspect(self, call: Call, thresholds: Thresholds) -> Iterable[Finding]:
        """Yield a finding for each execution that joins siblings."""
        for execution in call.executions:
            groups = siblings(execution.joins)
            if groups:
                paths = tuple(path for group in groups for path in group)
                yield self._judged(call, execution, paths, thresholds)

    def _judged(
        self, call: Call, execution: Execution, paths: tuple[str, ...], thresholds: Thresholds
    ) -> Finding:
        measured, damage = product(execution), explodes(call, execution, thresholds)
        return self.finding(
            call,
            paths=paths,
            title=_title(paths, measured, damage),
            facts=_facts(call, execution, measured, damage) + by_mapping(execution.joins),
            fix=moved_out(call, execution),
            change=apart(execution),
            evidence=_evidence(call, execution, measured),
            location=execution.site,
            level="error" if damage else "note",
        )


def _title(paths: tuple[str, ...], measured: Product | None, damage: bool) -> str:
    if damage:
        return f"{listed(paths)} multiply each other"
    joined = f"{listed(paths)} are joined in one SELECT"
    return f"{joined}, so their rows can multiply" if measured is None else f"risk: {joined}"


def _facts(call: Call, execution: Execution, measured: Product | None, damage: bool) -> str:
    if measured is None:
        return _unmeasured(execution)
    if damage:
        worst = measured.worst
        alone = f" {root_name(worst)} alone brings {counted(worst.rows, 'row')}." if worst else ""
        return f"{_figures(call, execution, measured)}.{alone}"
    if measured.factor <= 1:
        return f"they do not multiply on this data.{_growth(measured)}"
    figures = _figures(call, execution, measured)
    return f"below the thresholds on this data, {figures}.{_growth(measured)}"


def _unmeasured(execution: Execution) -> str:
    if not execution.rows:
        return "the SELECT returned no rows here, so nothing was measured."
    sent = f", sent {execution.count:,} times," if execution.count > 1 else ""
    rows = counted(execution.rows, "row")
    return f"by how much was not measured. The SELECT{sent} returned {rows}."


def _figures(call: Call, execution: Execution, measured: Product) -> str:
    found = cells(call, execution)
    ratios = {"rows": measured.amplification, "cells": found.amplification if found else 0.0}
    told = [f"{times(ratio)} the {name}" for name, ratio in ratios.items() if ratio > 1]
    return f"{' and '.join(told)} that the objects need"


def _growth(measured: Product) -> str:
    growth = ""
    if measured.doubled_rows > max(measured.rows, measured.doubled_needed):
        ratio = times(measured.doubled_rows / measured.doubled_needed)
        growth = (
            f" With collections twice as long, up to {measured.doubled_rows:,} rows "
            f"where {measured.doubled_needed:,} are enough ({ratio})."
        )
    if measured.empty:
        verb = "is" if len(measured.empty) == 1 else "are"
        growth += (
            f" {listed(measured.empty)} {verb} empty here: "
            "a parent that gains n entries brings n times its rows."
        )
    return growth


def _evidence(call: Call, execution: Execution, measured: Product | None) -> dict[str, Scalar]:
    found = cells(call, execution)
    worst = measured.worst if measured else None
    return {
        "executions": execution.count,
        "rows": execution.rows,
        "needed_rows": measured.needed if measured else None,
        "rows_amplification": round(measured.amplification, 2) if measured else None,
        "cells_amplification": round(found.amplification, 2) if found else None,
        "factor": round(measured.factor, 2) if measured else None,
        "worst_root": root_name(worst) if worst else None,
        "worst_root_rows": worst.rows if worst else None,
        "doubled_rows": measured.doubled_rows if measured else None,
        "doubled_needed_rows": measured.doubled_needed if measured else None,
    }
