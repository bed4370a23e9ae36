"""What schemas from `WIDER` on have besides: more kinds of mapping, and more forms of statement.

Those before stay what they were, so that the numbers of past failures keep their meaning. Besides
the classes of `schemas` there are L, which associates A with B; M, whose key has two columns; and
P, from whom K inherits with a table of its own (concrete). B defers a column, and D has two names
for one.
"""

from typing import Any

from sqlalchemy import (
    Column,
    Engine,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    String,
    Table,
    func,
    insert,
    null,
    select,
)
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.orm import (
    Load,
    aliased,
    contains_eager,
    deferred,
    immediateload,
    joinedload,
    lazyload,
    noload,
    polymorphic_union,
    raiseload,
    registry,
    relationship,
    selectin_polymorphic,
    selectinload,
    subqueryload,
    synonym,
    with_loader_criteria,
    with_polymorphic,
)

from tests.forecast.predict import schemas
from tests.forecast.predict.schemas import FORMS, SUBCLASSES, Form, World, any_loader, options

WIDER = 9_000
"""The first schema that has what this module adds."""
_CLASSES = ("L", "M", "P", "K")


def world(seed: int) -> World:
    """Return a random schema."""
    return schemas.world(seed, _widen if seed >= WIDER else None)


def forms(seed: int) -> tuple[Form, ...]:
    """Return every form of statement for the schema of that number."""
    return (*FORMS, *_FURTHER) if seed >= WIDER else FORMS


def statement(made: World, number: int, seed: int) -> Any:
    """Return a random statement over the schema `seed`, of one of its forms."""
    return schemas.statement(made, forms(seed)[number])


def fill(made: World, engine: Engine) -> None:
    """Write rows as `schemas` does, and 8 to 20 of each further table."""
    schemas.fill(made, engine)
    draw = made.draw
    with engine.begin() as connection:
        for name in _CLASSES if "L" in made.tables else ():
            table, number = made.tables[name], draw.randint(8, 20)
            rows = [_row(draw, name, key) for key in range(1, number + 1)]
            connection.execute(insert(table), rows)


