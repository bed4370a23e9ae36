"""What SQLAlchemy loads by who comes first: predictions are right there, or there is none."""

from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar

import pytest
from sqlalchemy import Engine, ForeignKey, insert, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    contains_eager,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
    subqueryload,
)

from qprof.domain.plans import PLANS, Plan, named_plan
from qprof.domain.trace import PlanRun
from qprof.forecast.predict.plans import foresee
from qprof.measure.experiments.comparison import compare_plans
from qprof.measure.experiments.specimen import specimen
from tests.measure.experiments.oracle import counting, counting_engine
from tests.opening import discover, measure, on


class Base(DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)


class Shop(Base):
    __tablename__ = "shop"
    kind: Mapped[str]
    offers: Mapped[list["Offer"]] = relationship(order_by="Offer.id")
    bargains: Mapped[list["Offer"]] = relationship(viewonly=True, order_by="Offer.id")
    __mapper_args__: ClassVar = {"polymorphic_on": "kind", "polymorphic_identity": "shop"}


class Market(Shop):
    __mapper_args__: ClassVar = {"polymorphic_identity": "market"}


class Maker(Base):
    """Loads its owner at once, a row of another table that points at it."""

    __tablename__ = "maker"
    owner: Mapped["Owner | None"] = relationship(lazy="immediate", uselist=False)
    offers: Mapped[list["Offer"]] = relationship(back_populates="maker", order_by="Offer.id")


class Offer(Base):
    __tablename__ = "offer"
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    maker_id: Mapped[int | None] = mapped_column(ForeignKey("maker.id"))
    above_id: Mapped[int | None] = mapped_column(ForeignKey("offer.id"))
    maker: Mapped[Maker | None] = relationship(back_populates="offers")
    parts: Mapped[list["Offer"]] = relationship(back_populates="above", order_by="Offer.id")
    above: Mapped["Offer | None"] = relationship(back_populates="parts", remote_side="Offer.id")


class Owner(Base):
    __tablename__ = "owner"
    maker_id: Mapped[int] = mapped_column(ForeignKey("maker.id"))
    makers: Mapped[list[Maker]] = relationship(viewonly=True)
    twin_id: Mapped[int | None] = mapped_column(ForeignKey("owner.id"))
    twins: Mapped[list["Owner"]] = relationship()


class Lid(Base):
    """Loads the boxes that it fits at once: also those that it was loaded for."""

    __tablename__ = "lid"
    boxes: Mapped[list["Box"]] = relationship(lazy="immediate", viewonly=True)


class Box(Base):
    __tablename__ = "box"
    lid_id: Mapped[int] = mapped_column(ForeignKey("lid.id"))
    inside_id: Mapped[int | None] = mapped_column(ForeignKey("box.id"))
    lid: Mapped[Lid] = relationship()
    inner: Mapped[list["Box"]] = relationship(order_by="Box.id")


