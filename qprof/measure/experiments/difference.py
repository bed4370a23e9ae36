"""In what the objects of one plan differ from those of the call as it is written."""

from collections.abc import Iterator, Sequence
from typing import Any, Self

from qprof.measure.experiments.graph import Asked, Entity, Graph, Listing, Node
from qprof.measure.experiments.values import same


class Difference(str):
    """A difference, as a phrase that follows the plan's name."""

    certain: bool
    """Whether the objects are others. If not, the database may choose between both."""

    def __new__(cls, phrase: str, *, certain: bool = True) -> Self:
        """Return the phrase."""
        made = super().__new__(cls, phrase)
        made.certain = certain
        return made


def difference(
    written: Graph, other: Graph, *, ordered: bool, limited: bool = False
) -> Difference | None:
    """Return the first difference, or None where `other` holds all that `written` does.

    A plan may load more than the call as written, never other values. With `ordered` False, the
    order of a list at the top does not count, unless that list itself knows better. With `limited`,
    a LIMIT without a unique order leaves the choice of the objects to the database. What is certain
    comes before what is not.
    """
    found = list(_value_differences(written.value, other.value, ordered=ordered, limited=limited))
    for entity in written.nodes:
        if any(each.certain for each in found):
            break
        # One phrase of doubt is told, so no more of them are kept.
        found = [
            *found[:1],
            *_node_differences(written, other, entity, limited=limited and bool(found)),
        ]
    return next((each for each in found if each.certain), found[0] if found else None)


def _value_differences(
    written: object, other: object, *, ordered: bool, limited: bool
) -> Iterator[Difference]:
    pairs = _pairs(written, other)
    if isinstance(written, list) and isinstance(other, list):
        yield from _list_differences(written, other, ordered=ordered, limited=limited)
    elif pairs is not None:
        for one, theirs in pairs:
            yield from _value_differences(one, theirs, ordered=ordered, limited=limited)
    elif (equal := same(written, other)) is None:
        yield Difference("it returns a value that cannot be compared", certain=False)
    elif not equal and not ordered and _has_same_words(written, other):
        yield Difference("it returns the same words in another order", certain=False)
    elif not equal:
        yield Difference("it returns another value")


def _pairs(written: Any, other: Any) -> list[tuple[object, object]] | None:
    """Return what stands at the same place in two values of the same form; None for any other."""
    if isinstance(written, dict) and isinstance(other, dict) and written.keys() == other.keys():
        return [(each, other[key]) for key, each in written.items()]
    both = isinstance(written, tuple) and isinstance(other, tuple)
    if both and len(written) == len(other):
        return list(zip(written, other, strict=True))
    return None


def _list_differences(
    written: list[object], other: list[object], *, ordered: bool, limited: bool
) -> Iterator[Difference]:
    found = [
        each
        for one, theirs in zip(written, other, strict=False)
        for each in _value_differences(one, theirs, ordered=ordered, limited=limited)
    ]
    if len(written) == len(other) and not any(each.certain for each in found):
        yield from found
    elif limited:
        phrase = "it returns other objects of those that its LIMIT leaves the database to choose"
        yield Difference(phrase, certain=False)
    elif len(written) != len(other):
        yield Difference(f"it returns {len(other):,} objects, not {len(written):,}")
    elif sorted(map(repr, written)) != sorted(map(repr, other)):
        yield Difference("it returns other objects")
    else:
        asked = written.asked if isinstance(written, Listing) else "order" if ordered else "none"
        yield from _order_differences(asked)


def _order_differences(asked: Asked) -> Iterator[Difference]:
    order = "it returns the same objects in another order"
    if asked == "ties":
        yield Difference(f"{order}, which ties of its ORDER BY may allow", certain=False)
    elif asked == "order":
        yield Difference(order)


def _has_same_words(written: Any, other: Any) -> bool:
    texts = isinstance(written, str) and isinstance(other, str)
    binary = isinstance(written, bytes) and isinstance(other, bytes)
    return (texts or binary) and sorted(written.split()) == sorted(other.split())


def _node_differences(
    written: Graph, other: Graph, entity: Entity, *, limited: bool
) -> Iterator[Difference]:
    ours, theirs = written.nodes[entity], other.nodes.get(entity)
    if theirs is None:
        yield Difference(f"{entity} is missing", certain=not limited)
        return
    for key in (*ours.columns, *ours.related):
        if key not in theirs.columns and key not in theirs.related:
            yield Difference(f"{entity} has no {key} loaded")
            return
    yield from _column_differences(entity, ours, theirs)
    yield from _related_differences(entity, ours, theirs)


def _column_differences(entity: Entity, ours: Node, theirs: Node) -> Iterator[Difference]:
    for key, value in ours.columns.items():
        equal = same(value, theirs.columns[key])
        if equal is None:
            yield Difference(f"{entity} has a {key} that cannot be compared", certain=False)
        elif not equal:
            yield Difference(f"{entity} has another {key}")


def _related_differences(entity: Entity, ours: Node, theirs: Node) -> Iterator[Difference]:
    for key, found in ours.related.items():
        if theirs.related[key] != found:
            said = _count(theirs.related[key], found)
            certain = said != _ANOTHER_ORDER or key not in ours.doubtful
            yield Difference(f"{entity} has {said} in {key}", certain=certain)


_ANOTHER_ORDER = "the same objects in another order"


def _count(theirs: Sequence[Entity], ours: Sequence[Entity]) -> str:
    if len(theirs) != len(ours):
        return f"{len(theirs):,} objects, not {len(ours):,},"
    equal = sorted(map(str, theirs)) == sorted(map(str, ours))
    return _ANOTHER_ORDER if equal else "other objects"
