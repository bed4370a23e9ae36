"""Random schemas with every kind of relationship, random rows, and random statements over them."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Engine, ForeignKey, Integer, MetaData, Table, and_, insert, select
from sqlalchemy.orm import (
    aliased,
    configure_mappers,
    foreign,
    joinedload,
    lazyload,
    registry,
    relationship,
    remote,
    selectinload,
    subqueryload,
)

NAMES = ("A", "B", "C", "D")
KINDS = ("many", "one", "both", "self", "bothself", "custom", "single", "composite")
Options = Callable[..., Any]


@dataclass
class World:
    """Four classes and their tables."""

    draw: random.Random
    tables: dict[str, Table]
    classes: dict[str, type]
    links: list[tuple[Table, str, str]]

    def relationships(self, name: str) -> list[str]:
        """Return the attributes of a class, in a new order."""
        keys = sorted(self.classes[name].__mapper__.relationships.keys())  # type: ignore[attr-defined]
        self.draw.shuffle(keys)
        return keys


def world(seed: int) -> World:
    """Return a random schema."""
    draw, metadata, mapped = random.Random(seed), MetaData(), registry()
    tables = {name: _table(name, metadata) for name in NAMES}
    classes = {name: type(name, (), {}) for name in NAMES}
    made = World(draw, tables, classes, [])
    properties: dict[str, dict[str, Any]] = {name: {} for name in NAMES}
    for name in NAMES:
        for number in range(4):
            kind = draw.choice(KINDS)
            other = draw.choice([each for each in NAMES if each != name])
            properties[name][f"r{number}_{kind}"] = _relationship(made, kind, name, other, number)
    for name in NAMES:
        mapped.map_imperatively(classes[name], tables[name], properties=properties[name])
    configure_mappers()
    return made


def _table(name: str, metadata: MetaData) -> Table:
    keys = [Column(f"{each}_id", ForeignKey(f"{each}.id"), index=True) for each in NAMES]
    return Table(
        name, metadata, Column("id", Integer, primary_key=True), Column("v", Integer), *keys
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
    single = {"uselist": False} if kind == "single" else {}
    return relationship(
        target, primaryjoin=conditions[kind], viewonly=True, innerjoin=inner, **single
    )


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
    """Write 10 to 40 rows of each table, with NULLs and, in links, repeated pairs."""
    draw = made.draw
    sizes = {name: draw.randint(10, 40) for name in NAMES}
    made.tables["A"].metadata.create_all(engine)
    with engine.begin() as connection:
        for name in NAMES:
            rows = [_row(draw, key, sizes) for key in range(1, sizes[name] + 1)]
            connection.execute(insert(made.tables[name]), rows)
        for table, left, right in made.links:
            pairs = [
                {"l": draw.randint(1, sizes[left]), "r": draw.randint(1, sizes[right])}
                for _ in range(int(1.2 * sizes[left]))
            ]
            connection.execute(insert(table), pairs)


def _row(draw: random.Random, key: int, sizes: dict[str, int]) -> dict[str, Any]:
    # Beyond the last: a foreign key that no row has.
    keys = {
        f"{name}_id": draw.randint(1, size + 2) if draw.random() < 0.8 else None
        for name, size in sizes.items()
    }
    return {"id": key, "v": draw.randint(0, 9), **keys}


def statement(made: World, number: int) -> Any:
    """Return a random statement: plain, filtered, limited, distinct over a JOIN of its own."""
    draw = made.draw
    name = draw.choice(NAMES)
    entity: Any = made.classes[name]
    found = select(entity).options(*_options(made, name, 0))
    form = number % 6
    if form == 1:
        return found.where(entity.v > draw.randint(1, 6))
    if form == 2:
        return found.order_by(entity.v.desc(), entity.id).limit(draw.randint(3, 12)).offset(2)
    if form in (3, 4):
        key = made.relationships(name)[0]
        other = aliased(getattr(entity, key).property.mapper.class_)
        found = found.join(getattr(entity, key).of_type(other))
        return found.distinct() if form == 3 else found.order_by(entity.id)
    return found if form == 0 else found.where(entity.id.in_([1, 2, 3, 5, 8, 13]))


def _options(made: World, name: str, depth: int) -> list[Any]:
    draw = made.draw
    entity, chosen = made.classes[name], []
    for key in made.relationships(name)[: draw.randint(1, 2 if depth else 3)]:
        attribute = getattr(entity, key)
        target: Any = attribute.property.mapper.class_
        if draw.random() < 0.1:
            attribute = attribute.and_(target.v > 1)
        option = _loader(draw)(attribute)
        if depth < 2 and draw.random() < 0.5:
            option = option.options(*_options(made, target.__name__, depth + 1))
        chosen.append(option)
    return chosen


def _loader(draw: random.Random) -> Options:
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
        )
    )
