"""What makes a statement's figures uncertain, whatever its paths are.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_with_options`.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.orm import Mapper, ORMExecuteState
from sqlalchemy.orm.util import LoaderCriteriaOption

from qprof.domain.loaders import IN_PARENTS_SELECT, is_eager_word
from qprof.forecast.predict.layout import Layout
from qprof.forecast.predict.tree import Edge, Unpredictable


def changed_later(state: ORMExecuteState, own: Any) -> str | None:
    """Return why a statement may still be changed after the listener `own` has seen it."""
    listeners = list(state.session.dispatch.do_orm_execute)
    if listeners.index(own) == len(listeners) - 1:
        return None
    return "a do_orm_execute listener of the session may change the statement later on"


def schemas_of(
    state: ORMExecuteState, connection: Connection
) -> tuple[Mapping[str | None, str | None], str | None]:
    """Return the schema_translate_map of a statement, and why lazy loads may not follow it."""
    everywhere = connection.get_execution_options().get("schema_translate_map") or {}
    own = state.execution_options.get("schema_translate_map") or everywhere
    reason = "a schema_translate_map of the statement's own is not that of its lazy loads"
    return own, None if own == everywhere else reason


def refuse_class_criteria(statement: Select[Any]) -> None:
    """Raise Unpredictable for with_loader_criteria, which each loader applies in its own way."""
    if any(isinstance(each, LoaderCriteriaOption) for each in statement._with_options):
        raise Unpredictable(
            "the statement has with_loader_criteria, which each strategy applies in its own way"
        )


def refuse_subclass(layout: Layout) -> None:
    """Raise Unpredictable where SQLAlchemy joins a subclass's own path in another way than it says.

    Its JOIN has no criterion for the subclass: where the key is the base's, other objects of that
    match, too. And with a subclass in the SELECT, joins may be outer that are said to be inner.
    """
    for edge in layout.tree.edges.values():
        if layout.is_joined(edge.path) and _matches_base(layout, edge):
            raise Unpredictable(
                f"{edge.path} is joined to other {layout.tree.mapper(edge.parent).class_.__name__} "
                f"objects than {edge.step.parent.class_.__name__}, too"
            )
        several = edge.narrowed or layout.tree.selects_subclasses(layout.head(edge.path))
        if several and layout.drops(edge.path):
            raise Unpredictable(f"it is not known which joins around {edge.path} are inner joins")


def refuse_apart(layout: Layout, edge: Edge) -> None:
    """Raise Unpredictable for a selectinload of what only a subclass of a root has.

    SQLAlchemy runs none below a statement that selects the base alone: the path stays lazy. Below
    a relationship an option names the subclass by of_type(), and it does.
    """
    is_root = edge.parent in layout.tree.entities
    if is_root and layout.tree.is_apart(edge) and not layout.tree.selects_subclasses(edge.parent):
        raise Unpredictable(
            f"{edge.path} is a subclass's own, which selectinload leaves lazy where the base is "
            "selected"
        )


def _matches_base(layout: Layout, edge: Edge) -> bool:
    own = edge.step.parent
    if layout.tree.mapper(edge.parent).isa(own):
        return False
    return own.single or any(each.table is not own.local_table for each in edge.step.local_columns)


def sharing_keys(layout: Layout) -> list[Edge]:
    """Return the lazy to-one paths whose keys may be those of loaded objects of another class.

    The session finds such an object, and gives None without a SELECT.
    """
    tree = layout.tree
    mappers = [tree.mapper(path) for path in (*tree.entities, *tree.edges)]
    return [
        edge
        for edge in layout.apart()
        if layout.strategy(edge.path) == "lazy" and edge.by_identity
        if any(_is_other_kind(each, edge.step.mapper) for each in mappers)
    ]


def refuse_forgotten_strategy(layout: Layout, *, in_batches: bool) -> None:
    """Raise Unpredictable for a lazy load of what may have been loaded on another path before.

    Such an object keeps the options of that path; without any, its mapping's strategy holds.
    """
    for edge in layout.apart():
        eager = [
            each
            for each in (edge.step, *edge.step.mapper.relationships)
            if is_eager_word(each.lazy)
        ]
        other = _loaded_before(layout, edge, in_batches=in_batches) if eager else None
        if layout.strategy(edge.path) == "lazy" and other is not None:
            raise Unpredictable(
                f"objects on the way to {edge.path} may be loaded on {other} first, where the "
                f"mapping loads {eager[0]} by {eager[0].lazy}"
            )


def _loaded_before(layout: Layout, edge: Edge, *, in_batches: bool) -> str | None:
    """Return a path above which objects of `edge` may hang, too, and which is not lazy there."""
    names = edge.path.split(".")
    for length in range(1, len(names)):
        way, rest = ".".join(names[:length]), names[length:]
        for other in _kin_before(layout, way, in_batches=in_batches):
            same = ".".join([other, *rest])
            if same not in layout.tree.edges or layout.strategy(same) != "lazy":
                return other
    return None


def _kin_before(layout: Layout, way: str, *, in_batches: bool) -> list[str]:
    """Return the paths whose objects may be those of `way`, and may be loaded before them.

    A row brings what is joined, and the first row what a subqueryload fetches, before the next row
    brings its root. Under yield_per, so does whatever is loaded for a batch.
    """
    tree = layout.tree
    paths = [*tree.entities, *tree.edges]
    if way not in paths:
        return []
    kin = [
        e for e in paths if e != way and tree.mapper(e).base_mapper is tree.mapper(way).base_mapper
    ]
    eager = {e for e in kin if e in tree.edges and layout.strategy(e) != "lazy"}
    if way in tree.entities and not in_batches:
        eager = {each for each in eager if _comes_with_rows(layout, each)}
    before = paths[: paths.index(way)]
    return [each for each in kin if each in eager or each in before]


def _comes_with_rows(layout: Layout, path: str) -> bool:
    """Return whether SQLAlchemy loads a path while it reads the rows of the root statement."""
    while path in layout.tree.edges:
        if layout.strategy(path) not in (*IN_PARENTS_SELECT, "subquery"):
            return False
        path = layout.tree.edges[path].parent
    return True


def refuse_forbidden(layout: Layout) -> None:
    """Raise Unpredictable for a lazy load that is forbidden on another path to its parents.

    SQLAlchemy sets what an option forbids on each object that has not loaded it, also on one that
    came before.
    """
    tree = layout.tree
    for edge in layout.apart():
        if layout.strategy(edge.path) != "lazy" or not tree.comes_elsewhere(edge.parent):
            continue
        if tree.forbids(edge.step):
            raise Unpredictable(
                f"{edge.step} is forbidden on a path to objects that {edge.path} is loaded for"
            )


def refuse_same_rows(layout: Layout) -> None:
    """Raise Unpredictable for a subqueryload of objects that may be in their rows twice.

    SQLAlchemy sends it for the first row in which an object is new by that path. Where another
    path of the same SELECT has brought all of them, it sends none.
    """
    tree = layout.tree
    for edge in layout.apart():
        if layout.strategy(edge.path) != "subquery" or not layout.is_joined(edge.parent):
            continue
        head, kind = layout.head(edge.parent), tree.mapper(edge.parent).base_mapper
        heads = layout.heads(head)
        places = [*heads, *(each.path for one in heads for each in layout.within(one))]
        others = [each for each in places if each != edge.parent]
        same = next((each for each in others if tree.mapper(each).base_mapper is kind), None)
        if same is not None:
            raise Unpredictable(
                f"objects of {edge.parent} may come as {same} in the same rows, and {edge.path} is "
                "then not loaded"
            )


def _is_other_kind(one: Any, mapper: Mapper[Any]) -> bool:
    return one.base_mapper is mapper.base_mapper and one is not mapper
