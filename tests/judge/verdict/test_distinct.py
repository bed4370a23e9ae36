"""A call under DISTINCT is not called clean for what nobody could count."""

from dataclasses import replace

import pytest

from qprof.domain.report import amplification
from qprof.domain.trace import Call, Cost, Site
from qprof.judge.verdict.verdicts import call_verdict, hidden_notes
from tests.judge.verdict.plans import call

JOINED = "SELECT DISTINCT a.name FROM a JOIN b ON b.a_id = a.id"


def asked(sql: str, strategy: str = "root") -> Call:
    """Return a call of one statement that brought just what it needs."""
    plain = call(1, 50, 50, Cost(1, 50, 50))
    site = Site("shop.py", 7, "names")
    changed = replace(plain.executions[0], sql=sql, strategy=strategy, site=site)
    return replace(plain, executions=(changed,))


def test_distinct_over_a_join_is_noted_and_not_called_clean() -> None:
    """With its place."""
    seen = asked(JOINED)
    (note,) = hidden_notes(seen)
    assert note.startswith("SELECT DISTINCT over joined tables at shop.py:7: the rows")
    verdict = call_verdict(seen, amplification(seen.cost, seen.needed), ())
    assert "what DISTINCT drops inside the database is not counted" in verdict
    assert "no more than" not in verdict


@pytest.mark.parametrize(
    ("sql", "strategy"), [("SELECT DISTINCT a.name FROM a", "root"), (JOINED, "subquery")]
)
def test_other_statements_hide_nothing(sql: str, strategy: str) -> None:
    """One table has no rows to multiply, and subqueryload's DISTINCT is SQLAlchemy's own."""
    assert hidden_notes(asked(sql, strategy)) == ()
