"""Arguments, to what annotations ask for: a value that does not fit is refused, never guessed."""

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NewType, Optional, Union
from uuid import UUID

import pytest

from qprof.targets.code import example, find_calls, fitted, shown


class Mood(Enum):
    """By name or by value."""

    CALM = "c"
    LOUD = 2


Key = NewType("Key", int)
DAY, NOON = date(2020, 1, 2), datetime(2020, 1, 2, 12)
SOME = UUID("00000000-0000-0000-0000-000000000001")

TYPED: list[tuple[Any, str, Any]] = [
    (str, "1e5", "1e5"),
    (str, "true", "true"),
    (int, "-7", -7),
    (float, "1e5", 100000.0),
    (bool, "False", False),
    (bool, "no", False),
    (bool, "0", False),
    (bool, "YES", True),
    (Decimal, "1.10", Decimal("1.10")),
    (date, "2020-01-02", DAY),
    (datetime, "2020-01-02T12:00", NOON),
    (time, "12:00", time(12)),
    (UUID, str(SOME), SOME),
    (Mood, "CALM", Mood.CALM),
    (Mood, "2", Mood.LOUD),
    (Literal["up", 3], "3", 3),
    (Optional[int], "3", 3),  # noqa: UP045
    (Union[str, int], "3", 3),  # noqa: UP007
    (int | None, "none", None),
    (str | None, "none", "none"),
    (list[int], "1,2", [1, 2]),
    (Sequence[str], "1, 2", ["1", "2"]),
    (list[date], '["2020-01-02"]', [DAY]),
    (set[int], "[1, 1]", {1}),
    (Annotated[Key, "of an artist"], "3", 3),
    (object, "3", 3),
    ("Unknown", "a = b", "a = b"),
    (int | dict[str, int], "a", "a"),
]


@pytest.mark.parametrize(("annotation", "text", "value"), TYPED)
def test_a_text_becomes_what_is_asked_for(annotation: Any, text: str, value: Any) -> None:
    """And is of that class, since False == 0."""
    found = fitted(text, annotation, text=True)
    assert (found, type(found)) == (value, type(value))


MISFITS: list[tuple[Any, str]] = [
    (int, "zz"),
    (int, "1.5"),
    (int, ""),
    (float, "1,5"),
    (bool, "maybe"),
    (bool, "2"),
    (Decimal, "ten"),
    (date, "2020-02-30"),
    (datetime, "noon"),
    (UUID, "1"),
    (Mood, "calm"),
    (Literal["up"], "down"),
    (int | None, "zz"),
    (list[int], "1,x"),
    (list[int], '["1"]'),
]


@pytest.mark.parametrize(("annotation", "text"), MISFITS)
def test_a_text_that_does_not_fit_is_refused(annotation: Any, text: str) -> None:
    """What is proposed instead fits, and the annotation can be shown."""
    with pytest.raises(ValueError):  # noqa: PT011
        fitted(text, annotation, text=True)
    fitted(example(annotation), annotation, text=False)
    assert shown(annotation)


TOML: list[tuple[Any, Any, Any]] = [
    (float, 3, 3.0),
    (Decimal, 1.5, Decimal("1.5")),
    (date, DAY, DAY),
    (date, "2020-01-02", DAY),
    (datetime, DAY, datetime(2020, 1, 2)),
    (UUID, str(SOME), SOME),
    (Mood, "c", Mood.CALM),
    (Mood, 2, Mood.LOUD),
    (int | str, "3", "3"),
    (list[float], [1, 2.5], [1.0, 2.5]),
    (dict[str, int], {"a": 1}, {"a": 1}),
]


@pytest.mark.parametrize(("annotation", "given", "value"), TOML)
def test_a_value_of_toml_is_of_its_kind(annotation: Any, given: Any, value: Any) -> None:
    """An int is a float, too, and what TOML has no values for is a text."""
    found = fitted(given, annotation, text=False)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("annotation", "given"),
    [
        (str, 5),
        (int, "3"),
        (int, True),
        (int, 1.0),
        (float, True),
        (bool, 1),
        (bool, "yes"),
        (date, NOON),
        (Decimal, True),
        (Mood, True),
        (list[int], 3),
        (list[int], ["3"]),
        (int | None, "none"),
    ],
)
def test_a_value_of_toml_that_does_not_fit_is_refused(annotation: Any, given: Any) -> None:
    """A text is no number there: TOML has numbers."""
    with pytest.raises(ValueError):  # noqa: PT011
        fitted(given, annotation, text=False)


def test_an_annotation_counts_beside_one_that_cannot_be_evaluated() -> None:
    """Such as one that only type checkers import."""

    def call(day: "date", other: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821

    parameters = find_calls(call, "app:call")["call"].parameters
    assert [each.annotation for each in parameters.values()] == [date, "Nowhere"]
