"""Calls that take more than a limit allows, in each way in which rows, statements and time are."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import select, text
from sqlalchemy.orm import Session, joinedload, selectinload

from tests.forecast.predict.gardens import with_kinds

GARDENS = with_kinds(3)
ONE, TWO, THREE = GARDENS.kinds
PRODUCT = select(ONE.id, TWO.id, THREE.id)


def all_rows(session: Session) -> list[object]:
    return list(session.execute(PRODUCT).all())


def row_by_row(session: Session) -> int:
    return sum(1 for _ in session.execute(PRODUCT))


def streamed(session: Session) -> int:
    return sum(1 for _ in session.execute(PRODUCT.execution_options(yield_per=50)))


def in_partitions(session: Session) -> int:
    return sum(len(each) for each in session.execute(PRODUCT).partitions(50))


def of_the_driver(session: Session) -> int:
    sql = "SELECT kind0.id, kind1.id, kind2.id FROM kind0, kind1, kind2;"
    return len(session.connection().exec_driver_sql(sql).all())


def hides_errors(session: Session) -> int:
    rows: list[object] = []
    with suppress(Exception):
        rows = list(session.execute(PRODUCT).all())
    return len(rows)


def asks_on_and_on(session: Session) -> int:
    return sum(session.scalar(select(number)) for number in range(1_000))


def thinks_on_and_on(session: Session) -> None:
    session.scalar(select(1))
    while True:
        pass


def waits_on_and_on(session: Session) -> int:
    """One statement that ends only if somebody ends it."""
    waiting = {"postgresql": "SELECT pg_sleep(600)", "mariadb": "SELECT SLEEP(600)"}
    dialect = session.get_bind().dialect.name
    if dialect in waiting:
        return len(session.execute(text(waiting[dialect])).all())
    counting = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    return int(session.scalar(text(f"{counting} SELECT max(i) FROM n")) or 0)


CALLS = {
    "at_once": GARDENS.load(joinedload),
    "apart": GARDENS.load(selectinload),
    **{
        each.__name__: each
        for each in (
            *(all_rows, row_by_row, streamed, in_partitions, of_the_driver, hides_errors),
            *(asks_on_and_on, thinks_on_and_on, waits_on_and_on),
        )
    },
}
