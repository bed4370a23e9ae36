"""Calls that are wrong as written: a to-one path that finds several, a total of joined rows."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, ForeignKey, exists, func, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    contains_eager,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)

from qprof.domain.plans import PLANS, named_plan
from qprof.domain.trace import Environment, Trace
from qprof.judge.detectors import DETECTORS
from qprof.judge.rules.thresholds import Thresholds
from qprof.judge.verdict import judge
from qprof.measure.experiments.comparison import compare_plans
from qprof.measure.experiments.questions import examine
from qprof.measure.orm.orders import aggregates_of
from tests.measure.experiments.oracle import counting, counting_engine
from tests.opening import on

PACKAGES, SHOTS, RELEASES = 20, 3, 4


class Base(DeclarativeBase):
    pass


class Package(Base):
    __tablename__ = "package"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    shots: Mapped[list[Shot]] = relationship(order_by="Shot.id", viewonly=True)
    main_shot: Mapped[Shot | None] = relationship(viewonly=True, order_by="Shot.id")
    cover: Mapped[Shot | None] = relationship(
        primaryjoin="and_(Shot.package_id == Package.id, Shot.cover == 1)", viewonly=True
    )
    releases: Mapped[list[Release]] = relationship(order_by="Release.id", back_populates="package")
    label: Mapped[Label | None] = relationship(back_populates="package")


class Shot(Base):
    __tablename__ = "shot"
    id: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("package.id"), index=True)
    cover: Mapped[int]


class Release(Base):
    __tablename__ = "release"
    id: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("package.id"), index=True)
    package: Mapped[Package] = relationship(back_populates="releases")


class Label(Base):
    __tablename__ = "label"
    id: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("package.id"), unique=True)
    package: Mapped[Package] = relationship(back_populates="label")


@pytest.fixture(scope="module")
def packages() -> Iterator[Engine]:
    engine = counting_engine()
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for number in range(1, PACKAGES + 1):
            session.add(Package(id=number, name=f"p{number}"))
            session.flush()
            session.add_all(Shot(package_id=number, cover=int(i == 1)) for i in range(SHOTS))
            session.add_all(Release(package_id=number) for _ in range(RELEASES))
            session.add(Label(package_id=number))
        session.commit()
    yield engine
    engine.dispose()


def _of(*options: Any) -> Callable[[Session], Any]:
    statement = select(Package).options(*options).order_by(Package.id)
    return lambda session: session.scalars(statement).unique().all()


def _repeating(session: Session) -> Any:
    statement = select(Package).options(joinedload(Package.main_shot)).order_by(Package.id)
    return session.scalars(statement).all()


SEVERAL: dict[str, tuple[Any, list[str], int]] = {
    "alone, with its copies": (_repeating, ["Package.main_shot"], PACKAGES * (1 + SHOTS)),
    "alone": (_of(joinedload(Package.main_shot)), ["Package.main_shot"], PACKAGES * (1 + SHOTS)),
    "beside a collection": (
        _of(joinedload(Package.main_shot), joinedload(Package.releases)),
        ["Package.main_shot"],
        PACKAGES * (1 + SHOTS + RELEASES),
    ),
    "below a collection": (
        _of(joinedload(Package.releases).joinedload(Release.package).joinedload(Package.main_shot)),
        ["Package.releases.package.main_shot"],
        PACKAGES * (1 + RELEASES + SHOTS),
    ),
    "by selectin": (_of(selectinload(Package.main_shot)), [], PACKAGES * (1 + SHOTS)),
    "one by its data": (_of(joinedload(Package.cover)), [], PACKAGES),
    "one by its key": (_of(joinedload(Package.label)), [], PACKAGES),
    "one beside a collection": (
        _of(joinedload(Package.cover), joinedload(Package.releases)),
        [],
        PACKAGES * (1 + RELEASES),
    ),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_a_to_one_path_that_finds_several_is_told_by_the_rows(name: str, packages: Engine) -> None:
    """Nothing is said of what finds one row, whether a constraint or the data keeps the promise."""
    call, paths, needed = SEVERAL[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = examine("call", {}, on(packages, call)).call
    assert [each.path for each in found.several] == paths
    assert found.needed is not None
    assert found.needed.rows == needed


def test_what_multiplies_is_named_with_a_fix_that_mends_it(packages: Engine) -> None:
    """The to-one path is one of the siblings; loaded apart, nothing multiplies."""
    call = _of(joinedload(Package.main_shot), joinedload(Package.releases))
    there = Environment("", "", "", "sqlite", "pysqlite", "")
    trace = Trace(there, (examine("call", {}, on(packages, call)).call,))
    report = judge(trace, Thresholds(), DETECTORS)
    (product,) = [each for each in report.findings if each.rule == "QP101"]
    assert set(product.paths) == {"Package.main_shot", "Package.releases"}
    assert "selectinload(Package.main_shot)" in product.fix
    apart = _of(selectinload(Package.main_shot), selectinload(Package.releases))
    with counting(packages) as counted, Session(packages) as session, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        apart(session)
    assert report.calls[0].needed is not None
    assert counted.rows == report.calls[0].needed.rows


def _total(*options: Any, nested: bool = False) -> Callable[[Session], Any]:
    def page(session: Session) -> Any:
        statement = select(Package, func.count().over()).options(*options).order_by(Package.id)
        rows = session.execute(statement.limit(5) if nested else statement).unique().all()
        return [row[0] for row in rows], rows[0][1]

    return page


BOTH = (joinedload(Package.shots), joinedload(Package.releases))
TOTALS: dict[str, tuple[Any, bool]] = {
    "beside joined collections": (_total(*BOTH), True),
    "beside one": (_total(joinedload(Package.releases)), True),
    "beside a to-one path": (_total(joinedload(Package.label)), False),
    "beside collections by selectin": (_total(selectinload(Package.shots)), False),
    "in a subquery, for a LIMIT": (_total(*BOTH, nested=True), False),
}


@pytest.mark.parametrize("name", TOTALS)
def test_a_total_that_counts_joined_rows_is_said(name: str, packages: Engine) -> None:
    """It is wrong exactly where the driver gives more than there are."""
    call, wrong = TOTALS[name]
    with Session(packages) as session:
        assert (call(session)[1] != PACKAGES) == wrong
    notes = " ".join(examine("call", {}, on(packages, call)).call.notes)
    assert ("count() OVER counts joined rows, not objects" in notes) == wrong


def test_a_wrong_total_makes_the_call_suspect_and_needed_is_known(packages: Engine) -> None:
    """Every plan but the joined ones gives the right one."""
    specimen = examine("call", {}, on(packages, _total(*BOTH)))
    needed = PACKAGES * (1 + SHOTS + RELEASES)
    assert specimen.call.needed is not None
    assert specimen.call.needed.rows == needed
    plans = [named_plan(name, specimen.found.paths) for name in PLANS]
    runs = compare_plans(specimen, plans, 1)
    assert runs.suspect is not None
    assert set(runs.suspect.plans) == {"selectin", "subquery", "lazy", "balanced"}


AGGREGATES: list[tuple[Any, tuple[str, ...]]] = [
    (select(Package, func.count().over()), ("count() OVER",)),
    (select(Package, func.row_number().over(order_by=Package.id)), ("row_number() OVER",)),
    (select(Package, func.count(Package.id)), ("count()",)),
    (select(Package, (func.sum(Package.id) + 1).label("s")), ("sum()",)),
    (select(Package, func.max(Package.id)), ()),
    (select(Package, func.lower(Package.name)), ()),
    (select(Package, select(func.count(Shot.id)).scalar_subquery()), ()),
    (select(Package, exists(select(func.count(Shot.id)))), ()),
    (select(Package).options(contains_eager(Package.shots)), ()),
]


@pytest.mark.parametrize(("statement", "found"), AGGREGATES)
def test_only_what_counts_rows_of_the_statement_itself_is_an_aggregate(
    statement: Any, found: tuple[str, ...]
) -> None:
    """A subquery counts rows of its own, and the largest of copies is the largest."""
    assert aggregates_of(statement) == found
