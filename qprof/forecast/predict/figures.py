"""The figures of a prediction: asked in few statements, and one by one where that fails."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from math import log10
from typing import Any

from sqlalchemy import select

from qprof.forecast.predict.factors import Ask
from qprof.forecast.predict.tree import Stopped, Unpredictable

LARGEST = 10**30
"""Numbers that are told; PostgreSQL's go on to 131,072 digits, which nobody reads."""

_AT_ONCE = 500
"""Figures in one statement: PostgreSQL takes 1,664 columns, SQLite 2,000, MariaDB 4,096."""

Value = int | Unpredictable
"""A figure, or why the database did not tell it."""


@dataclass
class Figures:
    """The figures that are asked for, each once, and then their values."""

    _selects: list[Any] = field(default_factory=list)
    _places: dict[Hashable, int] = field(default_factory=dict)
    _here: dict[int, Callable[[], int]] = field(default_factory=dict)
    _wide: set[int] = field(default_factory=set)
    _values: dict[int, Value] = field(default_factory=dict)

    def add(self, figure: Any, here: Callable[[], int] | None = None, *, wide: bool = False) -> int:
        """Return the place of a SELECT of one number.

        `here` finds the number in Python where the database cannot; one that is `wide` is not even
        sent to it.
        """
        place = self._places.setdefault(_same(figure), len(self._selects))
        if place == len(self._selects):
            self._selects.append(figure)
            if here is not None:
                self._here[place] = here
            if wide:
                self._wide.add(place)
        return place

    def ask(self, ask: Ask, beside: Sequence[Any], source: Any, alone: Any) -> list[Any] | None:
        """Have the database tell all figures; return the rows of `beside`, columns of `source`.

        They come in one statement with the first figures; None where that one failed. Raises
        Unpredictable where not even the figure `alone` can be told.
        """
        places = [place for place in range(len(self._selects)) if place not in self._wide]
        first, rest = places[:_AT_ONCE], places[_AT_ONCE:]
        try:
            found = ask(_statement(self._labelled(first), beside, source))
        except Unpredictable:
            ask(alone)
            self._ask_apart(ask, first)
            tail = None
        else:
            self._values.update(zip(first, map(_whole, found[0]), strict=False))
            tail = [row[len(first) :] for row in found]
        for start in range(0, len(rest), _AT_ONCE):
            self._ask_all(ask, rest[start : start + _AT_ONCE])
        return tail

    def __getitem__(self, place: int) -> int:
        """Return the number at `place`. Raises Unpredictable where nobody can tell it."""
        value = self._values.get(place)
        if not isinstance(value, int):
            if place not in self._here:
                raise value or Unpredictable("it was not asked for")
            value = self._values[place] = self._here[place]()
        if value > LARGEST:
            raise Stopped(f"it would fetch some 1e{int(log10(value))} rows")
        return value

    def _ask_all(self, ask: Ask, places: list[int]) -> None:
        try:
            (row,) = ask(select(*self._labelled(places)))
        except Unpredictable as reason:
            if len(places) == 1:
                self._values[places[0]] = reason
            else:
                self._ask_apart(ask, places)
        else:
            self._values.update(zip(places, map(_whole, row), strict=True))

    def _ask_apart(self, ask: Ask, places: list[int]) -> None:
        """Ask again in halves, to learn which of several figures fail."""
        half = (len(places) + 1) // 2
        for part in (places[:half], places[half:]):
            if part:
                self._ask_all(ask, part)

    def _labelled(self, places: list[int]) -> list[Any]:
        return [self._selects[each].scalar_subquery().label(f"f{each}") for each in places]


def _statement(figures: list[Any], beside: Sequence[Any], source: Any) -> Any:
    if source is None:
        return select(*figures)
    return select(*figures, *beside).select_from(source).order_by(beside[-1].desc())


def _same(figure: Any) -> Hashable:
    """Return what is equal for SELECTs of the same text and the same values."""
    key = figure._generate_cache_key()
    if key is None:
        return id(figure)
    return key.key, tuple(repr(each.effective_value) for each in key.bindparams)


def _whole(value: Any) -> Value:
    """Return a number that a database gave; SQLite goes on with inexact ones past 64 bits."""
    if isinstance(value, float):
        return Unpredictable(f"there are about {value:.3g} rows, past the integers of the database")
    return int(value or 0)
