"""An argument as it was typed, or as TOML has it, to what its parameter's annotation asks for."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from qprof.targets.code.plain import EXAMPLES, READERS, from_toml, guessed

_LISTS: Mapping[Any, Callable[[Iterable[Any]], Any]] = {
    **dict.fromkeys((list, Sequence, Collection, Iterable), list),
    set: set,
    frozenset: frozenset,
}


def fitted(value: Any, annotation: Any, *, text: bool) -> Any:
    """Return `value` as the annotation has it; with `text`, it was typed on a command line.

    The kinds are those of `READERS`, enums, Literal, and unions and lists of them; another
    annotation leaves a value of TOML as it is, and a text as `guessed` has it. Raises ValueError
    for a value that does not fit.
    """
    kind, parts = _taken_apart(annotation)
    if kind is Union:
        return _one_of(value, parts, text=text)
    if _is_choice(kind):
        return _chosen(value, _choices(kind, parts), text=text)
    if not isinstance(kind, type) or kind not in {*READERS, *_LISTS}:
        return guessed(value) if text else value
    if kind in _LISTS:
        return _LISTS[kind](_items(value, *parts, text=text))
    return READERS[kind](value) if text else from_toml(value, kind)


def example(annotation: Any) -> Any:
    """Return a value that fits the annotation, as TOML has it; None for one of another kind."""
    kind, parts = _taken_apart(annotation)
    if kind is Union:
        return next(filter(None, map(example, parts)), None)
    if _is_choice(kind):
        return next((key for key, _ in _choices(kind, parts)), None)
    if not isinstance(kind, type):
        return None
    return [example(each) for each in parts] if kind in _LISTS else EXAMPLES.get(kind)


def shown(annotation: Any) -> str:
    """Return the annotation as its user wrote it, about, and what an enum has to choose from."""
    kind, _ = _taken_apart(annotation)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"{kind.__name__}, which is {', '.join(kind.__members__)}"
    is_plain = isinstance(annotation, type) and not get_args(annotation)
    return str(annotation.__name__ if is_plain else annotation)


def _taken_apart(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return the origin and the arguments of an annotation, without what only names or marks it."""
    if get_origin(annotation) is Annotated:
        return _taken_apart(get_args(annotation)[0])
    if hasattr(annotation, "__supertype__"):  # a NewType
        return _taken_apart(annotation.__supertype__)
    kind = get_origin(annotation) or annotation
    return Union if kind is UnionType else kind, get_args(annotation)


def _is_choice(kind: Any) -> bool:
    return kind is Literal or (isinstance(kind, type) and issubclass(kind, Enum))


def _choices(kind: Any, parts: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Return what may be written for each choice: of an enum its name or its value."""
    if kind is Literal:
        return [(each, each) for each in parts]
    members = kind.__members__
    return [*members.items(), *((each.value, each) for each in members.values())]


def _chosen(value: Any, choices: Iterable[tuple[Any, Any]], *, text: bool) -> Any:
    for key, choice in choices:
        if str(key) == value if text else type(key) is type(value) and key == value:
            return choice
    raise ValueError(value)


def _one_of(value: Any, parts: Sequence[Any], *, text: bool) -> Any:
    for part in sorted(parts, key=_rank):
        with suppress(ValueError):
            return fitted(value, part, text=text)
    raise ValueError(value)


def _rank(annotation: Any) -> int:
    """Return when a part of a union is tried: late, what any text fits; last, what all does."""
    kind, _ = _taken_apart(annotation)
    if kind in (str, NoneType):
        return 1 + (kind is NoneType)
    return 0 if _is_choice(kind) or kind in {*READERS, *_LISTS} else 3


def _items(value: Any, part: Any = Any, *, text: bool) -> Iterable[Any]:
    """Return the items of a list of TOML, or of a text with commas between them."""
    found = guessed(value) if text else value
    if isinstance(found, list):
        return [fitted(each, part, text=False) for each in found]
    if not text:
        raise ValueError(value)
    return [fitted(each.strip(), part, text=True) for each in value.split(",") if each.strip()]
