"""Random statements over random schemas: what qprof says of each, against what happens.

    python -m tests.forecast.predict.generated 2000 [FIRST SCHEMA]

Predictions are held against the rows that a cursor counts, "same objects" against objects that are
walked without any code of qprof, and needed against the balanced plan, counted likewise. A schema
has a statement of every form. What is wrong is printed, and the exit code is 1. A statement that
SQLAlchemy alone cannot run is passed over, and how many were is said.
"""

import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import Engine, event, inspect
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from sqlalchemy.orm import Session

from qprof.domain.limits import Limits
from qprof.domain.loaders import OWN_JOIN
from qprof.domain.plans import BALANCED, PLANS, SEARCHED, Plan, movable, named_plan
from qprof.forecast.predict.plans import Predicted, foresee
from qprof.measure.experiments.comparison import compare_plans
from qprof.measure.experiments.discover import Discovery
from qprof.measure.experiments.experiment import LimitReached
from qprof.measure.experiments.questions.needed import price_needed
from qprof.measure.experiments.specimen import specimen
from qprof.measure.orm.rewrite import applying
from tests.forecast.predict.further import fill, forms, statement, world
from tests.forecast.predict.schemas import loaded
from tests.measure.experiments.oracle import counting, counting_engine
from tests.opening import discover, measure, on

LIMITS = Limits(statements=300)
"""A subqueryload below a selectinload of its own kind goes on without an end: SQLAlchemy's.

Nothing else sends so many statements for the few rows of these schemas.
"""


class Endless(Exception):
    """SQLAlchemy sends more statements for one load than any of these schemas needs."""


Held = dict[Any, dict[str, list[Any]]]
"""By class and primary key: the keys of what each loaded relationship holds."""


class Checked:
    """One schema, and what was wrong with each of its statements."""

    def __init__(
        self, seed: int, *, objects: bool = True, only: frozenset[int] | None = None
    ) -> None:
        self.seed = seed
        self._only = only
        """The forms to check, where not all are; the others are drawn all the same."""
        self._objects = objects
        """Whether objects and needed are checked, too, which takes as long again."""
        self.statements = 0
        self.passed_over: Counter[str] = Counter()
        """Statements that SQLAlchemy itself cannot run as written, by its error."""
        self.exactness: Counter[str] = Counter()
        self.same = 0
        """Plans that were said to have the same objects, and have."""
        self.wrong: list[str] = []
        self._runs: dict[object, tuple[int, int, int] | str] = {}
        """What was counted of the current statement, by what plans do."""

    def run(self) -> "Checked":
        """Check a statement of every form."""
        schema, engine = world(self.seed), counting_engine()
        fill(schema, engine)
        for number in range(len(forms(self.seed))):
            made = statement(schema, number, self.seed)
            where = f"schema {self.seed}, form {number}"
            wanted = self._only is None or number in self._only
            found = self._check(engine, made, schema.draw, wanted=wanted)
            self.wrong += [f"{where}: {each}\n{_options(made)}" for each in found]
        engine.dispose()
        return self

    def _check(self, engine: Engine, made: Any, draw: Random, *, wanted: bool) -> Iterator[str]:
        refused = refusal(engine, made)
        if refused is not None:
            self.passed_over[refused] += 1
            return
        self.statements += 1
        try:
            yield from self._judged(engine, made, draw, wanted=wanted)
        except LimitReached:
            # A random statement may bring a million rows: qprof's own bound stops it, as it should.
            self.passed_over["LimitReached"] += 1
        except Exception as error:
            yield f"qprof ends with {type(error).__name__} ({error}): {made}"

    def _judged(self, engine: Engine, made: Any, draw: Random, *, wanted: bool) -> Iterator[str]:
        self._runs = {}
        found = discover(on(engine, partial(loaded, made)))
        mix = {each.name: draw.choice(SEARCHED) for each in movable(found.paths)}
        plans = [*(named_plan(name, found.paths) for name in PLANS), Plan("mix", mix)]
        if not wanted:
            return
        yield from self._predictions(engine, made, plans, found)
        if self._objects:
            yield from self._compared(engine, made, plans, found)

    def _predictions(
        self, engine: Engine, made: Any, plans: list[Plan], found: Discovery
    ) -> Iterator[str]:
        opening = on(engine, partial(loaded, made))
        try:
            foresight = foresee(opening, plans[-1:], LIMITS)
        except (LimitReached, SQLAlchemyError):
            # Also where SQLAlchemy cannot write by SELECTs of their own what the call joins, as of
            # with_loader_criteria() beside a relationship to a class with a subclass's table.
            self.exactness["unknown"] += len(plans)
            return
        for plan in plans:
            predicted = foresight.of(plan.name)
            self.exactness[predicted.exactness] += 1
            if predicted.cost is None:
                if not predicted.reason:
                    yield f"{plan.name} is unknown, and nothing says why"
                continue
            measured = self._measured(engine, made, plan, found)
            if isinstance(measured, str):
                yield f"{plan.name} is predicted, and SQLAlchemy cannot run it ({measured}): {made}"
                continue
            wanted = _figures(predicted)
            if wanted != measured[: len(wanted)]:
                yield f"{plan.name} is predicted {wanted}, and is {measured}: {made}"

    def _measured(
        self, engine: Engine, made: Any, plan: Plan, found: Discovery
    ) -> tuple[int, int, int] | str:
        """Return what a cursor counts under a plan, or the error; plans that are alike run once."""
        alike = _alike(plan)
        if alike not in self._runs:
            try:
                with counting(engine) as counted:
                    measure(on(engine, partial(loaded, made)), plan, found)
                self._runs[alike] = counted.figures()
            except (SQLAlchemyError, AttributeError) as error:
                self._runs[alike] = str(error)
        return self._runs[alike]

    def _compared(
        self, engine: Engine, made: Any, plans: list[Plan], found: Discovery
    ) -> Iterator[str]:
        seen = specimen("call", {}, on(engine, partial(loaded, made)), limits=LIMITS)
        different = list({_alike(each): each for each in reversed(plans)}.values())[::-1]
        runs = {run.plan: run for run in compare_plans(seen, different, 0).runs}
        written = _held(engine, made, plans[0], found, {})
        for plan in different[1:]:
            if runs[plan.name].identical:
                self.same += 1
                if _held(engine, made, plan, found, written) != written:
                    yield f"{plan.name} is said to have the same objects, and has others: {made}"
        needed = price_needed(seen, seen.call).needed
        if needed is not None and _is_plain(made, found):
            with counting(engine) as counted:
                balanced = named_plan(BALANCED, found.paths)
                measure(on(engine, partial(loaded, made)), balanced, found)
            told = (needed.queries, needed.rows, needed.cells)
            # What a path asks again is not needed; what two paths ask is.
            least, most = counted.once(), counted.figures()
            if any(
                not low <= each <= high for low, each, high in zip(least, told, most, strict=True)
            ):
                yield f"needed is {told}, and balanced is {most} ({least} once): {made}"


