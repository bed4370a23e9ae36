"""Values without a helpful `==`, and values that change by themselves."""

from array import array
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from qprof.measure.experiments.values import Changing, changes, same, steady

NAN = float("nan")


class Holder:
    def __init__(self, held: Any) -> None:
        self.held = held


class Refusing(Holder):
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        raise RuntimeError


class Elementwise(Holder):
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> Any:
        return Holder([])


class Slotted:
    __slots__ = ("held",)

    def __init__(self, held: Any) -> None:
        self.held = held


@dataclass
class Point:
    x: Any


class Opaque:
    __slots__ = ()


SAME = [
    (1, 1.0),
    (NAN, float("nan")),
    (Decimal("NaN"), Decimal("NaN")),
    ([1, [NAN]], [1, [NAN]]),
    ({"a": NAN}, {"a": float("nan")}),
    (array("d", [1.5]), array("d", [1.5])),
    (Holder(3), Holder(3)),
    (Holder([Holder(NAN)]), Holder([Holder(NAN)])),
    (Refusing(3), Refusing(3)),
    (Elementwise("a"), Elementwise("a")),
    (Slotted((1, 2)), Slotted((1, 2))),
    (Point(NAN), Point(float("nan"))),
]
OTHER = [
    (1, 2),
    (NAN, 1.0),
    ([1], [1, 2]),
    ({"a": 1}, {"b": 1}),
    ((1, 2), (2, 1)),
    (array("d", [1.5]), array("d", [2.5])),
    (Holder(3), Holder(4)),
    (Refusing(3), Refusing(4)),
    (Elementwise("a"), Elementwise("b")),
    (Slotted(1), Slotted(2)),
    (Point(1), Point(2)),
    (Holder(3), Slotted(3)),
    ("1", 1),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_holds_the_same_is_the_same(one: Any, other: Any) -> None:
    """Whatever `==` gives: an error, an array, or False of a value that equals nothing."""
    assert same(one, other) is True


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_holds_something_else_is_another(one: Any, other: Any) -> None:
    """No value is taken for another one."""
    assert same(one, other) is False


def test_what_shows_nothing_is_unknown() -> None:
    """Two objects without members can be anything."""
    assert same(Opaque(), Opaque()) is None
    assert same([1, Opaque()], [1, Opaque()]) is None
    assert same([1, Opaque()], [2, Opaque()]) is False


STEADY = [
    ("<b>a</b> token=1f", "<b>a</b> token=2e", "<b>a</b> token=77", "<b>b</b> token=1f"),
    (b"a 1 b", b"a 2 b", b"a 3 b", b"a 3 c"),
    ({"a": [1, 2], "at": 5}, {"a": [1, 2], "at": 6}, {"a": [1, 2], "at": 7}, {"a": [1], "at": 5}),
    ((["a"], 0.1), (["a"], 0.2), (["a"], 0.3), (["b"], 0.1)),
]


@pytest.mark.parametrize(("first", "second", "allowed", "refused"), STEADY)
def test_what_changes_by_itself_is_left_out(
    first: Any, second: Any, allowed: Any, refused: Any
) -> None:
    """The stable part is compared all the same."""
    found = steady(first, second)
    assert list(changes(found))
    assert [same(found, each) for each in (first, second, allowed)] == [True] * 3
    assert same(found, refused) is False


def test_it_is_said_where_something_changes() -> None:
    """A place is written as Python would ask for it."""
    found = steady({"a": [1, 2], "b": "x"}, {"a": [1, 3], "b": "y z"})
    assert list(changes(found)) == ["['a'][1]", "['b']"]
    assert list(changes(steady(1, 2))) == [""]
    assert steady("one", "two words") == Changing()
