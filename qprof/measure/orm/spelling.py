"""The loader options of a statement, spelled as code: what a plan applied is what is printed.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `Select._with_options`, `Load.context`, and of
its elements `.path`, `.strategy`, `.local_opts`, `.is_token_strategy`, `.is_class_strategy`,
`._extra_criteria` and `._of_type`; of an alias `._base_alias`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from sqlalchemy.orm import Load, RelationshipProperty
from sqlalchemy.orm.util import LoaderCriteriaOption

from qprof.domain.loaders import OWN_JOIN, WORD_OPTIONS, Chain, code
from qprof.measure.orm.paths import path_name, relationships

_Path = tuple[Any, ...]
UNKNOWN = "..."
"""Stands where the user's own expression is not known."""


class Names(Protocol):
    """How the user's code calls things."""

    def function(self, name: str) -> str:
        """Return the code for a function of sqlalchemy.orm: "selectinload"."""

    def entity(self, entity: Any) -> str:
        """Return the code for a mapped class or an alias."""

    def arguments(self, function: str, attribute: str) -> str | None:
        """Return what `function`, as and_, is given of an attribute; None if unknown."""

    def calls(self, function: str) -> Sequence[str]:
        """Return the different calls of `function` in the user's code."""


@dataclass(frozen=True)
class Spelled:
    """Loader options as code."""

    chains: tuple[Chain, ...]
    others: tuple[str, ...]
    """Options that are no loader options, as with_loader_criteria()."""
    kept: tuple[str, ...]
    """What the statement's options say besides, whose code is not known."""

    @property
    def code(self) -> str:
        """Return ".options(…)"; "" where there is none."""
        chains = (*self.chains, *((each,) for each in self.others))
        return code(chains) if chains else ""


def spelled(statement: Any, names: Names, *, quiet: frozenset[str] = frozenset()) -> Spelled:
    """Return the options of `statement` as code.

    A lazyload of a path in `quiet` is left out: it is lazy without an option.
    """
    options = statement._with_options
    writer = _Writer(names, [option for option in options if isinstance(option, Load)], quiet)
    chains = tuple(writer.chains())
    steps = {step for chain in chains for step in chain}
    others, kept = [], [name for part, name in writer.kept if any(part in step for step in steps)]
    rest = [each for each in options if not isinstance(each, Load)]
    for option in rest:
        text = _wildcard(option, names)
        if text is not None:
            others.append(text)
    foreign = [each for each in rest if _is_foreign(each)]
    for function in dict.fromkeys(map(_name_of, foreign)):
        own = names.calls(function)
        if len(own) == sum(_name_of(each) == function for each in foreign):
            others += own
        else:
            kept.append(f"{function}()")
    return Spelled(chains, tuple(others), tuple(dict.fromkeys(kept)))


def _is_foreign(option: Any) -> bool:
    own = type(option).__module__.startswith("qprof.")
    return not isinstance(option, Load) and not hasattr(option, "local_opts") and not own


def _name_of(option: Any) -> str:
    criteria = isinstance(option, LoaderCriteriaOption)
    return "with_loader_criteria" if criteria else type(option).__name__


def _wildcard(option: Any, names: Names) -> str | None:
    """Return the code of an option for all that a statement loads, as joinedload("*")."""
    if not hasattr(option, "local_opts") or isinstance(option, Load):
        return None
    group = [each for each in option.local_opts if each.startswith("undefer_group_")]
    if group:
        return f"{names.function('undefer_group')}({group[0][len('undefer_group_') :]!r})"
    if str(option.path[0]).startswith("column:"):
        return _of_columns(names, dict(option.strategy or ()), '"*"')
    return _of_relationship(names, option, '"*"')


def _of_columns(names: Names, strategy: Mapping[str, Any], attribute: str) -> str:
    function = "defer" if strategy.get("deferred") else "undefer"
    more = ", raiseload=True" if strategy.get("raiseload") else ""
    return f"{names.function(function)}({attribute}{more})"


def _of_relationship(names: Names, element: Any, attribute: str, more: str = "") -> str:
    word = dict(element.strategy or ()).get("lazy")
    function = WORD_OPTIONS.get("raise" if word == "raise_on_sql" else word or "", "defaultload")
    if "eager_from_alias" in element.local_opts:
        function = OWN_JOIN
    if word == "raise_on_sql":
        more += ", sql_only=True"
    for name in ("innerjoin", "recursion_depth", "chunksize"):
        value = element.local_opts.get(name)
        if value is not None:
            more += f", {name}={value!r}"
    return f"{names.function(function)}({attribute}{more})"


