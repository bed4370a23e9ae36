"""`--qprof-prove`: whether a budget still fails for the bug that it is there for.

A test that passes is run again with its statements under a bad plan: lazy, and joined where two
collections could multiply. Its budget has to fail then. The test's fixtures are made anew.

Private names of pytest: `_initrequest`, and `runtestprotocol` of `_pytest.runner`.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from _pytest.runner import runtestprotocol

from qprof.domain.loaders import OWN_JOIN
from qprof.domain.plans import Plan, PlanName, named_plan
from qprof.domain.trace import Cost
from qprof.domain.words import listed
from qprof.judge.budgets import TestCost
from qprof.judge.budgets.metrics import COUNTS
from qprof.measure.capture.recording import Recording
from qprof.measure.experiments.discover import discovering
from qprof.measure.orm.rewrite import applying, unmoved
from qprof.measure.orm.roots import RootPaths, Roots, all_paths
from qprof.reporters.figures import counted
from qprof.reporters.grids import paragraph

Outcome = Literal[
    "caught", "survives", "costs no more", "fails by itself", "loads nothing", "has no budget"
]
BAD: tuple[PlanName, ...] = ("lazy", "joined")
"""An N+1, and collections that multiply each other."""
_BUGS: Mapping[str, str] = {"lazy": "lazy loading", "joined": "joined collections"}
_Told = tuple[str, str, Outcome, str]
"""A test, a plan, what came of it, and what it cost."""
_SENT = "qprof_proofs"
"""What a process of xdist sends to the controller at its end."""


@dataclass
class Proof:
    """One test: what its statements load, and the plan that it is run under."""

    roots: Roots = field(default_factory=dict)
    plan: Plan | None = None
    """None for the run as written."""
    budget: bool = False
    """Whether anything limits the test."""
    broken: bool = False
    """Whether the last run was over its budget."""
    cost: Cost | TestCost | None = None
    """What the last run cost, as far as it counts for the budget."""
    passed: bool = False
    moved: bool = True
    """Whether every statement of the last run was met again, and exchanged."""

    @contextmanager
    def during(self, recording: Recording) -> Iterator[None]:
        """See what the block loads; under a plan, exchange that."""
        if self.plan is None:
            with discovering(recording) as roots:
                yield
            self.roots.update(roots)
            return
        with applying(self.plan, self.roots) as applied:
            yield
        self.moved = not unmoved(self.plan, self.roots, applied)

    def plans(self) -> Iterator[Plan]:
        """Yield the bad plans that change anything; joined only where two could multiply."""
        paths = all_paths(self.roots)
        for name in BAD:
            plan = named_plan(name, paths)
            moves = any(
                plan.strategies.get(each.name, each.strategy) != each.strategy for each in paths
            )
            if moves and (name != "joined" or any(map(_has_siblings, self.roots.values()))):
                yield plan


PROOF = pytest.StashKey[Proof]()


class Prover:
    """Runs each test with a budget again under bad plans, and says which budgets do not notice."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._told: list[_Told] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        """Run the test; if it has passed, prove its budget."""
        item.stash[PROOF] = proof = Proof()
        done = yield
        if proof.passed and isinstance(item, pytest.Function):
            self._prove(item, nextitem, proof)
        return done

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Take note of whether the test passed."""
        report = yield
        proof = item.stash.get(PROOF, None)
        if proof is not None and call.when == "call":
            proof.passed = report.passed
        return report

    def _prove(self, item: pytest.Function, nextitem: pytest.Item | None, proof: Proof) -> None:
        plans, before = list(proof.plans()), proof.cost
        if not proof.budget or not plans:
            outcome: Outcome = "loads nothing" if proof.budget else "has no budget"
            self._told.append((item.nodeid, "", outcome, ""))
            return
        for plan in plans:
            proof.plan, proof.broken, proof.cost, proof.passed = plan, False, None, False
            item._initrequest()
            runtestprotocol(item, log=False, nextitem=nextitem)
            figures = f"{_figures(proof.cost)}, in place of {_figures(before)}"
            self._told.append((item.nodeid, plan.name, _outcome(proof, before), figures))

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Fail a session in which a budget survives; a process of xdist sends what it knows."""
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput[_SENT] = self._told
        elif exitstatus == pytest.ExitCode.OK and self._of("survives"):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a process of xdist has proven."""
        sent = getattr(node, "workeroutput", {}).get(_SENT, ())
        self._told += [tuple(each) for each in sent]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which budgets notice a bug, and name those that do not."""
        terminalreporter.section("qprof: do the budgets notice a bug?")
        for text in self._lines():
            for line in paragraph(text, 80, "", "  "):
                terminalreporter.write_line(line)

    def _of(self, outcome: Outcome) -> list[_Told]:
        return [each for each in sorted(self._told) if each[2] == outcome]

    def _lines(self) -> Iterator[str]:
        for test, plan, _, figures in self._of("survives"):
            yield f"{test}: the budget lets {_BUGS[plan]} pass: {figures}."
        for test, plan, _, _ in self._of("fails by itself"):
            yield f"{test} fails by itself with {_BUGS[plan]}."
        failing = _tests(self._of("survives"))
        caught = _tests(self._of("caught")) - failing
        noticed = f"{counted(len(caught), 'budget')} noticed what was put in"
        yield f"{noticed}; {counted(len(failing), 'budget')} did not."
        unseen = _tests(self._of("costs no more")) - caught - failing
        rest = {
            "in which a bug costs no more: few objects, or nobody reads them": len(unseen),
            "with nothing to load another way": len(self._of("loads nothing")),
            "without a budget": len(self._of("has no budget")),
        }
        for what, number in rest.items():
            if number:
                yield f"Not proven: {counted(number, 'test')} {what}."


def _has_siblings(root: RootPaths) -> bool:
    """Return whether two collections of one statement could multiply each other."""
    return sum(each.to_many and each.strategy != OWN_JOIN for each in root.paths.values()) > 1


def _tests(told: Iterable[_Told]) -> set[str]:
    return {each[0] for each in told}


def _figures(cost: Cost | TestCost | None) -> str:
    if cost is None:
        return "no statement"
    amounts = [counted(cost.queries, "query", "queries"), counted(cost.rows, "row")]
    return listed([*amounts, counted(cost.cells, "cell")])


def _outcome(proof: Proof, before: Cost | TestCost | None) -> Outcome:
    if proof.broken:
        return "caught"
    if not proof.passed or not proof.moved:
        return "fails by itself"
    return "survives" if _is_dearer(proof.cost, before) else "costs no more"


def _is_dearer(cost: Cost | TestCost | None, before: Cost | TestCost | None) -> bool:
    if cost is None or before is None:
        return False
    return any(getattr(cost, name) > getattr(before, name) for name in COUNTS)
