"""Random calls over random schemas: what each printed fix does when it is pasted.

    python -m tests.runs.generated_fixes 2000 [FIRST SCHEMA]

A call sends a random statement, and returns its objects or reads some of them. Its options are
replaced by the printed ones. Then the counts of a cursor are held against the printed figures, and
what comes out against the call as written, without any code of qprof. What is wrong is printed,
and the exit code is 1.
"""

import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from sqlalchemy import Engine, inspect
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from sqlalchemy.orm import LoaderCriteriaOption, Session, sessionmaker

from qprof.domain.report import Finding, Report, Tried
from qprof.judge.rules.thresholds import Thresholds
from qprof.judge.verdict.fixes import OTHER_RESULT
from qprof.runs.profile import profile
from qprof.runs.request import Request
from qprof.targets.code import TargetCall
from tests.forecast.predict.further import fill, forms, statement, world
from tests.forecast.predict.generated import LIMITS, refusal, say
from tests.forecast.predict.schemas import World, loaded
from tests.measure.experiments.oracle import counting, counting_engine
from tests.measure.experiments.pasting import pasting
from tests.opening import taking_a_session

LOWEST = Thresholds(
    rows_amplification=1.01,
    cells_amplification=1.01,
    lazy_loads=2,
    floor_queries=0,
    floor_rows=0,
    floor_cells=0,
)
"""At which nearly every difference between two plans is found."""


class Reads:
    """Reads random relationships of objects, down to their neighbours' neighbours."""

    def __init__(self, schema: World, seed: int) -> None:
        draw = Random(seed)
        mappers = {made: inspect(made) for made in schema.classes.values()}
        self._keys = {
            made: [each.key for each in mapper.relationships if draw.random() < 0.3]
            for made, mapper in mappers.items()
        }
        self._columns = {
            made: [each.key for each in mapper.column_attrs if draw.random() < 0.5]
            for made, mapper in mappers.items()
        }

    def __call__(self, one: Any, depth: int = 2) -> Any:
        if isinstance(one, tuple):
            return tuple(self(each) for each in one)
        if one is None:
            return None
        there = [
            type(one).__name__,
            one.id,
            *(getattr(one, key) for key in self._columns[type(one)]),
        ]
        if depth:
            there += [self._all(getattr(one, key), depth - 1) for key in self._keys[type(one)]]
        return there

    def _all(self, value: Any, depth: int) -> Any:
        several = value if isinstance(value, list) else [value]
        return sorted((self(each, depth) for each in several), key=repr)


