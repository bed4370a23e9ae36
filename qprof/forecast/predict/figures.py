"""The figures of a prediction: asked in few statements, and one by one where that fails.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_generate_cache_key`.
"""

from collections.abc import Callable, Hashable, Sequence
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


class Figures:
    """The figures that are asked for, each once, and then their values."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._selects: list[Any] = []
        self._places: dict[Hashable, int] = {}
        self._here: dict[int, Callable[[], int]] = {}
        self._wide: set[int] = set()
        self._values: dict[int, Value] = {}

    def add(
        self, figure: object, here: Callable[[], int] | None = None, *, wide: bool = False
    ) -> int:
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

    def ask(self, beside: Sequence[object], source: object, alone: object) -> list[object] | None:
        """Have the database tell all figures; return the rows of `beside`, columns of `source`.

        They come in one statement with the first figures; None where that one failed. Raises
        Unpredictable where not even the figure `alone` can be told.
        """
        places = [place for place in range(len(self._selects)) if place not in self._wide]
        first, rest = places[:_AT_ONCE], places[_AT_ONCE:]
        try:
            found = self._ask(_statement(self._labelled(first), beside, source))
        except Unpredictable:
            self._ask(alone)
            self._ask_apart(first)
            tail = None
        else:
            self._values.update(zip(first, map(_whole, found[0]), strict=False))
            tail = [row[len(first) :] for row in found]
        for start in range(0, len(rest), _AT_ONCE):
            self._ask_all(rest[start : start + _AT_ONCE])
        return tail

    def __getitem__(self, place: int) -> int:
        """Return the number at `place`. Raises Unpredictable where nobody can tell it."""
        value = self._values.get(place)
        if not isinstance(value, int) and place in self._here:
            value = self._values[place] = self._multiplied(place)
        if not isinstance(value, int):
            raise value or Unpredictable("nobody asked for it")
        if value > LARGEST:
            raise Stopped(f"it would fetch some 1e{int(log10(value))} rows")
        return value

    def _multiplied(self, place: int) -> Value:
        try:
            return self._here[place]()
        except Stopped as reason:
            # Too much for Python may be little for the database, where another figure failed.
            if place not in self._values and place not in self._wide:
                self._ask_all([place])
            return self._values.get(place, reason)

    def _ask_all(self, places: list[int]) -> None:
        try:
            (row,) = self._ask(select(*self._labelled(places)))
        except Unpredictable as reason:
            if len(places) == 1:
                self._values[places[0]] = reason
            else:
                self._ask_apart(places)
        else:
            self._values.update(zip(places, map(_whole, row), strict=True))

    def _ask_apart(self, places: list[int]) -> None:
        """Ask again without products, which can be had in Python; else in halves."""
        plain = [place for place in places if place not in self._here]
        half = (len(places) + 1) // 2
        parts = [plain] if len(plain) < len(places) else [places[:half], places[half:]]
        for part in filter(None, parts):
            self._ask_all(part)

    def _labelled(self, places: list[int]) -> list[Any]:
        return [self._selects[each].scalar_subquery().label(f"f{each}") for each in places]


def _statement(figures: list[Any], beside: Sequence[Any], source: Any) -> object:
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
