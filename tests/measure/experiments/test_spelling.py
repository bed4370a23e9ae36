"""Printed options are those that ran: pasted in place of a statement's own, they do the same."""

import builtins
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
import sqlalchemy
from sqlalchemy import Engine, ForeignKey, select
from sqlalchemy.event import listen, remove
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    aliased,
    contains_eager,
    defaultload,
    defer,
    joinedload,
    load_only,
    mapped_column,
    raiseload,
    relationship,
    selectin_polymorphic,
    selectinload,
    undefer,
    with_loader_criteria,
    with_polymorphic,
)

from qprof.domain.plans import AS_WRITTEN, Plan
from qprof.measure.experiments.own_names import OwnNames
from qprof.measure.orm.roots import is_read
from qprof.measure.orm.spelling import spelled
from tests.measure.experiments import forms
from tests.measure.experiments.oracle import counting, figures
from tests.measure.experiments.runs import plan_of
from tests.opening import discover, measure, on


class Names(dict[str, Any]):
    """What code may name; an unknown name is the alias that the statement selects."""

    alias: Any = None

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            raise KeyError(name)
        return self.alias


def evaluated(code: str, names: dict[str, Any], alias: Any = None) -> tuple[Any, ...]:
    """Return the options of a text, ".options(a, b)"."""
    known = Names({**vars(sqlalchemy), **vars(sqlalchemy.orm), **names})
    known.alias = alias
    inner = code.removeprefix(".options(").removesuffix(")")
    return eval(f"({inner},)", {}, known) if inner else ()  # type: ignore[no-any-return]


def pasted(codes: list[str]) -> Callable[[ORMExecuteState], None]:
    """Return a listener that gives the statements of a call their options, one after the other."""
    left = iter(codes)

    def paste(state: ORMExecuteState) -> None:
        if state.is_relationship_load or not is_read(state):
            return
        statement: Any = state.statement._generate()
        statement._with_options = ()
        entity = statement.column_descriptions[0]["entity"]
        state.statement = statement.options(*evaluated(next(left), vars(forms), entity))

    return paste


ASKING_FOR_UNIQUE = {
    *("select_without_unique", "subquery_below_selectin", "subquery_below_immediate"),
    *("raise_elsewhere", "rows_as_plain_values"),
}


@pytest.mark.parametrize("strategy", ["joined", "selectin", "subquery", "balanced"])
@pytest.mark.parametrize("form", forms.FORMS)
def test_pasted_options_cost_what_the_plan_cost(form: str, strategy: str, shop: Engine) -> None:
    """Each way to write a call, counted by the cursor that knows nothing of qprof."""
    call = forms.FORMS[form].call
    found = discover(on(shop, call))
    plan = plan_of(strategy, found)
    ran = measure(on(shop, call), plan, found, options=True)
    codes = [each.code for each in ran.options.values()]
    if len(codes) != 1 or any("..." in each for each in codes):
        pytest.skip("more than one statement, or criteria of a helper")
    if strategy == "joined" and form in ASKING_FOR_UNIQUE:
        pytest.skip("a select() of joined collections asks for .unique()")
    paste = pasted(codes)
    listen(Session, "do_orm_execute", paste)
    try:
        with counting(shop) as counted:
            unmoved = Plan(AS_WRITTEN, {})
            again = measure(on(shop, call), unmoved, found)
    finally:
        remove(Session, "do_orm_execute", paste)
    assert counted.figures() == figures(ran.executions)
    assert figures(again.executions) == figures(ran.executions)


class Base(DeclarativeBase):
    pass


class Owner(Base):
    __tablename__ = "owner"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    note: Mapped[str]
    kind: Mapped[str]
    pets: Mapped[list["Pet"]] = relationship(back_populates="owner")
    __mapper_args__: ClassVar[Any] = {"polymorphic_on": "kind", "polymorphic_identity": "owner"}