class Checked:
    """One schema, and what was wrong with the fixes of each of its calls."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.calls = 0
        self.outcomes: Counter[str] = Counter()
        """Fixes: pasted, refused, not tried, by hand; and the errors of SQLAlchemy alone."""
        self.rules: Counter[str] = Counter()
        """Of those pasted."""
        self.wrong: list[str] = []

    def run(self) -> "Checked":
        """Check a call of every form, once with objects and once with what is read of them."""
        schema, engine = world(self.seed), counting_engine()
        fill(schema, engine)
        for number in range(len(forms(self.seed))):
            made = statement(schema, number, self.seed)
            for kind, read in (("objects", None), ("values", Reads(schema, self.seed + number))):
                where = f"schema {self.seed}, form {number}, {kind}"
                found = self._check(Sample(schema, engine, made, read))
                self.wrong += [f"{where}: {each}" for each in found]
        engine.dispose()
        return self

    def _check(self, sample: "Sample") -> Iterator[str]:
        refused = refusal(sample.engine, sample.made)
        try:
            written, _ = sample.run() if refused is None else (None, None)
        except SQLAlchemyError as error:
            refused = type(error).__name__
        if refused is not None:
            self.outcomes[refused] += 1
            return
        self.calls += 1
        report = _profiled(sample.engine, sample.call)
        for fix, found in _by_fix(report).items():
            rules = {each.rule for each in found}
            if len({each.tried for each in found}) > 1:
                yield f"{rules} have one fix, and other outcomes of it: {fix}"
            tried, code = found[0].tried, _code(fix)
            assert tried is not None
            if tried.status != "measured" or code is None:
                self.outcomes[tried.status if code is not None else "by hand"] += 1
                continue
            self.outcomes["pasted"] += 1
            self.rules.update(rules)
            right = None if rules & {*OTHER_RESULT} else written
            for wrong in sample.pasted(code, tried, right):
                yield f"{rules}: {code} {wrong}"


@dataclass
class Sample:
    """A call: a statement, and what is read of its objects."""

    schema: World
    engine: Engine
    made: Any
    read: Reads | None

    def call(self, session: Session) -> Any:
        """Return the objects, or what is read of them."""
        found = loaded(self.made, session)
        return found if self.read is None else [self.read(each) for each in found]

    def run(self) -> tuple[Any, tuple[int, int, int]]:
        """Return what comes out, with no order, and what a cursor counts meanwhile."""
        with Session(self.engine) as session, counting(self.engine) as counted:
            value = self.call(session)
            figures = counted.figures()
            return sorted((_plain(each) for each in value), key=repr), figures

    def pasted(self, code: str, tried: Tried, written: Any) -> Iterator[str]:
        """Yield what is wrong with a fix; `written` is None where the call as written is."""
        try:
            with pasting([code], {**self.schema.classes, **_own_names(self.made)}):
                value, cost = self.run()
        except Exception as error:
            yield f"raises {error!r}"
            return
        printed = (tried.queries, tried.rows, tried.cells)
        if cost != printed and not (self.read is None and _is_anew(self.made)):
            yield f"is printed with {printed}, and costs {cost}"
        if written is None:
            return
        if tried.same and value != written:
            yield "is said to give the same, and gives other values"
        if tried.same is False and value == written:
            yield "is said to give other values, and gives the same"


def _is_anew(made: Any) -> bool:
    """Return whether objects that came are loaded anew, which takes what a path had loaded.

    It is loaded lazily then, when qprof reads what the call as written had loaded.
    """
    return "populate_existing" in made.get_execution_options()


def _profiled(engine: Engine, call: Callable[[Session], Any]) -> Report:
    target = TargetCall("call", taking_a_session(call))
    wanted = Request(
        calls=["call"],
        code={"call": target},
        own=sessionmaker(engine),
        thresholds=LOWEST,
        limits=LIMITS,
    )
    return profile(wanted, lambda _: None)


def _own_names(made: Any) -> dict[str, Any]:
    """Return what the functions that made a statement call the class of its criteria."""
    found = [each for each in made._with_options if isinstance(each, LoaderCriteriaOption)]
    return {"other": found[0].entity.class_} if found else {}


def _by_fix(report: Report) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for each in report.findings:
        if each.change is not None and each.tried is not None:
            found.setdefault(each.fix, []).append(each)
    return found


def _code(fix: str) -> str | None:
    """Return the options of a fix; None where something is left to fill in by hand."""
    lines = [line for line in fix.split("\n") if not line.startswith("from ")]
    if "..." in fix or len(lines) > 1:
        return None
    return lines[0] if lines[0].startswith(".options(") else ""


def _plain(one: Any) -> Any:
    if one is None or isinstance(one, (list, str, int)):
        return one
    if isinstance(one, tuple):
        return tuple(_plain(each) for each in one)
    return (type(one).__name__, one.id)


def main(calls: int, first: int) -> int:
    """Check schemas from `first` on until so many calls were; return the exit code."""
    warnings.simplefilter("ignore", SAWarning)
    done, wrong, seed = 0, 0, first
    outcomes: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    while done < calls:
        checked = Checked(seed).run()
        for each in checked.wrong:
            say(each)
        done, wrong = done + checked.calls, wrong + len(checked.wrong)
        outcomes.update(checked.outcomes)
        rules.update(checked.rules)
        seed += 1
        say(
            f"{done:,} calls of schemas {first} to {seed - 1}: {dict(outcomes)}, "
            f"{dict(rules)}, {wrong:,} wrong"
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*(int(each) for each in [*sys.argv[1:], "0"][:2])))