def _row(draw: Any, name: str, key: int) -> dict[str, Any]:
    row = {"v": draw.randint(0, 9), "A_id": draw.randint(1, 9)}
    if name == "M":
        return {"x": key % 5, "y": key // 5, **row}
    if name == "L":
        target = draw.choice(((None, None), (draw.randint(0, 5), draw.randint(0, 3))))
        links = {"m_x": target[0], "m_y": target[1]}
        return {"id": key, **row, **links, "B_id": draw.choice((None, draw.randint(1, 12)))}
    # A concrete class has keys of its own: those of K do not meet those of P.
    return {"id": key + 100 * (name == "K"), **row, "note": f"note {key}"}


def _widen(made: World, mapped: registry, properties: dict[str, dict[str, Any]]) -> None:
    metadata = made.tables["A"].metadata
    made.classes |= {name: type(name, (), {}) for name in ("L", "M", "P")}
    made.classes["K"] = type("K", (made.classes["P"],), {})
    made.tables |= {name: _table(name, metadata) for name in _CLASSES}
    classes, tables = made.classes, made.tables
    lazy = made.draw.choice(("select", "select", "select", "joined", "selectin"))
    properties["A"]["links"] = relationship(classes["L"], viewonly=True, lazy=lazy)
    properties["A"]["ms"] = relationship(classes["M"], viewonly=True)
    classes["A"].others = association_proxy("links", "b")  # type: ignore[attr-defined]
    tables["B"].append_column(Column("w", String(9), default="a text"))
    properties["B"]["w"] = deferred(tables["B"].c.w)
    properties["D"]["value"] = synonym("v")
    inner = made.draw.random() < 0.3
    own = {
        "a": relationship(classes["A"], viewonly=True, innerjoin=inner),
        "b": relationship(classes["B"], viewonly=True),
        "m": relationship(classes["M"], viewonly=True),
    }
    mapped.map_imperatively(classes["L"], tables["L"], properties=own)
    back = {
        "a": relationship(classes["A"], viewonly=True),
        "ls": relationship(classes["L"], viewonly=True),
    }
    mapped.map_imperatively(classes["M"], tables["M"], properties=back)
    _map_concrete(made, mapped)


def _table(name: str, metadata: Any) -> Table:
    columns: list[Any] = [Column("v", Integer), Column("A_id", ForeignKey("A.id"), index=True)]
    if name == "M":
        keys = [Column(each, Integer, primary_key=True, autoincrement=False) for each in "xy"]
        return Table(name, metadata, *keys, *columns)
    columns.insert(0, Column("id", Integer, primary_key=True))
    if name == "L":
        columns += [Column("B_id", ForeignKey("B.id"), index=True)]
        columns += [Column("m_x", Integer), Column("m_y", Integer)]
        columns += [ForeignKeyConstraint(["m_x", "m_y"], ["M.x", "M.y"])]
    else:
        columns.append(Column("note", String(20)))
    return Table(name, metadata, *columns)


def _map_concrete(made: World, mapped: registry) -> None:
    """Map P and K, and now and then P as the union of both."""
    classes, tables = made.classes, made.tables
    union: Any = None
    further: dict[str, Any] = {}
    if made.draw.random() < 0.5:
        union = polymorphic_union({"P": tables["P"], "K": tables["K"]}, "type", "pjoin")
        further = {"with_polymorphic": ("*", union), "polymorphic_on": union.c.type}
    mapped.map_imperatively(
        classes["P"],
        tables["P"],
        properties={"a": relationship(classes["A"], viewonly=True)},
        **further,
        polymorphic_identity="P" if further else None,
    )
    mapped.map_imperatively(
        classes["K"],
        tables["K"],
        inherits=classes["P"],
        concrete=True,
        properties={"a": relationship(classes["A"], viewonly=True)},
        polymorphic_identity="K" if further else None,
    )


def _plain(made: World, name: str) -> Any:
    """Select a class, with random options."""
    return select(made.classes[name]).options(*options(made, name, 0))


def _concrete(made: World, name: str, found: Any) -> Any:
    return _plain(made, made.draw.choice("PK"))


def _association(made: World, name: str, found: Any) -> Any:
    entity: Any = made.classes["A"]
    link: Any = made.classes["L"]
    below = any_loader(made.draw)(made.draw.choice((link.b, link.m)))
    return select(entity).options(any_loader(made.draw)(entity.links).options(below))


def _by_proxy(made: World, name: str, found: Any) -> Any:
    entity: Any = made.classes["A"]
    other: Any = made.classes["B"]
    return _plain(made, "A").where(entity.others.any(other.v > made.draw.randint(0, 6)))


def _of_links(made: World, name: str, found: Any) -> Any:
    ordered = _plain(made, "L")
    link: Any = made.classes["L"]
    return ordered.order_by(link.v, link.id).limit(made.draw.randint(2, 14))


def _two_keys(made: World, name: str, found: Any) -> Any:
    entity: Any = made.classes["M"]
    ordered = _plain(made, "M").order_by(entity.x, entity.y)
    return ordered.limit(made.draw.randint(3, 12)) if made.draw.random() < 0.5 else ordered


def _keys_in_batches(made: World, name: str, found: Any) -> Any:
    entity: Any = made.classes["M"]
    loads = [selectinload(entity.ls), selectinload(entity.a)]
    batch = made.draw.randint(2, 6)
    return (
        select(entity)
        .order_by(entity.x, entity.y)
        .options(*loads)
        .execution_options(yield_per=batch)
    )


def _without(made: World, name: str, found: Any) -> Any:
    entity = made.classes[name]
    first, second = made.relationships(name)[:2]
    load = any_loader(made.draw)(getattr(entity, second))
    return select(entity).options(noload(getattr(entity, first)), load)


def _undeferred(made: World, name: str, found: Any) -> Any:
    entity: Any = made.classes["B"]
    chosen = made.draw.choice((Load(entity).undefer(entity.w), Load(entity).undefer("*")))
    return _plain(made, "B").options(chosen)


def _wild_below(made: World, name: str, found: Any) -> Any:
    entity = made.classes[name]
    attribute = getattr(entity, made.relationships(name)[0])
    below = made.draw.choice(("lazyload", "raiseload", "selectinload", "noload", "joinedload"))
    return select(entity).options(getattr(selectinload(attribute), below)("*"))


def _wild_of_one(made: World, name: str, found: Any) -> Any:
    entity = made.classes[name]
    attribute = getattr(entity, made.relationships(name)[0])
    own = made.draw.choice(("lazyload", "raiseload", "selectinload", "subqueryload"))
    load = made.draw.choice((joinedload, selectinload))(attribute)
    return select(entity).options(load, getattr(Load(entity), own)("*"))


def _wild_join(made: World, name: str, found: Any) -> Any:
    every = made.draw.choice((joinedload, subqueryload, immediateload, noload))
    return select(made.classes[name]).options(every("*"))


def _of_all_classes(made: World, name: str, found: Any) -> Any:
    base = made.draw.choice(sorted(SUBCLASSES))
    ways = [
        (each, key)
        for each in ("A", "B", "C", "D", "L", "M")
        for key, prop in sorted(made.classes[each].__mapper__.relationships.items())  # type: ignore[attr-defined]
        if prop.mapper.class_ is made.classes[base]
    ]
    if not ways:
        return found
    each, key = made.draw.choice(ways)
    entity = made.classes[each]
    every = with_polymorphic(made.classes[base], "*", flat=True)
    load = made.draw.choice((joinedload, selectinload, subqueryload))
    return select(entity).options(load(getattr(entity, key).of_type(every)))


def _by_class_below(made: World, name: str, found: Any) -> Any:
    narrow: Any = made.classes["J"]
    link: Any = made.classes["L"]
    load = made.draw.choice((joinedload, selectinload))(link.b)
    return select(link).options(load.options(selectin_polymorphic(made.classes["B"], [narrow])))


def _given(made: World, name: str, found: Any) -> Any:
    entity: Any = made.classes[name]
    inside = select(entity).where(entity.v > made.draw.randint(0, 5))
    return select(entity).from_statement(inside).options(*options(made, name, 0))


def _values_beside(made: World, name: str, found: Any) -> Any:
    entity: Any = made.classes[name]
    further = made.draw.choice((entity.v, func.count().over(), null().label("none")))
    return found.add_columns(further)


def _eager_alias(made: World, name: str, found: Any) -> Any:
    entity = made.classes[name]
    attribute = getattr(entity, made.relationships(name)[0])
    other: Any = aliased(attribute.property.mapper.class_)
    way = attribute.of_type(other)
    joined = select(entity).join(way, isouter=made.draw.random() < 0.5)
    read = joined.options(contains_eager(way))
    return read.distinct() if made.draw.random() < 0.4 else read


def _by_class_criteria(made: World, name: str, found: Any) -> Any:
    other = made.classes[made.draw.choice(("A", "B", "S", "J", "L"))]
    return found.options(with_loader_criteria(other, lambda cls: cls.v > 1, include_aliases=True))


def _forbidden(made: World, name: str, found: Any) -> Any:
    entity = made.classes[name]
    first, second, *_ = made.relationships(name)
    barred = raiseload(getattr(entity, first), sql_only=made.draw.random() < 0.5)
    return select(entity).options(barred, any_loader(made.draw)(getattr(entity, second)))


def _at_once(made: World, name: str, found: Any) -> Any:
    entity = made.classes[name]
    first, second, *_ = made.relationships(name)
    ways = (immediateload, lazyload, subqueryload)
    chosen = [made.draw.choice(ways)(getattr(entity, each)) for each in (first, second)]
    return select(entity).options(*chosen)


def _anew_in_batches(made: World, name: str, found: Any) -> Any:
    entity: Any = made.classes[name]
    attribute = getattr(entity, made.relationships(name)[0])
    wanted = select(entity).options(selectinload(attribute)).order_by(entity.id)
    return wanted.execution_options(yield_per=made.draw.randint(2, 8), populate_existing=True)


def _from_a_subquery(made: World, name: str, found: Any) -> Any:
    entity: Any = made.classes[name]
    inside = select(entity).where(entity.v > made.draw.randint(0, 5)).limit(9).order_by(entity.id)
    other: Any = aliased(entity, inside.subquery())
    load = any_loader(made.draw)(getattr(other, made.relationships(name)[0]))
    return select(other).options(load)


def _distinct_alone(made: World, name: str, found: Any) -> Any:
    entity: Any = made.classes[name]
    return found.distinct().order_by(entity.v, entity.id).limit(made.draw.randint(3, 12))


_FURTHER: tuple[Form, ...] = (
    _concrete,
    _association,
    _by_proxy,
    _of_links,
    _two_keys,
    _keys_in_batches,
    _without,
    _undeferred,
    _wild_below,
    _wild_of_one,
    _wild_join,
    _of_all_classes,
    _by_class_below,
    _given,
    _values_beside,
    _eager_alias,
    _by_class_criteria,
    _forbidden,
    _at_once,
    _anew_in_batches,
    _from_a_subquery,
    _distinct_alone,
)
