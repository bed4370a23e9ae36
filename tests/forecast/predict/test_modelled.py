"""Whatever a prediction does not model makes it unknown, and is named in the reason."""

import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from sqlalchemy import (
    Engine,
    ForeignKey,
    func,
    insert,
    literal_column,
    select,
    tablesample,
    text,
    true,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    UserDefinedOption,
    defer,
    joinedload,
    mapped_column,
    query_expression,
    relationship,
    undefer_group,
    with_expression,
)

from qprof.forecast.predict.modelled import refuse_statement
from qprof.forecast.predict.plans import foresee
from qprof.forecast.predict.tree import Unpredictable
from tests.measure.experiments.oracle import counting_engine
from tests.opening import on


class Base(DeclarativeBase):
    pass


class Shelf(Base):
    __tablename__ = "shelf"
    id: Mapped[int] = mapped_column(primary_key=True)
    v: Mapped[int]
    note: Mapped[str | None] = mapped_column(deferred=True, deferred_group="notes")
    books: Mapped[list["Book"]] = relationship()
    near: Mapped[int] = query_expression()


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    shelf_id: Mapped[int] = mapped_column(ForeignKey("shelf.id"))


class Label(Base):
    """Rows of a SELECT of its own; each of a concrete subclass stands in another table."""

    __table__ = select(Shelf.id, Shelf.v).where(Shelf.v > 2).subquery()
    __mapper_args__: ClassVar = {"primary_key": [__table__.c.id]}
    books: Mapped[list[Book]] = relationship(
        primaryjoin=lambda: Book.shelf_id == Label.__table__.c.id,
        foreign_keys=[Book.shelf_id],
        viewonly=True,
    )


class Own(UserDefinedOption):
    """An option that an application's own code reads."""

    propagate_to_loaders = False


@pytest.fixture(scope="module")
def shelves() -> Iterator[Engine]:
    engine = counting_engine()
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(Shelf), [{"id": n, "v": n % 3} for n in range(9)])
        connection.execute(insert(Book), [{"shelf_id": n % 9} for n in range(30)])
    yield engine
    engine.dispose()


base = select(Shelf).options(joinedload(Shelf.books))
books = select(Book.id).cte("books")
UNKNOWN: dict[str, tuple[Any, str]] = {
    "prefix": (base.prefix_with("DISTINCT"), "the clause prefix_with()"),
    "suffix": (base.suffix_with("-- end"), "the clause suffix_with()"),
    "cte": (base.add_cte(books), "the clause add_cte()"),
    "function": (base.where(func.random() < 1), "the function random"),
    "function_of_theirs": (base.where(func.likes(Shelf.v)), "the function likes"),
    "function_in_text": (base.order_by(text("random()")).limit(3), "the function random"),
    "function_in_a_literal": (base.where(literal_column("random()") < 1), "the function random"),
    "expression": (
        base.options(with_expression(Shelf.near, Shelf.v + 1)),
        "the loader option with_expression",
    ),
    "group": (base.options(undefer_group("notes")), "the loader option undefer_group"),
    "raising": (
        base.options(defer(Shelf.v, raiseload=True)),
        "the loader option defer(raiseload)",
    ),
    "option_of_theirs": (base.options(Own()), "the loader option Own"),
    "execution": (base.execution_options(cached=True), "the execution option cached"),
    "selected": (
        select(Label).options(joinedload(Label.books)),
        "the class mapping to a subquery of Label",
    ),
    "limit_without_order": (
        base.limit(5),
        "LIMIT cuts between rows that the ORDER BY does not tell apart",
    ),
    "limit_with_ties": (
        base.order_by(Shelf.v).limit(5),
        "LIMIT cuts between rows that the ORDER BY does not tell apart",
    ),
}
ELSEWHERE = {
    "the clause fetch()": base.order_by(Shelf.id).fetch(3, with_ties=True),
    "the clause with_for_update(skip_locked)": base.with_for_update(skip_locked=True),
    "the element tablesample": base.select_from(tablesample(Shelf, 5)),
    "the element lateral": base.join(select(Book).lateral(), true()),
}
"""What SQLite has not."""
KNOWN: dict[str, Any] = {
    "plain": base,
    "limit_between_groups": base.order_by(Shelf.v).limit(3).offset(3),
    "limit_of_all": base.limit(9),
    "limit_by_the_key": base.order_by(Shelf.v.desc().nulls_last(), Shelf.id.desc()).limit(4),
    "limit_over_the_same_object": base.join(Shelf.books).order_by(Shelf.id).limit(5),
    "limit_of_groups": base.group_by(Shelf.v).order_by(func.count().desc(), Shelf.v).limit(2),
    "function_of_sql": base.where(text("shelf.v IN (1, 2) AND coalesce(shelf.v, 0) > 0")),
}


def _call(statement: Any) -> Callable[[Session], Any]:
    return lambda session: session.scalars(statement).unique().all()


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_modelled_is_unknown_with_its_name(name: str, shelves: Engine) -> None:
    statement, reason = UNKNOWN[name]
    reasons = {each.reason for each in _foreseen(shelves, statement).plans}
    said = reason if reason.startswith("LIMIT") else f"qprof cannot predict {reason}"
    assert {each and each.startswith(said) for each in reasons} == {True}, reasons


@pytest.mark.parametrize("name", ELSEWHERE)
def test_so_is_what_other_databases_have(name: str, shelves: Engine) -> None:
    with shelves.connect() as connection, pytest.raises(Unpredictable, match=re.escape(name)):
        refuse_statement(ELSEWHERE[name], {}, connection)


@pytest.mark.parametrize("name", KNOWN)
def test_a_limit_is_exact_if_it_leaves_the_same_rows_each_time(name: str, shelves: Engine) -> None:
    foresight = _foreseen(shelves, KNOWN[name])
    assert {each.plan for each in foresight.plans if each.exactness == "exact"} >= {"joined"}


def _foreseen(engine: Engine, statement: Any) -> Any:
    def likes(value: int) -> bool:
        return value > 1

    with engine.connect() as connection:
        own: Any = connection.connection.driver_connection
        own.create_function("likes", 1, likes)
    return foresee(on(engine, _call(statement)))
