"""QP102 data-duplication."""

from collections.abc import Iterable

from qprof.domain.join_tree import to_many
from qprof.domain.report import Finding
from qprof.domain.trace import Call, Execution
from qprof.domain.words import listed
from qprof.judge.rules.damage import Cells, cells, duplication, explodes
from qprof.judge.rules.loader_code import apart, moved_out
from qprof.judge.rules.rule import Rule
from qprof.judge.rules.thresholds import Thresholds
from qprof.judge.rules.wording import by_mapping, times


class DataDuplication(Rule):
    """A join repeats its parents' columns.

    One SELECT joins a collection, or a chain of them, and the call fetches many more cells
    (rows times columns) than its objects need. What sibling collections add by multiplying
    each other is taken out first; that is QP101.

    Why
    ---
    A JOIN sends the columns of the parent again with every child row. The number of rows may
    even be lower than with one SELECT for each collection, so only the cells show it. The price
    is in bytes on the wire and in time to fetch, and it is highest for wide parents (long texts,
    JSON) with many children.

    Where the needed cells are known for the whole call only, the finding is made for a SELECT
    that fetched more than half of the call's cells.

    How to fix
    ----------
    Load the collection by a SELECT of its own, or load fewer columns of the parent.

        # bad
        select(Artist).options(joinedload(Artist.tracks).joinedload(Track.genres))
        # good
        select(Artist).options(
            selectinload(Artist.tracks).selectinload(Track.genres)
        )

    When to ignore
    --------------
    When a round trip costs more than the repeated columns: few parents, small rows, a database
    far away. `qprof compare` measures it and gives the round-trip time at which it flips.
    """

    id = "QP102"
    name = "data-duplication"
    level = "warning"

    def inspect(self, call: Call, thresholds: Thresholds) -> Iterable[Finding]:
        """Yield a finding for each execution whose joins repeat too many columns."""
        for execution in call.executions:
            if not to_many(execution.joins):
                continue
            found, ratio = cells(call, execution), duplication(call, execution)
            if found is None or ratio is None:
                continue
            if ratio > thresholds.cells_amplification and not explodes(call, execution, thresholds):
                yield self._repeated(call, execution, found, ratio)

    def _repeated(self, call: Call, execution: Execution, found: Cells, ratio: float) -> Finding:
        joins = to_many(execution.joins)
        return self.finding(
            call,
            paths=[join.path for join in joins],
            title=_title(execution),
            facts=_facts(execution, found) + by_mapping(joins),
            fix=moved_out(call, execution),
            change=apart(execution),
            evidence={
                "rows": execution.rows,
                "cells": found.fetched,
                "execution_cells": execution.cells,
                "needed_cells": found.needed,
                "cells_amplification": round(found.amplification, 2),
                "without_siblings": round(ratio, 2),
            },
            location=execution.site,
        )


def _title(execution: Execution) -> str:
    joins = to_many(execution.joins)
    parents = list(dict.fromkeys(join.parent for join in joins))
    paths = listed([join.path for join in joins])
    return f"joining {paths} repeats the columns of {listed(parents)}"


def _facts(execution: Execution, found: Cells) -> str:
    facts = f"{times(found.amplification)} the cells that the objects need"
    share = f"{100 * execution.cells / found.fetched:.0f} %"
    if share == "100 %":
        return f"{facts}."
    return f"{facts}, of the whole call; {share} of its cells come by this SELECT."
