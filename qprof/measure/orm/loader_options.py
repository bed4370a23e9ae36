"""What the loader options of a statement say besides their strategies.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `Select._with_options`, `Load.context`, and of
its elements `.path`, `.strategy`, `.local_opts`, `._extra_criteria` and `._of_type`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Select
from sqlalchemy.orm import Load

from qprof.measure.orm.paths import path_name, relationships


@dataclass(frozen=True)
class LoaderOptions:
    """What the options of a statement say besides their strategies."""

    innerjoin: Mapping[str, object]
    """By path: the innerjoin of its joinedload, where one is given."""
    narrowed: tuple[str, ...]
    """The paths with .and_() or of_type()."""
    columns: bool
    """Whether columns are chosen, as by load_only()."""
    recursive: frozenset[str] = frozenset()
    """The paths whose option has a recursion_depth."""
    criteria: tuple[str, ...] = ()
    """The paths with .and_()."""
    empties: bool = False
    """Whether noload() leaves something empty."""
    raises: bool = False
    """Whether raiseload() has something raise."""

    def goes_on(self, name: str) -> bool:
        """Return whether an option loads the path `name`, or one above it, again and again."""
        return any(_repeats(name, each) for each in self.recursive)


def options_of(statement: Select[Any]) -> LoaderOptions:
    """Return what the options of `statement` say besides their strategies."""
    elements = [
        (path_name(relationships(each.path.path)), each)
        for option in getattr(statement, "_with_options", ())
        if isinstance(option, Load)
        for each in cast("Any", option).context
    ]
    loaders = [(name, each) for name, each in elements if "lazy" in dict(each.strategy or ())]
    words = {loader_word(each) for each in elements_of(statement)}
    return LoaderOptions(
        {name: each.local_opts["innerjoin"] for name, each in loaders if _inner(each)},
        tuple(name for name, each in loaders if _is_narrowed(each)),
        any("deferred" in dict(each.strategy or ()) for _, each in elements),
        frozenset(
            name for name, each in loaders if each.local_opts.get("recursion_depth") is not None
        ),
        tuple(name for name, each in loaders if each._extra_criteria),
        empties="noload" in words,
        raises=not words.isdisjoint(("raise", "raise_on_sql")),
    )


def elements_of(statement: Any) -> Iterator[Any]:
    """Yield the elements of all options; a wildcard, and what is no loader option, is its own."""
    for option in getattr(statement, "_with_options", ()):
        yield from cast("Any", option).context if isinstance(option, Load) else (option,)


def loader_word(element: object) -> object:
    """Return the lazy=… word of an element; None where it says nothing of loading."""
    return dict(getattr(element, "strategy", None) or ()).get("lazy")


def _repeats(name: str, above: str) -> bool:
    """Return whether a path is `above`, or goes on from there by its last step alone."""
    key = above.rpartition(".")[2]
    return name == above or (
        name.startswith(f"{above}.") and set(name[len(above) + 1 :].split(".")) == {key}
    )


def _inner(element: Any) -> bool:
    return "innerjoin" in element.local_opts


def _is_narrowed(element: Any) -> bool:
    return bool(element._extra_criteria) or getattr(element, "_of_type", None) is not None
