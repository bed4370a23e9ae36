"""A statement's options and mappings to the tree that it loads, and the SELECTs of that tree."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from qprof.domain.loaders import EAGER, FOR_ALL_PARENTS, IN_PARENTS_SELECT, OWN_JOIN
from qprof.domain.trace import Join
from qprof.scan.calls.chains import roots_of
from qprof.scan.calls.values import Attribute, Chain, EntityName, NamePlace, Statement, Step
from qprof.scan.models.directions import Link, Links
from qprof.scan.models.facts import Class

_DEEPEST = 8
"""How far mappings that load each other are followed."""


@dataclass
class LoadedPath:
    """One path of a statement, and how it is loaded."""

    path: str
    hop: str
    """Its last hop, owner and all: "Track.genres"."""
    hops: tuple[str, ...]
    name: str
    target: Class | None
    to_many: bool | None
    strategy: str
    step: Step | None = None
    """The option that says so; None where the mapping does."""
    link: Link | None = None
    children: dict[tuple[str, str], "LoadedPath"] = field(default_factory=dict)
    code: str = ""
    """Its last hop as an option names it: writer.books for an alias."""
    leaves: list[str] = field(default_factory=list)
    """What options say of it besides, as written: load_only(Track.title)."""

    @property
    def is_joined(self) -> bool:
        """Whether it comes with its parent, in one SELECT."""
        return self.strategy in IN_PARENTS_SELECT


@dataclass(frozen=True)
class Select:
    """The JOINs of one SELECT."""

    nodes: tuple[LoadedPath, ...]
    is_root: bool

    @property
    def joins(self) -> tuple[Join, ...]:
        """The same as qprof sees it when it runs; a path of unknown direction counts as to-one."""
        return tuple(
            Join(
                path=each.path,
                hops=each.hops,
                to_many=bool(each.to_many),
                strategy=each.strategy,
                inner=bool(each.step and each.step.inner),
                narrowed=bool(each.step and each.step.attribute.narrowed),
                mapped=each.step is None,
            )
            for each in self.nodes
        )


class Loading:
    """What statements load, by the relationships that were scanned."""

    def __init__(self, links: Links) -> None:
        self._links = links

    def read(self, statement: Statement) -> tuple[list[LoadedPath], list[Select]]:
        """Return the paths of `statement`, and its SELECTs that join any, the root's own first."""
        tops = self._tree(statement)
        return tops, [each for each in _selects(tops, is_root=True) if each.nodes]

    def _tree(self, statement: Statement) -> list[LoadedPath]:
        tops: dict[tuple[str, str], LoadedPath] = {}
        for chain in [chain for option in statement.options for chain in option.chains]:
            self._add(tops, chain)
        self._add_more(tops, statement)
        wildcard = next((each.wildcard for each in statement.options if each.wildcard), None)
        if wildcard is None:
            for root in roots_of(statement):
                self._mapped(tops, root.mapped, root, ())
        return list(tops.values())

    def _add_more(self, tops: dict[tuple[str, str], LoadedPath], statement: Statement) -> None:
        """Add what wildcards join, and what options say besides of a path."""
        for option in statement.options:
            if option.everything is not None:
                self._add_all(tops, statement, *option.everything)
            for below in option.everything_below:
                self._add_below(tops, *below)
            for chain, text in option.leaves:
                node = _at(tops, chain)
                if node is not None and text not in node.leaves:
                    node.leaves.append(text)

    def _add_all(
        self,
        tops: dict[tuple[str, str], LoadedPath],
        statement: Statement,
        place: NamePlace,
        written: str,
    ) -> None:
        """Add what joinedload("*") joins to the roots, where no option says otherwise."""
        for root in roots_of(statement):
            for link in self._links.links(root.mapped) if root.mapped else ():
                if (root.alias or "", link.name) not in tops:
                    of = Attribute(root, link.name)
                    self._add(tops, (Step("joined", of, place, written, of_all=True),))

    def _add_below(
        self, tops: dict[tuple[str, str], LoadedPath], chain: Chain, place: NamePlace, written: str
    ) -> None:
        """Add what joinedload("*") at the end of a chain joins to what the chain leads to."""
        node = _at(tops, chain)
        if node is None or node.target is None:
            return
        target = EntityName(node.target.name, node.target)
        for link in self._links.links(node.target):
            if ("", link.name) not in node.children and link.to_many is not None:
                of = Attribute(target, link.name)
                step = Step("joined", of, place, written, of_all=True)
                self._add(tops, (*chain, step))

    def mapping(self, owner: Class) -> list[Select]:
        """Return the SELECTs of a plain select() of `owner`."""
        tops: dict[tuple[str, str], LoadedPath] = {}
        self._mapped(tops, owner, EntityName(owner.name, owner), ())
        return [each for each in _selects(list(tops.values()), is_root=True) if each.nodes]

    def _add(self, level: dict[tuple[str, str], LoadedPath], chain: Chain) -> None:
        above: LoadedPath | None = None
        for step in chain:
            owner = step.attribute.owner
            key = (
                (owner.alias or "", step.attribute.name)
                if above is None
                else ("", step.attribute.name)
            )
            node = level.get(key)
            if node is None:
                node = level[key] = self._node(owner, step.attribute.name, above)
            if step.strategy != "default":
                node.strategy, node.step = step.strategy, step
            subclass = step.attribute.subclass
            node.target = subclass.mapped if subclass else node.target
            above, level = node, node.children

    def _node(self, owner: EntityName, name: str, above: LoadedPath | None) -> LoadedPath:
        link = self._links.link(owner.mapped, name) if owner.mapped else None
        start = above.path if above else owner.shown
        hop = f"{owner.shown}.{name}"
        return LoadedPath(
            path=f"{start}.{name}",
            hop=hop,
            hops=(*(above.hops if above else ()), hop),
            name=name,
            target=link.target if link else None,
            to_many=link.to_many if link else None,
            strategy=link.lazy if link else "select",
            link=link,
            code=f"{owner.code}.{name}",
        )

    def _mapped(
        self,
        level: dict[tuple[str, str], LoadedPath],
        owner: Class | None,
        entity: EntityName,
        above: tuple[tuple[str, str], ...],
        parent: LoadedPath | None = None,
    ) -> None:
        """Add what the mapping of `owner` loads eagerly, below what options already say."""
        for link in self._links.links(owner) if owner else ():
            key = (entity.alias or "" if parent is None else "", link.name)
            eager = link.lazy in FOR_ALL_PARENTS
            # SQLAlchemy does not follow a mapping that leads to a class on the way.
            passed = {owner.name if owner else "", *(name for name, _ in above)}
            again = (link.target is not None and link.target.name in passed) or (
                len(above) >= _DEEPEST
            )
            if key not in level and eager and not again:
                level[key] = self._node(entity, link.name, parent)
        for node in level.values():
            if node.strategy in (*EAGER, OWN_JOIN):
                here = (*above, (owner.name if owner else "", node.name))
                target = node.target
                below = EntityName(target.name if target else "", target)
                back = target is not None and any(target.name == each[0] for each in here)
                if not (back and node.step is None):
                    self._mapped(node.children, target, below, here, node)


