"""Random schemas with every kind of relationship, random rows, and random statements over them."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    and_,
    func,
    insert,
    select,
)
from sqlalchemy.orm import (
    Load,
    Session,
    aliased,
    column_property,
    composite,
    configure_mappers,
    contains_eager,
    defaultload,
    foreign,
    immediateload,
    joinedload,
    lazyload,
    raiseload,
    registry,
    relationship,
    remote,
    selectin_polymorphic,
    selectinload,
    subqueryload,
    with_loader_criteria,
    with_polymorphic,
)

NAMES = ("A", "B", "C", "D")
SUBCLASSES = {"A": "S", "B": "J"}
"""By base class: S has no table of its own, J has one joined to its base's."""
KINDS = ("many", "one", "both", "self", "bothself", "custom", "single", "composite")
Options = Callable[..., Any]
Form = Callable[["World", str, Any], Any]
"""Is given a schema, the name of a class, and a statement that selects this class."""


@dataclass
class World:
    """Six classes, two of which inherit from others, and their tables."""

    draw: random.Random
    tables: dict[str, Table]
    classes: dict[str, type]
    links: list[tuple[Table, str, str]]

    def relationships(self, name: str) -> list[str]:
        """Return the attributes of a class, in a new order."""
        keys = sorted(self.classes[name].__mapper__.relationships.keys())  # type: ignore[attr-defined]
        self.draw.shuffle(keys)
        return keys

    def narrowed(self, name: str) -> str:
        """Return the class, or now and then its subclass, if it has one."""
        return SUBCLASSES[name] if name in SUBCLASSES and self.draw.random() < 0.4 else name


@dataclass(eq=False)
class Pair:
    """The value of two columns."""

    v: int
    key: int | None


Widen = Callable[[World, "registry", dict[str, dict[str, Any]]], None]
"""Is given a schema before its classes are mapped, and the properties that each will have."""


def world(seed: int, widen: Widen | None = None) -> World:
    """Return a random schema; `widen` may add classes and properties."""
    draw, metadata, mapped = random.Random(seed), MetaData(), registry()
    tables = {name: _table(name, metadata) for name in NAMES}
    classes = {name: type(name, (), {}) for name in NAMES}
    classes |= {each: type(each, (classes[base],), {}) for base, each in SUBCLASSES.items()}
    made = World(draw, tables, classes, [])
    properties = {name: _properties(made, name) for name in NAMES}
    properties["C"]["pair"] = composite(Pair, tables["C"].c.v, tables["C"].c.A_id)
    properties["D"]["twice"] = column_property(tables["D"].c.v * 2)
    own = {each: _own(made, base) for base, each in SUBCLASSES.items()}
    if widen is not None:
        widen(made, mapped, properties)
    for name in NAMES:
        kind = {"polymorphic_on": tables[name].c.kind, "polymorphic_identity": name}
        given: dict[str, Any] = kind if name in SUBCLASSES else {}
        mapped.map_imperatively(classes[name], tables[name], properties=properties[name], **given)
    for base, each in SUBCLASSES.items():
        table = Table(each, metadata, Column("id", ForeignKey(f"{base}.id"), primary_key=True))
        mapped.map_imperatively(
            classes[each],
            table if each == "J" else None,
            inherits=classes[base],
            polymorphic_identity=each,
            properties=own[each],
        )
    configure_mappers()
    return made


def _properties(made: World, name: str) -> dict[str, Any]:
    found = {}
    for number in range(4):
        kind = made.draw.choice(KINDS)
        other = made.draw.choice([each for each in NAMES if each != name])
        found[f"r{number}_{kind}"] = _relationship(made, kind, name, other, number)
    return found


def _own(made: World, base: str) -> dict[str, Any]:
    """Return the relationships of a subclass, which its base has not."""
    other = made.draw.choice([each for each in NAMES if each != base])
    kinds = made.draw.sample(("many", "one", "both"), 2)
    return {f"own_{kind}": _relationship(made, kind, base, other, 9) for kind in kinds}


