"""Reads a call's objects along its paths, so that a lazy strategy pays what it put off."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.orm import RelationshipProperty

from qprof.measure.capture.stacks import own_read
from qprof.measure.experiments.graph import children, top_entities
from qprof.measure.orm.paths import path_name

Steps = Sequence["RelationshipProperty[Any]"]


@own_read
def touch(value: object, paths: Iterable[Steps]) -> None:
    """Read every path on every mapped object that `value` holds at its top, in order of its name.

    The order in which a run happens to load the paths is no order: it differs from plan to plan.

    Where a call returns objects from half-way down a path, the path is read from there.

    Raises what SQLAlchemy raises: DetachedInstanceError where the session is closed already.
    """
    found = top_entities(value)
    for steps in sorted(paths, key=path_name):
        for start, step in enumerate(steps):
            owners = [each for each in found if isinstance(each, step.parent.class_)]
            if owners:
                _walk(owners, steps[start:])
                break


def _walk(owners: list[object], steps: Steps) -> None:
    for step in steps:
        reached = {
            id(child): child
            for owner in owners
            if isinstance(owner, step.parent.class_)
            for child in children(step, getattr(owner, step.key))
        }
        owners = list(reached.values())