class _Writer:
    """Turns the elements of all options into chains."""

    def __init__(self, names: Names, options: Sequence[Load], quiet: frozenset[str]) -> None:
        self._names = names
        self._steps: dict[_Path, str] = {}
        """The code of each step to a relationship, by its path."""
        self._leaves: list[tuple[_Path, str]] = []
        self._loaders: list[_Path] = []
        self.kept: list[tuple[str, str]] = []
        """Code with a part that is not known, and the name of that part."""
        for option in options:
            self._read(cast("Any", option).context, quiet)

    def _read(self, elements: Sequence[Any], quiet: frozenset[str]) -> None:
        only = _only_columns(elements)
        for each in elements:
            path = _path(each)
            named = not each.is_token_strategy and not each.is_class_strategy
            if named and isinstance(path[-1 - len(path) % 2], RelationshipProperty):
                self._relationship(each, path, quiet)
            else:
                self._leaf(each, path, only)

    def _leaf(self, element: Any, path: _Path, only: Mapping[_Path, Sequence[Any]]) -> None:
        """Take an option that loads no relationship, or no certain one."""
        above = path[:-1]
        if element.is_class_strategy:
            self._leaves.append((path, self._of_subclasses(element, path)))
        elif element.is_token_strategy and (above not in only or not _defers_all(element)):
            self._leaves.append((above, self._token(element, path)))
        elif element.is_token_strategy:
            self._leaves.append((above, self._only(element, only[above])))
        elif above not in only:
            self._leaves.append((above, self._column(element, path)))

    def _only(self, element: Any, columns: Sequence[Any]) -> str:
        """Return a load_only(), which SQLAlchemy makes a defer("*") and an undefer() of each."""
        listed = ", ".join(self._attribute(_path(each)) for each in columns)
        more = ", raiseload=True" if dict(element.strategy).get("raiseload") else ""
        return f"{self._names.function('load_only')}({listed}{more})"

    def _token(self, element: Any, path: _Path) -> str:
        if str(path[-1]).startswith("relationship:"):
            return _of_relationship(self._names, element, '"*"')
        group = [each for each in element.local_opts if each.startswith("undefer_group_")]
        if group:
            function = self._names.function("undefer_group")
            return f"{function}({group[0][len('undefer_group_') :]!r})"
        return _of_columns(self._names, dict(element.strategy or ()), '"*"')

    def _relationship(self, element: Any, path: _Path, quiet: frozenset[str]) -> None:
        if _goes_on(element, path, self._steps):
            return
        steps = relationships(path)
        key = _based(path if len(path) % 2 else (*path, steps[-1].mapper))
        if element.strategy is None and key in self._steps:
            return
        if element.strategy == (("lazy", "select"),) and path_name(steps) in quiet:
            self._steps.setdefault(key, self._text(element, path, "defaultload"))
            return
        self._steps[key] = self._text(element, path)
        if element.strategy is not None:
            self._loaders.append(path)

    def _text(self, element: Any, path: _Path, function: str = "") -> str:
        step = relationships(path)[-1]
        attribute = self._attribute(path)
        wanted = getattr(element, "_of_type", None)
        if wanted is not None:
            attribute += f".of_type({self._names.entity(wanted)})"
        if element._extra_criteria:
            own = self._names.arguments("and_", step.key)
            attribute += f".and_({own or UNKNOWN})"
            if own is None:
                self.kept.append((attribute, f".and_() of {path_name(relationships(path))}"))
        if function:
            return f"{self._names.function(function)}({attribute})"
        more = ""
        if element.local_opts.get("eager_from_alias") is not None and wanted is None:
            own = self._names.arguments(OWN_JOIN, step.key)
            more = f", {own}" if own else f", alias={UNKNOWN}"
            if own is None:
                self.kept.append((f"{attribute}{more}", f"alias of contains_eager({attribute})"))
        return _of_relationship(self._names, element, attribute, more)

    def _column(self, element: Any, path: _Path) -> str:
        attribute, strategy = self._attribute(path), dict(element.strategy or ())
        if "query_expression" in strategy:
            own = self._names.arguments("with_expression", path[-1].key)
            text = f"{self._names.function('with_expression')}({attribute}, {own or UNKNOWN})"
            if own is None:
                self.kept.append((text, f"expression of {attribute}"))
            return text
        return _of_columns(self._names, strategy, attribute)

    def _of_subclasses(self, element: Any, path: _Path) -> str:
        listed = ", ".join(self._names.entity(each) for each in element.local_opts["entities"])
        leading = f"{self._names.entity(path[0])}, " if len(path) == 1 else ""
        return f"{self._names.function('selectin_polymorphic')}({leading}[{listed}])"

    def _attribute(self, path: _Path) -> str:
        """Return the code of the attribute that a path ends in."""
        at = len(path) - 1 if len(path) % 2 == 0 else len(path) - 2
        entity, prop = path[at - 1], path[at]
        return f"{_entity_code(self._names, entity)}.{prop.key}"

    def chains(self) -> Iterator[Chain]:
        """Yield the steps of each option from its root on."""
        above = {_based(above) for above, _ in self._leaves}
        ends = [*map(_based, self._loaders), *above]
        for path in dict.fromkeys(self._loaders):
            if _based(path) not in above and not any(_is_below(e, _based(path)) for e in ends):
                yield self._chain(path)
        for path, text in self._leaves:
            yield (*self._chain(path), self._led(path, text))

    def _led(self, above: _Path, text: str) -> str:
        """Return a step that names no attribute, as joinedload("*"), with the entity it is of."""
        if len(above) > 1 or '("*"' not in text:
            return text
        return f"{self._names.function('Load')}({_entity_code(self._names, above[0])}).{text}"

    def _chain(self, key: _Path) -> Chain:
        ends = range(3, len(key) + 1, 2)
        return tuple(self._steps.get(_based(key[:end])) or self._led_by(key[:end]) for end in ends)

    def _led_by(self, path: _Path) -> str:
        attribute, step = self._attribute(path), path[-2]
        if path[-1] is not step.mapper and path[-1] is not step.entity:
            attribute += f".of_type({_entity_code(self._names, path[-1])})"
        return f"{self._names.function('defaultload')}({attribute})"