def _options(made: Any) -> str:
    """Return the loader options of a statement: their paths, and how each is to be loaded."""
    elements = [
        each
        for option in getattr(made, "_with_options", ())
        for each in getattr(option, "context", (option,))
    ]
    told = [
        f"  {getattr(each, 'path', type(each).__name__)} {getattr(each, 'strategy', None)} "
        f"{getattr(each, 'local_opts', None)}"
        for each in elements
    ]
    return "\n".join(told)


def refusal(engine: Engine, made: Any) -> str | None:
    """Return the name of the error by which SQLAlchemy alone refuses a statement, if it does."""
    sent = 0

    def count(*_: object) -> None:
        nonlocal sent
        sent += 1
        if sent > LIMITS.statements:
            raise Endless

    event.listen(engine, "before_cursor_execute", count)
    try:
        with Session(engine) as session:
            loaded(made, session)
    except Exception as error:
        return type(error).__name__
    else:
        return None
    finally:
        event.remove(engine, "before_cursor_execute", count)


def _alike(plan: Plan) -> object:
    """Return what is equal for plans that move the same paths in the same way."""
    return frozenset(plan.strategies.items()) if plan.rewrites else plan.name


def _figures(predicted: Predicted) -> tuple[int, ...]:
    cost = predicted.cost
    assert cost is not None
    known = (cost.queries, cost.rows, cost.cells)
    return known if predicted.cells_known else known[:2]


def _is_plain(made: Any, found: Discovery) -> bool:
    """Return whether needed is what balanced fetches, to the row.

    Not where a JOIN of the statement's own repeats its roots, or a to-one path finds several.
    """
    own = any(path.strategy == OWN_JOIN for path in found.paths)
    single = any("single" in path.name or "composite" in path.name for path in found.paths)
    return not own and not single and not getattr(made, "_setup_joins", ())


def _held(
    engine: Engine, made: Any, plan: Plan, found: Discovery, wanted: Mapping[Any, Any]
) -> Any:
    """Return what the objects of a run hold: what is loaded, or what the objects of `wanted` do."""
    held: Held = {}
    with Session(engine) as session, applying(plan, found.roots):
        value = loaded(made, session)
        waiting = [each for row in value for each in (row if isinstance(row, tuple) else (row,))]
        top = sorted((_key(each) for each in waiting), key=repr)
        while waiting:
            one = waiting.pop()
            key = _key(one)
            if key in held or key is one:
                continue
            mapper = inspect(type(one))
            names = [p.key for p in mapper.relationships if p.key in one.__dict__]
            names = list(wanted["objects"].get(key, ())) if wanted else names
            found_there = {name: getattr(one, name) for name in names}
            lists = {
                name: each if isinstance(each, list) else [each]
                for name, each in found_there.items()
            }
            held[key] = {name: sorted(map(_key, each), key=repr) for name, each in lists.items()}
            waiting += [each for found in lists.values() for each in found if each is not None]
    return {"top": top, "objects": held}


def _key(one: Any) -> Any:
    """Return the class and primary key of an object; a value stands for itself, None for none."""
    state = inspect(one, raiseerr=False)
    return (type(one).__name__, *state.identity) if hasattr(state, "identity") else one


def say(text: str) -> None:
    """Print a line at once, also into a file."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(statements: int, first: int) -> int:
    """Check schemas from `first` on until so many statements were; return the exit code."""
    warnings.simplefilter("ignore", SAWarning)
    done, same, wrong, seed = 0, 0, 0, first
    exactness: Counter[str] = Counter()
    passed_over: Counter[str] = Counter()
    while done < statements:
        checked = Checked(seed).run()
        for each in checked.wrong:
            say(each)
        done, same, wrong = (
            done + checked.statements,
            same + checked.same,
            wrong + len(checked.wrong),
        )
        exactness.update(checked.exactness)
        passed_over.update(checked.passed_over)
        seed += 1
        say(
            f"{done:,} statements of schemas {first} to {seed - 1}: predictions "
            f"{dict(exactness)}, {same:,} plans with the same objects, {wrong:,} wrong; "
            f"passed over {passed_over.total():,} that SQLAlchemy cannot run {dict(passed_over)}"
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*(int(each) for each in [*sys.argv[1:], "0"][:2])))
