"""Loader calls to chains: joinedload(A.b).options(selectinload(B.c)) and the like."""

from collections.abc import Sequence as Items
from dataclasses import replace

from qprof.domain.loaders import COLUMN_OPTIONS, IN_PARENTS_SELECT, OPTION_WORDS
from qprof.scan.calls.values import (
    Attribute,
    Chain,
    EntityName,
    NamePlace,
    Option,
    Sequence,
    Statement,
    Step,
    Value,
)


def loaded(
    name: str, arguments: Items[Value], before: Option, place: NamePlace, written: str, inner: bool
) -> Option:
    """Return `before` with one more loader call, `name` of `arguments`."""
    if name in COLUMN_OPTIONS or before.is_lost:
        return before
    strategy = OPTION_WORDS[name]
    if "*" in arguments:
        return _wildcard(strategy, before, place, written)
    keys = [each for each in arguments if isinstance(each, Attribute)]
    if len(keys) < len(arguments) or not keys:
        return _not_understood(arguments, before, place, written)
    # Of several attributes all but the last only lead to it.
    leading = (Step("default", each, place, written) for each in keys[:-1])
    open_chain = (*before.open, *leading, Step(strategy, keys[-1], place, written, inner))
    kept = tuple(each for each in before.chains if each != before.open)
    return replace(before, chains=(*kept, open_chain), open=open_chain)


def with_options(before: Option, inner: Items[Option]) -> Option:
    """Return `before` with the sub-options of its .options()."""
    chains = list(before.chains)
    for option in inner if not before.is_lost else ():
        chains += [(*before.open, *chain) for chain in option.chains]
    said = tuple(each for option in inner for each in option.unsupported)
    return replace(before, chains=tuple(chains), unsupported=before.unsupported + said)


def options_in(value: Value) -> list[Option]:
    """Return the options that `value` is or holds."""
    if isinstance(value, Option):
        return [value]
    if isinstance(value, Sequence):
        return [option for each in value.items for option in options_in(each)]
    return []


def lead(chain: Chain) -> EntityName:
    """Return the entity that a chain starts at."""
    return chain[0].attribute.owner


def roots_of(statement: Statement) -> tuple[EntityName, ...]:
    """Return what a statement selects; where that is not seen, what its options start at."""
    if statement.roots:
        return statement.roots
    leads = [lead(chain) for option in statement.options for chain in option.chains]
    return tuple(dict.fromkeys(leads))


def _wildcard(strategy: str, before: Option, place: NamePlace, written: str) -> Option:
    if strategy == "joined" and not before.open:
        return replace(before, everything=(place, written))
    if strategy in IN_PARENTS_SELECT or before.open:
        said = f'{place.text}: a loader of "*" is not followed.'
        return replace(before, unsupported=(*before.unsupported, said))
    return replace(before, wildcard=strategy)


def _not_understood(
    arguments: Items[Value], before: Option, place: NamePlace, written: str
) -> Option:
    texts = [each for each in arguments if isinstance(each, str)]
    where = f"{place.text}: {written}()"
    said = (
        f"{where} of the text {texts[0]!r} is not followed; SQLAlchemy 2 wants the attribute."
        if texts
        else f"{where} is not followed: what it loads is not named there."
    )
    return replace(before, unsupported=(*before.unsupported, said), is_lost=True)
