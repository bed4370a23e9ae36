"""Tables, schemas and indexes whose names lead elsewhere, on SQLite."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, select, text
from sqlalchemy.pool import StaticPool

from qprof.domain.trace import Scan
from qprof.measure.experiments.questions import examine
from tests.measure.explain.odd import ROWS, fill, odd, whole
from tests.measure.explain.readings import Reading, filled
from tests.opening import on


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """Make an SQLite with another schema, whose table of readings is smaller."""
    made = create_engine("sqlite://", poolclass=StaticPool)
    event.listen(made, "connect", lambda driver, _: driver.execute("ATTACH ':memory:' AS far"))
    filled(made)
    with made.begin() as connection:
        connection.execute(text("CREATE TABLE far.reading AS SELECT * FROM reading LIMIT 1200"))
    yield made
    made.dispose()


def scans(engine: Engine, statement: Any) -> tuple[Scan, ...]:
    return examine(
        "call", {}, on(engine, lambda session: session.execute(statement).all())
    ).call.scans


def test_the_size_is_that_of_the_table_that_is_read(engine: Engine) -> None:
    """By a schema_translate_map, of the engine or of the call's own connection."""
    read = {"schema_translate_map": {None: "far"}}
    statement = select(Reading).where(Reading.name == "n17")
    (found,) = scans(engine.execution_options(**read), statement)
    assert (found.table_rows, found.known) == (1_200, "exact")
    assert found.index == "CREATE INDEX far.ix_reading_name ON reading (name)"
    options: Any = {"execution_options": read}
    call = examine(
        "call", {}, on(engine, lambda s: s.scalars(select(Reading), **options).all())
    ).call
    assert [each.table_rows for each in call.unbounded] == [1_200]


def test_a_name_with_a_space_is_found(engine: Engine) -> None:
    table = odd("order lines")
    fill(engine, table)
    where = table.c["order lines"] == "n5"
    (found,) = scans(engine, whole(table).where(where))
    assert (found.table, found.table_rows) == ("order lines", ROWS)
    alias = table.alias("o l")
    (found,) = scans(engine, select(alias).where(alias.c["order lines"] == "n5"))
    assert found.table == "order lines"


def test_an_index_that_is_there_is_not_told_to_be_missing(engine: Engine) -> None:
    """One without case does not serve a comparison that minds it."""
    table = odd("noted")
    fill(engine, table)
    with engine.begin() as connection:
        connection.execute(text("CREATE INDEX ix_noted_noted ON noted (noted COLLATE NOCASE)"))
    one, share = whole(table).where(table.c.noted == "n4"), table.c["share %"]
    (found,) = scans(engine, one)
    assert (found.columns, found.index, found.before) == (("noted",), "", None)
    (found,) = scans(engine, one.where(table.c.noted.like("%4%")))
    assert (found.columns, found.patterns) == ((), ("noted",))
    (found,) = scans(engine, one.where(share == 4))
    assert found.index == 'CREATE INDEX "ix_noted_noted_share %" ON noted (noted, "share %")'
