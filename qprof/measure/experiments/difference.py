"""In what the objects of one plan differ from those of the call as it is written."""

from collections.abc import Sequence
from typing import Any

from qprof.measure.experiments.graph import Entity, Graph


def difference(written: Graph, other: Graph, *, ordered: bool) -> str | None:
    """Return the first difference as a phrase, or None where `other` holds all that `written` does.

    A plan may load more than the call as written, never other values. With `ordered` False, the
    order of the objects that a list holds at the top does not count.
    """
    top = _value_difference(written.value, other.value, ordered=ordered)
    if top is not None:
        return top
    for entity in written.nodes:
        found = _node_difference(written, other, entity)
        if found is not None:
            return found
    return None


def _value_difference(written: Any, other: Any, *, ordered: bool) -> str | None:
    if written == other:
        return None
    if not (isinstance(written, list) and isinstance(other, list)):
        return "it returns another value"
    if len(written) != len(other):
        return f"it returns {len(other):,} objects, not {len(written):,}"
    if sorted(map(repr, written)) != sorted(map(repr, other)):
        return "it returns other objects"
    return "it returns the same objects in another order" if ordered else None


def _node_difference(written: Graph, other: Graph, entity: Entity) -> str | None:
    ours, theirs = written.nodes[entity], other.nodes.get(entity)
    if theirs is None:
        return f"{entity} is missing"
    for key in (*ours.columns, *ours.related):
        if key not in theirs.columns and key not in theirs.related:
            return f"{entity} has no {key} loaded"
    for key, value in ours.columns.items():
        if theirs.columns[key] != value:
            return f"{entity} has another {key}"
    for key, found in ours.related.items():
        if theirs.related[key] != found:
            return f"{entity} has {_count(theirs.related[key], found)} in {key}"
    return None


def _count(theirs: Sequence[Entity], ours: Sequence[Entity]) -> str:
    if len(theirs) != len(ours):
        return f"{len(theirs):,} objects, not {len(ours):,},"
    same = sorted(map(str, theirs)) == sorted(map(str, ours))
    return "the same objects in another order" if same else "other objects"
