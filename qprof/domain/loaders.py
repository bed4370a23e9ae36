"""What is known of SQLAlchemy's loader strategies: each fact once, for whoever asks.

A *strategy* is qprof's word for how a path is loaded. Two spellings belong to each one: the loader
option ("selectinload"), and the word of `relationship(lazy=…)`, which says "select" for "lazy".
"""

from collections.abc import Iterable, Mapping
from typing import Literal

Strategy = Literal["joined", "selectin", "subquery", "lazy", "immediate", "raise"]
"""How a plan can load a path."""
OWN_JOIN: Literal["contains_eager"] = "contains_eager"
"""The path is read from a JOIN that the statement's author wrote: no plan can move it."""
Kind = Literal["root", "collection", "to-one", "columns", "expired", "refresh", "values", "other"]
"""What an execution loads.

- root: entities, by a statement of the user's code
- collection, to-one: a relationship
- columns: those of an object that came without them: deferred, load_only, a subclass's
- expired: columns that the object had before
- refresh: what session.refresh() asks for
- values: a SELECT without entities, such as a count
- other: a write, DDL, or text
"""
OF_COLUMNS: tuple[Kind, ...] = ("columns", "expired", "refresh")
"""SELECTs for an object that exists already: never a load of a relationship."""

LOADERS: Mapping[str, str] = {
    "joined": "joinedload",
    "selectin": "selectinload",
    "subquery": "subqueryload",
    "lazy": "lazyload",
    "immediate": "immediateload",
    "raise": "raiseload",
}
"""A strategy to the loader option that asks for it."""
WORDS: Mapping[str, str] = {**{each: each for each in LOADERS}, "lazy": "select"}
"""A strategy to the word of relationship(lazy=…)."""
OPTION_WORDS: Mapping[str, str] = {
    **{option: WORDS[strategy] for strategy, option in LOADERS.items()},
    "noload": "noload",
    "defaultload": "default",
    OWN_JOIN: OWN_JOIN,
}
"""Every option for a relationship, also those that no plan uses, to the word of its strategy."""
WORD_OPTIONS: Mapping[str, str] = {word: option for option, word in OPTION_WORDS.items()}
COLUMN_OPTIONS = frozenset(
    {
        *("load_only", "defer", "undefer", "undefer_group", "with_expression"),
        *("selectin_polymorphic", "with_loader_criteria"),
    }
)
"""The options that say what is loaded of one entity; they leave its relationships alone."""

IN_PARENTS_SELECT = ("joined", OWN_JOIN)
"""Loaded by a JOIN in the SELECT that loads the parent."""
OWN_SELECTS = ("selectin", "subquery", "immediate")
"""Loaded along with the parents, by SELECTs of their own."""
EAGER = ("joined", *OWN_SELECTS)
"""Loaded along with the parents, before anybody reads the path."""
FOR_ALL_PARENTS = ("joined", "selectin", "subquery")
"""The eager strategies whose number of queries does not grow by one for each parent."""
BY_PARENT = ("lazy", "immediate")
"""One load for each parent: an N+1."""
FORBIDDEN = ("raise", "raise_on_sql", "noload")
"""The words of relationship(lazy=…) by which nothing is loaded when somebody reads the path."""
RECURSIVE = ("selectin", "immediate")
"""Their options take a recursion_depth: they go on below themselves."""
FROM_PARENT = ("selectin", *BY_PARENT)
"""Loaded by a statement in which the parent is the root: options and join_depth count from it."""
OF_ONE_PARENT = ("root", *BY_PARENT)
"""Executions that the user's code brings about one by one, by sending or by reading."""
LOADED_ALONG = ("selectin", "subquery")
"""Loads for all parents that one statement brought: they come again where it is sent again."""
IN_CHUNKS = "selectin"
"""The strategy that asks for `CHUNK` parents at a time. All chunks of one load are one load."""
CHUNK = 500
"""Parents that one selectinload statement asks for: `SelectInLoader._chunksize` of SQLAlchemy."""


def is_eager_word(lazy: object) -> bool:
    """Return whether a relationship with this `lazy=` loads eagerly; False means joined there."""
    return lazy is False or lazy in EAGER


def option_of(strategy: str | None) -> str:
    """Return the loader option that leaves a path with `strategy`.

    That is defaultload where there is none: it changes nothing, and leads to what hangs on it.
    """
    return OWN_JOIN if strategy == OWN_JOIN else LOADERS.get(strategy or "", "defaultload")


Chain = tuple[str, ...]
"""Loader calls from the root down: ("selectinload(Artist.tracks)", "joinedload(Track.album)")."""
_Tree = dict[str, "_Tree"]


def code(chains: Iterable[Chain]) -> str:
    """Return ".options(…)" for `chains`; those with the same beginning are merged."""
    tree: _Tree = {}
    for chain in chains:
        node = tree
        for step in chain:
            node = node.setdefault(step, {})
    return f".options({_arguments(tree)})"


def _arguments(tree: _Tree) -> str:
    return ", ".join(step + _below(tree[step]) for step in tree)


def _below(tree: _Tree) -> str:
    if len(tree) == 1:
        return f".{_arguments(tree)}"
    return f".options({_arguments(tree)})" if tree else ""