def _at(tops: dict[tuple[str, str], LoadedPath], chain: Chain) -> LoadedPath | None:
    """Return the path that a chain ends at; None for the roots themselves."""
    node, level = None, tops
    for number, step in enumerate(chain):
        alias = (step.attribute.owner.alias or "") if not number else ""
        node = level.get((alias, step.attribute.name))
        if node is None:
            return None
        level = node.children
    return node


def _selects(tops: list[LoadedPath], *, is_root: bool) -> Iterator[Select]:
    here = tuple(_joined(tops))
    yield Select(here, is_root)
    for node in _apart(tops):
        if node.strategy != "noload" and node.children:
            yield from _selects(list(node.children.values()), is_root=False)


def _joined(level: list[LoadedPath]) -> Iterator[LoadedPath]:
    for node in level:
        if node.is_joined:
            yield node
            yield from _joined(list(node.children.values()))


def _apart(level: list[LoadedPath]) -> Iterator[LoadedPath]:
    """Yield the topmost paths that are loaded by SELECTs of their own."""
    for node in level:
        if node.is_joined:
            yield from _apart(list(node.children.values()))
        else:
            yield node


def every(level: list[LoadedPath]) -> Iterator[LoadedPath]:
    """Yield each node of a tree."""
    for node in level:
        yield node
        yield from every(list(node.children.values()))


def unsupported(statement: Statement) -> list[str]:
    """Return what of the options of `statement` was not understood."""
    return [said for option in statement.options for said in option.unsupported]


__all__ = ["Link", "LoadedPath", "Loading", "Select", "every", "unsupported"]
