"""Which conditions an index is told to serve, and of which table; nothing is executed."""

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    and_,
    func,
    literal,
    select,
)
from sqlalchemy.dialects import mysql, postgresql

from qprof.measure.explain import served_of

METADATA = MetaData()


def made(name: str, schema: str | None = None) -> Any:
    columns = Column("id", Integer), Column("a", Integer), Column("b", Integer)
    return Table(name, METADATA, *columns, Column("t", String), Column("f", Boolean), schema=schema)


ONE, TWO, THREE, FAR = made("one"), made("two"), made("three"), made("one", "far")
R, S, T, F = ONE.c, TWO.c, THREE.c, FAR.c
ON = S.id == R.id
INNER = TWO.join(THREE, and_(T.id == S.id, T.a == 1))
ALSO = ONE.alias()
JOINED = {("one", "id"), ("two", "id")}
CASES: dict[str, tuple[Select[Any], set[tuple[str, str]]]] = {
    "an inner join": (
        select(R.id).select_from(ONE.join(TWO, and_(ON, R.a == 1))),
        {*JOINED, ("one", "a")},
    ),
    "the side that an outer join keeps": (
        select(R.id).select_from(ONE.outerjoin(TWO, and_(ON, R.a == 1, S.b == 1))).where(R.b == 1),
        {("one", "b"), ("two", "id"), ("two", "b")},
    ),
    "both sides are kept": (select(R.id).select_from(ONE.outerjoin(TWO, ON, full=True)), set()),
    "a join in brackets": (
        select(R.id).select_from(ONE.outerjoin(INNER, and_(ON, R.a == 1))),
        {("two", "id"), ("three", "id"), ("three", "a")},
    ),
    "a name of two levels": (
        select(R.id).where(R.a == 1, R.id.in_(select(R.id).where(R.b == 1).correlate(None))),
        set(),
    ),
    "two levels that hold the same": (
        select(R.id).where(R.a == 1).union_all(select(R.b).where(R.a == 1)).subquery().select(),
        {("one", "a")},
    ),
    "an alias below": (
        select(R.id).where(R.a == 1, R.id.in_(select(ALSO.c.id).where(ALSO.c.b == 1))),
        {("one", "a"), ("one", "id"), ("one_1", "b")},
    ),
    "a table of the SELECT around": (
        select(R.id).where(R.a == 1, select(S.id).where(S.id == R.id, S.b == R.t).exists()),
        {("one", "a"), ("two", "id")},
    ),
    "one that is said to be around": (
        select(R.id).where(R.a == 1, select(S.id).where(ON).correlate(ONE).exists()),
        {("one", "a"), ("two", "id")},
    ),
    "all but one are around": (
        select(R.id).where(R.a == 1, select(S.id).where(ON).correlate_except(TWO).exists()),
        {("one", "a"), ("two", "id")},
    ),
    "a text and a number": (
        select(R.id).where(R.t == literal(5, Integer), R.a == 1),
        {("one", "a")},
    ),
    "a number for a text": (select(R.id).where(R.t == 5), set()),
    "numbers for a text": (select(R.id).where(R.t.in_([5, 6])), set()),
    "a text of unknown type": (select(R.id).where(R.t == func.some()), {("one", "t")}),
    "a text": (select(R.id).where(R.t == "5"), {("one", "t")}),
    "flags": (
        select(R.id).select_from(ONE.join(TWO, ON)).where(R.f, ~S.f),
        {*JOINED, ("one", "f"), ("two", "f")},
    ),
}


def served(statement: Select[Any], dialect: Any, **options: Any) -> Any:
    compiled = statement.compile(dialect=dialect)
    given: Any = SimpleNamespace(compiled=compiled, dialect=dialect, execution_options=options)
    return served_of(given)


@pytest.mark.parametrize("name", CASES)
def test_only_what_an_index_could_serve_is_told(name: str) -> None:
    statement, expected = CASES[name]
    for dialect in (mysql.dialect(), postgresql.dialect()):
        found = served(statement, dialect)
        assert {(each.name, each.column) for each in found} == expected


def test_only_a_plan_of_postgresql_tells_schemas_apart() -> None:
    both = select(R.id, F.id).where(F.id == R.id, F.a == 1)
    assert served(both, mysql.dialect()) == ()
    assert (FAR, "a") in {(each.table, each.column) for each in served(both, postgresql.dialect())}


def test_the_table_is_that_of_the_schema_that_is_read() -> None:
    """A map is looked into once: what it leads to is not led on."""
    (found,) = served(
        select(R.id).where(R.a == 1),
        postgresql.dialect(),
        schema_translate_map={None: "far", "far": "farther"},
    )
    assert found.table.fullname == "far.one"
