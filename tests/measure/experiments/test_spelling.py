"""Printed options are those that ran: pasted in place of a statement's own, they do the same."""

from typing import Any, ClassVar

import pytest
from sqlalchemy import Engine, ForeignKey, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    aliased,
    contains_eager,
    defaultload,
    defer,
    joinedload,
    lazyload,
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
from qprof.measure.orm.spelling import spelled
from tests.measure.experiments import forms
from tests.measure.experiments.oracle import counting, figures
from tests.measure.experiments.pasting import evaluated, pasting
from tests.measure.experiments.runs import plan_of
from tests.opening import discover, measure, on

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
    with pasting(codes, vars(forms)), counting(shop) as counted:
        unmoved = Plan(AS_WRITTEN, {})
        again = measure(on(shop, call), unmoved, found)
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


class Nameless(OwnNames):
    """Where the source of a statement is not found."""

    def arguments(self, function: str, attribute: str) -> str | None:
        return None


def test_what_is_not_printed_is_not_to_be_kept() -> None:
    """The criteria of a path that a fix no longer loads."""
    criteria = Owner.pets.and_(Pet.id > 3)
    loaded = spelled(select(Owner).options(selectinload(criteria)), Nameless())
    assert (loaded.code, loaded.kept) == (
        ".options(selectinload(Owner.pets.and_(...)))",
        (".and_() of Owner.pets",),
    )
    dropped = spelled(
        select(Owner).options(lazyload(criteria)), Nameless(), quiet=frozenset(["Owner.pets"])
    )
    assert (dropped.code, dropped.kept) == ("", ())