class Breeder(Owner):
    __tablename__ = "breeder"
    id: Mapped[int] = mapped_column(ForeignKey("owner.id"), primary_key=True)
    licence: Mapped[str]
    litters: Mapped[list["Litter"]] = relationship()
    __mapper_args__: ClassVar[Any] = {"polymorphic_identity": "breeder"}


class Pet(Base):
    __tablename__ = "pet"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id"))
    owner: Mapped[Owner] = relationship(back_populates="pets")


class Litter(Base):
    __tablename__ = "litter"
    id: Mapped[int] = mapped_column(primary_key=True)
    breeder_id: Mapped[int] = mapped_column(ForeignKey("breeder.id"))


puppy = aliased(Pet)
keeper = aliased(Owner)
anyone = with_polymorphic(Owner, [Breeder], flat=True)
STATEMENTS: dict[str, Any] = {
    "load_only(Owner.name, Owner.note)": select(Owner).options(load_only(Owner.name, Owner.note)),
    "defer(Owner.note), undefer(Owner.name)": select(Owner).options(
        defer(Owner.note), undefer(Owner.name)
    ),
    "joinedload(Owner.pets, innerjoin=True).load_only(Pet.name)": select(Owner).options(
        joinedload(Owner.pets, innerjoin=True).options(load_only(Pet.name))
    ),
    "joinedload(Owner.pets).options(joinedload(Pet.owner), load_only(Pet.name))": select(Owner)
    .options(joinedload(Owner.pets).joinedload(Pet.owner))
    .options(defaultload(Owner.pets).load_only(Pet.name)),
    "selectinload(Owner.pets.and_(Pet.id > 3))": select(Owner).options(
        selectinload(Owner.pets.and_(Pet.id > 3))
    ),
    "joinedload(Pet.owner.of_type(Breeder)).selectinload(Breeder.litters)": select(Pet).options(
        joinedload(Pet.owner.of_type(Breeder)).selectinload(Breeder.litters)
    ),
    "joinedload(Pet.owner.of_type(anyone)).selectinload(anyone.Breeder.litters)": select(
        Pet
    ).options(joinedload(Pet.owner.of_type(anyone)).selectinload(anyone.Breeder.litters)),
    'joinedload("*")': select(Owner).options(joinedload("*")),
    'joinedload(Owner.pets).raiseload("*")': select(Owner).options(
        joinedload(Owner.pets).raiseload("*")
    ),
    "contains_eager(Owner.pets.of_type(puppy))": select(Owner)
    .join(Owner.pets.of_type(puppy))
    .options(contains_eager(Owner.pets.of_type(puppy))),
    "contains_eager(Owner.pets, alias=puppy)": select(Owner)
    .join(Owner.pets.of_type(puppy))
    .options(contains_eager(Owner.pets, alias=puppy)),
    "selectinload(keeper.pets), joinedload(Owner.pets)": select(keeper, Owner).options(
        selectinload(keeper.pets), joinedload(Owner.pets)
    ),
    "selectinload(anyone.Breeder.litters), joinedload(anyone.pets)": select(anyone).options(
        selectinload(anyone.Breeder.litters), joinedload(anyone.pets)
    ),
    'raiseload(Owner.pets), raiseload("*", sql_only=True)': select(Owner).options(
        raiseload(Owner.pets), raiseload("*", sql_only=True)
    ),
    "selectin_polymorphic(Owner, [Breeder])": select(Owner).options(
        selectin_polymorphic(Owner, [Breeder])
    ),
    "with_loader_criteria(Pet, Pet.id > 3)": select(Owner).options(
        with_loader_criteria(Pet, Pet.id > 3)
    ),
}


@pytest.mark.parametrize("code", STATEMENTS)
def test_options_are_spelled_as_their_author_wrote_them(code: str) -> None:
    """Aliases, criteria and columns included; compiled, they come to the same SQL."""
    statement = STATEMENTS[code]
    told = spelled(statement, OwnNames())
    assert (told.code, told.kept) == (f".options({code})", ())
    copy = statement._generate()
    copy._with_options = ()
    assert str(copy.options(*evaluated(told.code, globals()))) == str(statement)
