"""How far a command is: of each call, and within a comparison of each plan and round."""

from qprof.runs import progress
from qprof.runs.compare import compare
from qprof.runs.request import Request
from tests.runs.conftest import Seeded


def test_a_comparison_tells_each_plan_and_each_round(seeded: Seeded) -> None:
    """Of the call that was told last; balanced is selectin here, and runs once."""
    heard: list[tuple[str, int, int]] = []
    with progress.showing(lambda *each: heard.append(each)):
        compare(
            Request(calls=("artists.search",), database=seeded("tiny")),
            (),
            2,
            lambda _: None,
            10_000,
        )
    told = [name.partition("artists.search: ")[2] for name, *_ in heard]
    plans = {"as-written", "joined", "selectin", "subquery", "lazy"}
    assert plans < set(told), told
    assert [each for each in told if each.startswith("run ")] == ["run 1 of 2", "run 2 of 2"]
    assert {(behind, parts) for _, behind, parts in heard} == {(0, 1)}


def test_a_step_outside_of_a_call_is_not_shown() -> None:
    """Nothing listens, or no call was told yet."""
    progress.step("lazy")
    heard: list[str] = []
    with progress.showing(lambda name, *_: heard.append(name)):
        progress.step("lazy")
    assert heard == []