def _table(name: str, metadata: MetaData) -> Table:
    keys = [Column(f"{each}_id", ForeignKey(f"{each}.id"), index=True) for each in NAMES]
    return Table(
        name,
        metadata,
        Column("id", Integer, primary_key=True),
        Column("v", Integer),
        Column("kind", String(1)),
        *keys,
    )


def _relationship(made: World, kind: str, name: str, other: str, number: int) -> Any:
    own, far = made.tables[name], made.tables[other]
    if kind in ("both", "bothself"):
        return _many_to_many(made, name, name if kind == "bothself" else other, number)
    inner = made.draw.choice([False, False, False, True]) if kind == "one" else False
    conditions = {
        "many": foreign(far.c[f"{name}_id"]) == own.c.id,
        "single": foreign(far.c[f"{name}_id"]) == own.c.id,
        "custom": and_(foreign(far.c[f"{name}_id"]) == own.c.id, far.c.v > 4),
        "composite": and_(foreign(far.c[f"{name}_id"]) == own.c.id, foreign(far.c.v) == own.c.v),
        "one": foreign(own.c[f"{other}_id"]) == far.c.id,
        "self": remote(foreign(own.c[f"{name}_id"])) == own.c.id,
    }
    target = made.classes[name if kind == "self" else other]
    further: dict[str, Any] = {"uselist": False} if kind == "single" else {}
    further |= _by_default(made, far if kind != "self" else own, own_kind=kind == "self")
    return relationship(
        target, primaryjoin=conditions[kind], viewonly=True, innerjoin=inner, **further
    )


def _by_default(made: World, far: Table, *, own_kind: bool) -> dict[str, Any]:
    """Return now and then an order, and a strategy of the mapping's own, down to a depth."""
    ordered = {"order_by": far.c.v} if made.draw.random() < 0.2 else {}
    if made.draw.random() > 0.06:
        return ordered
    depth = {"join_depth": made.draw.choice((1, 2))} if own_kind else {}
    lazy = made.draw.choice(("joined", "selectin", "subquery", "immediate", "raise"))
    return {**ordered, **depth, "lazy": lazy}


def _many_to_many(made: World, name: str, other: str, number: int) -> Any:
    table = Table(
        f"x_{name}_{other}_{number}",
        made.tables[name].metadata,
        Column("l", ForeignKey(f"{name}.id"), index=True),
        Column("r", ForeignKey(f"{other}.id")),
    )
    made.links.append((table, name, other))
    return relationship(
        made.classes[other],
        secondary=table,
        primaryjoin=table.c.l == made.tables[name].c.id,
        secondaryjoin=table.c.r == made.tables[other].c.id,
        viewonly=True,
    )


def fill(made: World, engine: Engine) -> None:
    """Write 8 to 16 rows of each table, with NULLs and, in links, repeated pairs."""
    draw = made.draw
    sizes = {name: draw.randint(8, 16) for name in NAMES}
    made.tables["A"].metadata.create_all(engine)
    with engine.begin() as connection:
        for name in NAMES:
            rows = [_row(draw, name, key, sizes) for key in range(1, sizes[name] + 1)]
            connection.execute(insert(made.tables[name]), rows)
            if SUBCLASSES.get(name) == "J":
                further = [{"id": each["id"]} for each in rows if each["kind"] == "J"]
                connection.execute(insert(made.tables["A"].metadata.tables["J"]), further)
        for table, left, right in made.links:
            pairs = [
                {"l": draw.randint(1, sizes[left]), "r": draw.randint(1, sizes[right])}
                for _ in range(int(1.2 * sizes[left]))
            ]
            connection.execute(insert(table), pairs)


