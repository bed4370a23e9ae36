"""Loader calls to chains: joinedload(A.b).options(selectinload(B.c)) and the like."""

from collections.abc import Sequence as Items
from dataclasses import dataclass, replace

from qprof.domain.loaders import (
    COLUMN_OPTIONS,
    EAGER,
    IN_PARENTS_SELECT,
    OPTION_WORDS,
    OWN_JOIN,
)
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


@dataclass(frozen=True)
class LoaderCall:
    """A loader call as it stands in the source."""

    place: NamePlace
    function: str
    """The function's name with its module: joinedload, jl, orm.joinedload."""
    arguments: tuple[str, ...]
    keywords: tuple[str, ...]

    @property
    def code(self) -> str:
        """Return the call without what it is called on."""
        return f"{self.function}({', '.join((*self.arguments, *self.keywords))})"


def loaded(name: str, arguments: Items[Value], before: Option, call: LoaderCall) -> Option:
    """Return `before` with one more loader call, `name` of `arguments`."""
    if before.is_lost:
        return before
    if name in COLUMN_OPTIONS:
        return _with_leaf(before, call.code)
    strategy, place, written = OPTION_WORDS[name], call.place, call.function
    if "*" in arguments:
        return _with_leaf(_wildcard(strategy, before, place, written), call.code)
    keys = [each for each in arguments if isinstance(each, Attribute)]
    if len(keys) < len(arguments) or not keys:
        return _not_understood(arguments, before, place, written)
    inner = any(each.startswith("innerjoin=") for each in call.keywords)
    texts = call.arguments if len(call.arguments) == len(keys) else ("",) * len(keys)
    # Of several attributes all but the last only lead to it.
    leading = [
        Step("default", each, place, written, argument=text)
        for each, text in zip(keys[:-1], texts, strict=False)
    ]
    last = Step(strategy, keys[-1], place, written, inner, False, texts[-1], call.keywords)
    open_chain = (*before.open, *leading, last)
    kept = tuple(each for each in before.chains if each != before.open)
    return replace(before, chains=(*kept, open_chain), open=open_chain)


def _with_leaf(option: Option, text: str) -> Option:
    follows_all = option.everything or option.everything_below
    if option.is_lost or (follows_all and '("*")' in text):
        return option
    led = f"Load({option.root.code}).{text}" if option.root and not option.open else text
    return replace(option, leaves=(*option.leaves, (option.open, led)))


def with_options(before: Option, inner: Items[Option]) -> Option:
    """Return `before` with the sub-options of its .options()."""
    chains = list(before.chains)
    for option in inner if not before.is_lost else ():
        chains += [(*before.open, *chain) for chain in option.chains]
    said = tuple(each for option in inner for each in option.unsupported)
    known = inner if not before.is_lost else ()
    leaves = tuple(
        ((*before.open, *chain), text) for option in known for chain, text in option.leaves
    )
    return replace(
        before,
        chains=tuple(chains),
        leaves=before.leaves + leaves,
        unsupported=before.unsupported + said,
    )


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
    if strategy == "joined":
        below = (*before.everything_below, (before.open, place, written))
        return replace(before, everything_below=below)
    if before.open and strategy not in (OWN_JOIN, *EAGER):
        return before
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
