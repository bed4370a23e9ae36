"""Loader options as code."""

from qprof.domain.loaders import code
from qprof.judge.rules.loader_code import moved_out
from tests.judge.detectors.traces import call_from


def test_chains_with_one_beginning_are_merged() -> None:
    assert (
        code([("a(A.b)", "c(B.c)"), ("a(A.b)", "c(B.d)", "c(D.e)"), ("a(A.f)",)])
        == ".options(a(A.b).options(c(B.c), c(B.d).c(D.e)), a(A.f))"
    )


def test_a_path_above_that_nobody_described_is_left_as_it_is() -> None:
    joins = [{"hops": "A.b B.c C.d"}, {"hops": "A.b B.c C.e"}]
    call = call_from({"executions": [{"hops": "A.b B.c", "strategy": "subquery", "joins": joins}]})
    assert moved_out(call, call.executions[0]) == (
        ".options(defaultload(A.b).subqueryload(B.c).options(selectinload(C.d), selectinload(C.e)))"
    )


def test_a_to_one_join_by_hand_stays_unless_its_parent_moves_out() -> None:
    hand = {"to_many": False, "strategy": "contains_eager"}
    joins = [
        {"hops": "A.one", **hand},
        {"hops": "A.many"},
        {"hops": "A.many Many.one", **hand},
    ]
    call = call_from({"executions": [{"joins": joins}]})
    assert moved_out(call, call.executions[0]) == (
        ".options(contains_eager(A.one), selectinload(A.many).joinedload(Many.one))"
    )