def _row(draw: random.Random, name: str, key: int, sizes: dict[str, int]) -> dict[str, Any]:
    # Beyond the last: a foreign key that no row has.
    keys = {
        f"{other}_id": draw.randint(1, size + 2) if draw.random() < 0.8 else None
        for other, size in sizes.items()
    }
    kind = SUBCLASSES.get(name, name) if key % 3 == 0 else name
    return {"id": key, "v": draw.randint(0, 9), "kind": kind, **keys}


def statement(made: World, form: Form) -> Any:
    """Return a random statement of a form, with random options."""
    name = made.narrowed(made.draw.choice(NAMES))
    found = select(made.classes[name]).options(*options(made, name, 0))
    return form(made, name, found)


def loaded(made: Any, session: Session) -> Any:
    """Return what a random statement finds, objects as they are and rows of several as tuples."""
    found = session.execute(made)
    rows = (found if "yield_per" in made.get_execution_options() else found.unique()).all()
    return [each[0] if len(each) == 1 else tuple(each) for each in rows]


def _filtered(made: World, name: str, found: Any) -> Any:
    entity: Any = made.classes[name]
    return found.where(entity.v > made.draw.randint(1, 6))


def _limited(made: World, name: str, found: Any) -> Any:
    entity: Any = made.classes[name]
    ordered = found.order_by(entity.v.desc(), entity.id)
    return ordered.limit(made.draw.randint(3, 12)).offset(2)


def _joined(made: World, name: str, found: Any) -> Any:
    attribute = getattr(made.classes[name], made.relationships(name)[0])
    return found.join(attribute.of_type(aliased(attribute.property.mapper.class_)))


def _distinct(made: World, name: str, found: Any) -> Any:
    return _joined(made, name, found).distinct()


def _two_roots(made: World, name: str, found: Any) -> Any:
    base = made.classes[name].__mapper__.base_mapper.class_  # type: ignore[attr-defined]
    others = [each for each in NAMES if made.classes[each] is not base]
    other = made.draw.choice(others)
    first: Any = made.classes[name]
    second: Any = made.classes[other]
    also = found.add_columns(second).where(first.v == second.v, second.id < 6)
    return also.options(*options(made, other, 1))


def _eager_join(made: World, name: str, found: Any) -> Any:
    entity = made.classes[name]
    keys = made.relationships(name)
    base = entity.__mapper__.base_mapper  # type: ignore[attr-defined]
    away = [k for k in keys if getattr(entity, k).property.mapper.base_mapper is not base]
    if not away:
        return found
    attribute = getattr(entity, away[0])
    more = [each for each in options(made, name, 1) if each.path[1].key != away[0]]
    return select(entity).join(attribute).options(contains_eager(attribute), *more)


def _tied(made: World, name: str, found: Any) -> Any:
    entity: Any = made.classes[name]
    order = made.draw.choice(((), (entity.v,), (entity.v.desc(), entity.A_id)))
    return found.order_by(*order).limit(made.draw.randint(1, 9))


def _in_batches(made: World, name: str, found: Any) -> Any:
    entity: Any = made.classes[name]
    attribute = getattr(entity, made.relationships(name)[0])
    wanted = select(entity).options(*options(made, name, 0, _apart))
    order = made.draw.choice(((entity.id,), (entity.v.desc(), entity.id), (entity.v,)))
    joined = wanted.join(attribute.of_type(aliased(attribute.property.mapper.class_)))
    chosen = joined if made.draw.random() < 0.3 else wanted
    return chosen.order_by(*order).execution_options(yield_per=made.draw.randint(1, 7))


def _grouped(made: World, name: str, found: Any) -> Any:
    entity: Any = made.classes[name]
    attribute = getattr(entity, made.relationships(name)[0])
    other = aliased(attribute.property.mapper.class_)
    grouped = found.join(attribute.of_type(other)).group_by(entity.id)
    return grouped.having(func.count() > 1)


def _whole_hierarchy(made: World, name: str, found: Any) -> Any:
    base = made.draw.choice(sorted(SUBCLASSES))
    every: Any = with_polymorphic(made.classes[base], "*")
    key = made.relationships(base)[0]
    own = made.relationships(SUBCLASSES[base])[0]
    loads = [joinedload(getattr(every, key))]
    if hasattr(made.classes[base], own) is False:
        loads.append(selectinload(getattr(getattr(every, SUBCLASSES[base]), own)))
    return select(every).options(*loads)


