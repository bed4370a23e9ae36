"""QP413 several-for-one."""

from collections.abc import Iterable

from qprof.domain.report import Finding
from qprof.domain.trace import Call, OptionChange
from qprof.domain.words import counted
from qprof.judge.rules.rule import Rule
from qprof.judge.rules.thresholds import Thresholds


class SeveralForOne(Rule):
    """A to-one path that finds several.

    A to-one path is joined, and brings several rows for one parent.

    Why
    ---
    This one is about results, not cost. uselist=False, or a key that is not unique, promises one
    object, and no constraint keeps the promise. A JOIN then repeats the parent for each row: the
    list that comes back has it several times, unless .unique() removes the copies. Beside another
    collection the rows multiply. Which of the rows becomes the one object is the database's choice.

    How to fix
    ----------
    Map the collection that it is, or narrow the relationship to one row. Until then, load it by a
    SELECT of its own, which repeats no parent.

        # bad
        main_shot = relationship(Shot, uselist=False)
        # good
        shots = relationship(Shot, order_by=Shot.id)
        # good
        main_shot = relationship(Shot, uselist=False, primaryjoin=and_(…, Shot.is_main))

    When to ignore
    --------------
    When the rows that are too many are a fault of the data, and go away.
    """

    id = "QP413"
    name = "several-for-one"
    level = "error"

    def inspect(self, call: Call, thresholds: Thresholds) -> Iterable[Finding]:
        """Yield a finding for each to-one path that found several."""
        for each in call.several:
            yield self.finding(
                call,
                paths=[each.path],
                title=f"{each.path} is mapped as one object, and finds several",
                facts=f"{counted(each.found, 'row')} for {counted(each.parents, 'parent')}. The "
                "JOIN repeats a parent for each row.",
                fix="Map it as a collection or narrow it to one row; until then load it by "
                f"selectinload({each.hops[-1]}).",
                change=OptionChange({each.path: "selectin"}),
                evidence={"parents": each.parents, "found": each.found},
                location=each.site,
            )
