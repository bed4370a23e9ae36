"""Loader paths, in SQLAlchemy's form (entity, property, entity, property …) and in ours."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import RelationshipProperty

EAGER = "eager_row_processor"
"""The attribute that marks a join which joinedload rendered."""
USER = "user_defined_eager_row_processor"
"""The attribute that marks a join which contains_eager reads."""


def relationships(path: Any) -> list["RelationshipProperty[Any]"]:
    """Return the relationships along a loader path (entity, property, entity, property …)."""
    return [step for step in path if isinstance(step, RelationshipProperty)]


def hop_names(steps: "list[RelationshipProperty[Any]]") -> tuple[str, ...]:
    """Return "Class.attribute" for each step."""
    return tuple(f"{step.parent.class_.__name__}.{step.key}" for step in steps)


def path_name(steps: "Sequence[RelationshipProperty[Any]]") -> str:
    """Return "Root.first.second", or "" where there are no steps."""
    if not steps:
        return ""
    return ".".join([steps[0].parent.class_.__name__, *(step.key for step in steps)])


def eager_paths(state: Any) -> list[tuple[str, tuple[object, ...]]]:
    """Return (marker, path) of every rendered eager join, shortest first."""
    # joinedload over a text() statement is accepted, and does nothing.
    is_text = type(state).__name__.endswith("ORMFromStatementCompileState")
    markers = (USER,) if is_text else (EAGER, USER)
    found = [key for key in state.attributes if isinstance(key, tuple) and key[0] in markers]
    return sorted(found, key=lambda key: len(key[1]))


def full_name(base: str, steps: "list[RelationshipProperty[Any]]") -> str:
    """Return a path below `base`, or from its own root where `base` is empty."""
    own = path_name(steps)
    return f"{base}.{own.partition('.')[2]}" if base else own
