import math

import pytest

from qprof.reporters import figures


def test_a_count_has_thousands_separators() -> None:
    assert [figures.count(value) for value in (0, 999, 1234567, None)] == [
        "0",
        "999",
        "1,234,567",
        figures.UNKNOWN,
    ]


@pytest.mark.parametrize("draw", [figures.ratio, figures.milliseconds])
@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_what_is_no_number_is_a_dash(draw, value) -> None:  # type: ignore[no-untyped-def]
    assert draw(value) == figures.UNKNOWN


def test_a_quotient_needs_both_sides_and_a_divisor() -> None:
    assert figures.quotient(9, 2) == 4.5
    assert figures.quotient(0, 2) == 0
    assert figures.quotient(None, 2) is None
    assert figures.quotient(9, None) is None
    assert figures.quotient(0, 0) is None


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.0004, "0.40 ms"),
        (0.00099999, "1.0 ms"),
        (0.0038, "3.8 ms"),
        (0.009999, "10 ms"),
        (0.0384, "38 ms"),
        (0.1434, "143 ms"),
        (12, "12.0 s"),
        (4321.5, "4,321.5 s"),
    ],
)
def test_a_duration_has_a_unit_and_about_two_digits(seconds: float, expected: str) -> None:
    assert figures.duration(seconds) == expected


def test_a_limit_is_a_count_or_a_ratio() -> None:
    assert figures.measure(1500.0) == "1,500"
    assert figures.measure(4.5208) == "4.52"


def test_one_is_singular() -> None:
    assert figures.counted(1, "query", "queries") == "1 query"
    assert figures.counted(2, "query", "queries") == "2 queries"
    assert figures.counted(0, "note") == "0 notes"