@pytest.fixture(scope="module")
def bazaar() -> Iterator[Engine]:
    """Shops of two classes, offers that are parts of others, makers and their owners."""
    engine = counting_engine()
    Base.metadata.create_all(engine)
    rows: dict[str, list[dict[str, Any]]] = {
        "shop": [{"id": n, "kind": ("shop", "market")[n % 2]} for n in range(1, 7)],
        "maker": [{"id": n} for n in range(1, 6)],
        "offer": [
            {"id": n, "shop_id": 1 + n % 6, "maker_id": n % 6 or None, "above_id": n // 2 or None}
            for n in range(1, 25)
        ],
        "lid": [{"id": n} for n in range(1, 4)],
        "box": [{"id": n, "lid_id": 1 + n % 3, "inside_id": n // 2 or None} for n in range(1, 9)],
        "owner": [{"id": n, "maker_id": n, "twin_id": n // 2 or None} for n in range(1, 6)],
    }
    with engine.begin() as connection:
        for table, given in rows.items():
            connection.execute(insert(Base.metadata.tables[table]), given)
    yield engine
    engine.dispose()


def call(statement: Any, session: Session) -> Any:
    """Return the objects of a statement."""
    return session.scalars(statement).unique().all()


STATEMENTS = {
    "immediate below a joined path of a class with a subclass": (
        select(Shop).options(joinedload(Shop.offers).immediateload(Offer.maker)),
        "an immediateload below a joinedload of Shop and its subclasses",
    ),
    "criteria of a class that nothing else reads": (
        select(Shop).options(selectinload(Shop.bargains.and_(Offer.id > 9))),
        "",
    ),
    "a default that comes again below an own JOIN": (
        select(Owner)
        .join(Owner.makers)
        .options(contains_eager(Owner.makers), joinedload(Owner.twins)),
        "it is not known how deep the mapping loads Owner.makers.owner",
    ),
    "criteria of a path whose class an own JOIN reads": (
        select(Shop)
        .join(Shop.offers)
        .options(contains_eager(Shop.offers), selectinload(Shop.bargains.and_(Offer.id > 9))),
        "a subqueryload applies the criteria of Shop.bargains to other Offer objects, too",
    ),
    "criteria beside an own JOIN that fills nothing": (
        select(Shop).join(Shop.offers).options(selectinload(Shop.bargains.and_(Offer.id > 9))),
        "a subqueryload applies the criteria of Shop.bargains to other Offer objects, too",
    ),
    "criteria beside an EXISTS": (
        select(Shop)
        .where(Shop.offers.any())
        .options(selectinload(Shop.bargains.and_(Offer.id > 9))),
        "a subqueryload applies the criteria of Shop.bargains to other Offer objects, too",
    ),
    "criteria of the class that is selected": (
        select(Offer).options(selectinload(Offer.parts.and_(Offer.id > 9))),
        "a subqueryload applies the criteria of Offer.parts to other Offer objects, too",
    ),
    "a join below a subqueryload, beside an inner join that drops roots": (
        select(Maker).options(
            joinedload(Maker.offers.and_(Offer.id > 20), innerjoin=True),
            subqueryload(Maker.owner).joinedload(Owner.twins),
        ),
        "the subqueryload of Maker.owner may fetch for more than what the root statement gives",
    ),
    "an immediate collection of a class that comes again": (
        select(Box).options(selectinload(Box.lid), selectinload(Box.inner).joinedload(Box.inner)),
        "it is not known whether Box.lid.boxes is loaded or found",
    ),
    "a default of what comes by two paths, one of them joined": (
        select(Maker).options(
            selectinload(Maker.owner),
            joinedload(Maker.offers).joinedload(Offer.above).joinedload(Offer.maker),
        ),
        "what a mapping loads of objects that two paths lead to is loaded on the first of them",
    ),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_it_is_predicted_exactly_or_not_at_all(name: str, bazaar: Engine) -> None:
    """Against what a cursor counts, under every plan."""
    statement, reason = STATEMENTS[name]
    opening = on(bazaar, partial(call, statement))
    foresight, found = foresee(opening), discover(opening)
    for each in foresight.plans:
        if each.cost is not None:
            with counting(bazaar) as seen:
                measure(opening, named_plan(each.plan, found.paths), found)
            told = (each.cost.queries, each.cost.rows, each.cost.cells)
            known = told if each.cells_known else told[:2]
            assert known == seen.figures()[: len(known)], each.plan
    told_reasons = {str(each.reason) for each in foresight.plans if each.cost is None}
    assert any(reason in each for each in told_reasons) if reason else not told_reasons, (
        told_reasons
    )


def test_a_subqueryload_of_objects_that_the_same_rows_bring_is_not_predicted(
    bazaar: Engine,
) -> None:
    """SQLAlchemy sends none where each of them is a root, too."""
    back = selectinload(Maker.offers).selectinload(Offer.maker).selectinload(Maker.offers)
    joined = dict.fromkeys(("Maker.offers", "Maker.offers.maker"), "joined")
    plan = Plan("mix", {**joined, "Maker.offers.maker.offers": "subquery"})
    opening = on(bazaar, partial(call, select(Maker).options(back)))
    told = foresee(opening, [plan]).of("mix")
    assert told.cost is None
    assert "may come as Maker in the same rows" in str(told.reason)
    with counting(bazaar) as seen:
        measure(opening, plan, discover(opening))
    assert not any("AS anon_1" in each for each in seen.sent)


def test_a_mapping_that_raises_is_no_doubt_where_every_path_loads_it(bazaar: Engine) -> None:
    """And is one where a path leads to its objects without."""
    market = joinedload(Shop.offers)
    both = select(Shop).options(market.joinedload(Offer.parts), market.joinedload(Offer.maker))
    whole = both.options(market.joinedload(Offer.parts).joinedload(Offer.maker))
    for statement, doubted in ((both, ("Shop.offers.maker",)), (whole, ())):
        (root,) = discover(on(bazaar, partial(call, statement))).roots.values()
        found = [each for each in root.by_order(raises=True) if each.endswith("offers.maker")]
        assert tuple(found) == doubted


def test_a_path_that_leads_back_is_no_doubt(bazaar: Engine) -> None:
    """Its objects are those that it came from; the children's other parents are none of them."""
    back = select(Maker).options(joinedload(Maker.offers).joinedload(Offer.maker))
    on_ = select(Offer).options(joinedload(Offer.maker).joinedload(Maker.offers))
    for statement, doubted in ((back, False), (on_, True)):
        (root,) = discover(on(bazaar, partial(call, statement))).roots.values()
        first = "Maker.offers" if statement is back else "Offer.maker"
        assert (first in root.by_order(raises=True)) is doubted


@pytest.mark.parametrize("raising", [True, False])
def test_lazy_loading_that_may_raise_proves_no_objects(raising: bool, bazaar: Engine) -> None:
    """An offer that comes as a part of another, too, loses the option of its own."""
    parts = selectinload(Offer.parts)
    options = (selectinload(Offer.maker), parts.raiseload(Offer.maker) if raising else parts)
    seen = specimen("offers", {}, on(bazaar, partial(call, select(Offer).options(*options))))
    plans = [named_plan(name, seen.found.paths) for name in PLANS]
    runs = {run.plan: run for run in compare_plans(seen, plans, 0).runs}
    assert runs["selectin"].identical is True
    assert runs["lazy"].identical is (None if raising else True)
    # Where the parts are read first, the run raises; else it says that it may.
    assert ("raise" in str(runs["lazy"].reason)) is raising


def under_plans(statement: Any, engine: Engine) -> dict[str, PlanRun]:
    """Return what came of each plan of a statement."""
    seen = specimen("call", {}, on(engine, partial(call, statement)))
    plans = [named_plan(name, seen.found.paths) for name in PLANS]
    plans.append(Plan("first lazy", {seen.found.paths[0].name: "lazy"}))
    return {run.plan: run for run in compare_plans(seen, plans, 0).runs}


def test_a_subqueryload_of_unknown_parents_proves_no_lazy_plan(bazaar: Engine) -> None:
    """It begins at its parents, below a SELECT of theirs: it is read first, or the maker raises."""
    below = selectinload(Shop.offers).subqueryload(Offer.maker)
    runs = under_plans(
        select(Shop).options(below, joinedload(Shop.bargains).raiseload(Offer.maker)), bazaar
    )
    assert runs["joined"].identical is True
    assert runs["first lazy"].identical is None
    assert "Offer.maker may be loaded" in str(runs["first lazy"].reason)


def test_a_join_that_is_loaded_lazily_proves_as_little_as_lazy_loading(bazaar: Engine) -> None:
    """SQLAlchemy joins nothing below from_statement(): each path is then read on its own."""
    rows = select(Offer).where(Offer.id > 3)
    narrow = selectinload(Offer.parts.and_(Offer.id > 9))
    runs = under_plans(
        select(Offer).options(narrow, selectinload(Offer.above)).from_statement(rows), bazaar
    )
    assert runs["joined"].identical is runs["lazy"].identical is None
    assert "the first one to be read" in str(runs["joined"].reason)


def test_criteria_below_a_class_with_subclasses_prove_no_lazy_plan(bazaar: Engine) -> None:
    """SQLAlchemy 2.0 forgets them for what hangs on a subclass."""
    narrow = selectinload(Shop.offers.and_(Offer.id > 9))
    runs = under_plans(select(Shop).options(narrow), bazaar)
    assert runs["selectin"].identical is True
    assert runs["lazy"].identical is None
