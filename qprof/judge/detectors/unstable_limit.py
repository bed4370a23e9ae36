"""QP412 unstable-limit."""

from collections.abc import Iterable

from qprof.domain.report import Finding
from qprof.domain.trace import Call, LimitedSubquery, OptionChange
from qprof.domain.words import counted, listed
from qprof.judge.rules.rule import Rule
from qprof.judge.rules.thresholds import Thresholds


class UnstableLimit(Rule):
    """subqueryload under an unstable LIMIT.

    A path is loaded by subqueryload, and its root statement has a LIMIT or OFFSET, but no ORDER BY
    that leaves no ties.

    Why
    ---
    This one is about results, not cost. subqueryload sends the root statement a second time, as a
    subquery of its own. Without a unique order the database may choose other roots there than in
    the first one. Objects then come back with an empty collection, without an error. It is an error
    where qprof finds that a selectin of the same path brings other collections, and a warning
    where both bring the same this time.

    How to fix
    ----------
    End the ORDER BY with the primary key, or load by selectinload: it asks by the keys that came.

        # bad
        select(Artist).options(subqueryload(Artist.albums)).order_by(Artist.name).limit(20)
        # good
        select(Artist).options(subqueryload(Artist.albums)).order_by(Artist.id).limit(20)
        # good
        select(Artist).options(selectinload(Artist.albums)).order_by(Artist.name).limit(20)

    When to ignore
    --------------
    When what is ordered by is unique in the data, though no constraint says so.
    """

    id = "QP412"
    name = "unstable-limit"
    level = "error"

    def inspect(self, call: Call, thresholds: Thresholds) -> Iterable[Finding]:
        """Yield a finding for each path whose objects can get lost."""
        for each in call.unstable:
            yield self.finding(
                call,
                level="error" if each.wrong else "warning",
                paths=[each.path],
                title=f"{each.path} is loaded by subqueryload under a LIMIT {_order(each)}",
                facts="SQLAlchemy sends the statement again, and the database may choose other "
                f"objects the second time.{_lost(each)}",
                fix="End the ORDER BY with the primary key, or load by "
                f"selectinload({each.hops[-1]}).",
                change=OptionChange({each.path: "selectin"}),
                evidence={"wrong": each.wrong},
                location=each.site,
            )


def _order(load: LimitedSubquery) -> str:
    if load.order is None:
        return "whose ORDER BY is by no unique column"
    return f"whose ORDER BY {listed(load.order)} leaves ties" if load.order else "without ORDER BY"


def _lost(load: LimitedSubquery) -> str:
    if not load.wrong:
        return ""
    return f" It did: {counted(load.wrong, 'object')} came with other collections than by selectin."