def _by_class(made: World, name: str, found: Any) -> Any:
    base = made.draw.choice(sorted(SUBCLASSES))
    entity, narrow = made.classes[base], made.classes[SUBCLASSES[base]]
    more = options(made, base, 1)
    return select(entity).options(selectin_polymorphic(entity, [narrow]), *more)


def _with_criteria(made: World, name: str, found: Any) -> Any:
    other: Any = made.classes[made.draw.choice(NAMES)]
    return found.options(with_loader_criteria(other, other.v > 2))


def _some_columns(made: World, name: str, found: Any) -> Any:
    entity: Any = made.classes[name]
    chosen = Load(entity)
    return found.options(
        made.draw.choice(
            (chosen.load_only(entity.v), chosen.defer(entity.v), chosen.defer(entity.B_id))
        )
    )


def _anew(made: World, name: str, found: Any) -> Any:
    return found.execution_options(populate_existing=True)


def _wild(made: World, name: str, found: Any) -> Any:
    return found.options(made.draw.choice((lazyload, raiseload, selectinload))("*"))


def _recursive(made: World, name: str, found: Any) -> Any:
    own = [
        (each, key)
        for each in NAMES
        for key, prop in sorted(made.classes[each].__mapper__.relationships.items())  # type: ignore[attr-defined]
        if "self" in key
    ]
    if not own:
        return found
    each, key = made.draw.choice(own)
    attribute = getattr(made.classes[each], key)
    depth = made.draw.choice((1, 2, 3))
    return select(made.classes[each]).options(selectinload(attribute, recursion_depth=depth))


def _over_an_alias(made: World, name: str, found: Any) -> Any:
    entity: Any = aliased(made.classes[name])
    keys = made.relationships(name)[:2]
    loads = [any_loader(made.draw)(getattr(entity, key)) for key in keys]
    return select(entity).where(entity.v > 2).options(*loads)


FORMS: tuple[Form, ...] = (
    lambda made, name, found: found,
    _filtered,
    _limited,
    _distinct,
    _joined,
    _two_roots,
    _eager_join,
    _tied,
    _in_batches,
    _grouped,
    _whole_hierarchy,
    _by_class,
    _with_criteria,
    _some_columns,
    _anew,
    _wild,
    _recursive,
    _over_an_alias,
)


def options(
    made: World, name: str, depth: int, loader: Callable[[random.Random], Options] | None = None
) -> list[Any]:
    draw, loader = made.draw, loader or any_loader
    entity, chosen = made.classes[name], []
    for key in made.relationships(name)[: draw.randint(1, 1 if depth else 3)]:
        attribute = getattr(entity, key)
        target: Any = attribute.property.mapper.class_
        below = made.narrowed(target.__name__)
        if below != target.__name__:
            attribute = attribute.of_type(made.classes[below])
        elif draw.random() < 0.1:
            attribute = attribute.and_(target.v > 1)
        option = loader(draw)(attribute)
        if depth < 2 and draw.random() < 0.5:
            option = option.options(*options(made, below, depth + 1, loader))
        chosen.append(option)
    return chosen


def any_loader(draw: random.Random) -> Options:
    inner = draw.choice((True, "unnested"))
    return draw.choice(
        (
            joinedload,
            joinedload,
            joinedload,
            selectinload,
            selectinload,
            subqueryload,
            lazyload,
            lambda attribute: joinedload(attribute, innerjoin=inner),
            draw.choice((immediateload, defaultload, raiseload, selectinload)),
        )
    )


def _apart(draw: random.Random) -> Options:
    """Return mostly what loads by SELECTs of its own."""
    return draw.choice((selectinload, selectinload, selectinload, selectinload, joinedload))