def _entity_code(names: Names, entity: Any) -> str:
    """Return the code of an entity; a subclass of a with_polymorphic() is an attribute of that."""
    if entity.is_aliased_class:
        base = _base(entity)
        if base is not entity:
            return f"{names.entity(base)}.{entity.mapper.class_.__name__}"
    return names.entity(entity)


def _based(path: _Path) -> _Path:
    """Return a path with the whole with_polymorphic() in the place of a subclass of it."""
    return tuple(_base(each) for each in path)


def _base(entity: Any) -> Any:
    is_alias = getattr(entity, "is_aliased_class", False)
    return (entity._base_alias() or entity) if is_alias else entity


def _path(element: Any) -> _Path:
    return tuple(element.path.path)


def _above(element: Any) -> _Path:
    return _path(element)[:-1]


def _only_columns(elements: Sequence[Any]) -> "dict[_Path, list[Any]]":
    """Return the columns of each load_only() among the elements of one option."""
    columns: dict[_Path, list[Any]] = {_above(each): [] for each in elements if _defers_all(each)}
    for each in elements:
        if not each.is_token_strategy and not each.is_class_strategy and _is_undefer(each):
            columns.get(_above(each), []).append(each)
    return {above: found for above, found in columns.items() if found}


def _is_undefer(element: Any) -> bool:
    strategy = dict(element.strategy or ())
    return strategy.get("deferred") is False


def _defers_all(element: Any) -> bool:
    is_columns = element.is_token_strategy and str(_path(element)[-1]).startswith("column:")
    return is_columns and bool(dict(element.strategy or ()).get("deferred"))


def _is_below(path: _Path, above: _Path) -> bool:
    return len(path) > len(above) and path[: len(above)] == above


def _goes_on(element: Any, path: _Path, steps: Mapping[_Path, str]) -> bool:
    """Return whether SQLAlchemy added an element, to repeat a recursive one below itself."""
    end = len(path) if len(path) % 2 else len(path) + 1
    recursive = element.local_opts.get("recursion_depth") is not None
    own = relationships(path)
    return recursive and len(own) > 1 and own[-1] is own[-2] and path[: end - 2] in steps
