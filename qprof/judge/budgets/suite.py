"""The baseline of a test suite: what each test's calls cost, by its id. Arithmetic alone."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from qprof.judge.budgets.metrics import COUNTS


@dataclass(frozen=True)
class TestCost:
    """What the code under test sent in one test; what the test sends itself is not in it."""

    __test__ = False
    dialect: str
    queries: int
    """Executions; all chunks of one load are one."""
    rows: int
    cells: int
    needed: tuple[int, int, int] | None
    """The same of what its objects need; None where that is unknown."""
    statements: str
    """A digest of what was sent: by it a test is known again that was renamed."""
    varies: tuple[str, ...] = ()
    """The figures that differ between runs of the same code; they are left out."""

    def limit(self, metric: str) -> int:
        """Return the most that passes: a fix may send more queries, up to what is needed."""
        place = COUNTS.index(metric)
        own = int(getattr(self, metric))
        return max(own, self.needed[place]) if self.needed is not None else own

    def worse(self, now: "TestCost") -> list[str]:
        """Return the figures of `now` that are over their limit.

        A test may send a call several times, and each may be fixed: fewer rows and cells may come
        by as many queries for each as all of its objects need.
        """
        over = [
            metric
            for metric in COUNTS
            if metric not in self.varies and getattr(now, metric) > self.limit(metric)
        ]
        is_fix = over == ["queries"] and now.cells < self.cells and now.rows <= self.rows
        each = self.needed[0] if self.needed is not None else 1
        return [] if is_fix and now.queries <= self.queries * each else over


@dataclass(frozen=True)
class Suite:
    """Every test's entry, and what they speak for."""

    sqlalchemy: str
    """Major and minor, "2.1": the second number changes what loaders send."""
    code: str
    """A digest of the Python files that were run."""
    tests: Mapping[str, TestCost] = field(default_factory=dict)

    def of(self, test: str, now: TestCost) -> TestCost | None:
        """Return the entry of a test; of one in the same file that sent the same, if it is new."""
        if test in self.tests:
            return self.tests[test]
        file = test.partition("::")[0]
        same = [
            each
            for name, each in self.tests.items()
            if name.startswith(f"{file}::") and each.statements == now.statements
        ]
        return same[0] if len(same) == 1 else None

    def updated(
        self, seen: Mapping[str, TestCost], code: str, gone: Collection[str] = ()
    ) -> "Suite":
        """Return the suite with what was `seen` in a run of `code`, without what is `gone`.

        A figure that differs though the code is the same varies by itself.
        """
        kept = {name: each for name, each in self.tests.items() if name not in gone}
        same = code == self.code
        for name, now in seen.items():
            before = kept.get(name)
            kept[name] = _varied(before, now) if before is not None and same else now
        return replace(self, code=code, tests=dict(sorted(kept.items())))


def _varied(before: TestCost, now: TestCost) -> TestCost:
    different = [each for each in COUNTS if getattr(before, each) != getattr(now, each)]
    varies = tuple(each for each in COUNTS if each in {*before.varies, *different})
    # What varies is written as it was: the file is the same after each further run.
    known = {each: getattr(before, each) for each in varies}
    return replace(now, varies=varies, needed=before.needed if varies else now.needed, **known)


def suite_entries(suite: Suite) -> Iterable[dict[str, Any]]:
    """Yield each test's entry as JSON has it, sorted by the test's id."""
    for name, each in sorted(suite.tests.items()):
        value: dict[str, Any] = {"test": name, "dialect": each.dialect}
        value |= {metric: getattr(each, metric) for metric in COUNTS}
        value |= {"needed": list(each.needed) if each.needed else None}
        value |= {"statements": each.statements}
        value |= {"varies": list(each.varies)} if each.varies else {}
        yield value


def suite_from(value: Mapping[str, Any]) -> Suite:
    """Return what the section says. Raises KeyError, TypeError or ValueError for another form."""
    tests = {str(each["test"]): _test(each) for each in value["entries"]}
    return Suite(str(value["sqlalchemy"]), str(value["code"]), tests)


def _test(value: Mapping[str, Any]) -> TestCost:
    needed = value["needed"]
    return TestCost(
        str(value["dialect"]),
        int(value["queries"]),
        int(value["rows"]),
        int(value["cells"]),
        needed=(int(needed[0]), int(needed[1]), int(needed[2])) if needed is not None else None,
        statements=str(value["statements"]),
        varies=tuple(map(str, value.get("varies", ()))),
    )
