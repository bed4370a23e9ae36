"""Numbers as people read them: thousands separated, exact, and a dash where unknown."""

import math

UNKNOWN = "\N{EN DASH}"
TIMES = "\N{MULTIPLICATION SIGN}"


def count(value: int | None) -> str:
    """Return 1234567 as "1,234,567"."""
    return UNKNOWN if value is None else f"{value:,}"


def ratio(value: float | None) -> str:
    """Return 4.5179 as "4.52"."""
    return UNKNOWN if value is None or not math.isfinite(value) else f"{value:,.2f}"


def short_ratio(value: float) -> str:
    """Return 3.8364 as "3.8×", 17.45 as "17.5×", 136.5 as "137×"."""
    text = f"{value:,.1f}" if value < 99.95 else f"{value:,.0f}"
    return f"{text.removesuffix('.0')}{TIMES}"


def short_time(seconds: float | None) -> str:
    """Return seconds as milliseconds in about two digits: "0.4", "47", "1,234"."""
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    return f"{seconds * 1000:,.1f}" if seconds < 0.00995 else f"{seconds * 1000:,.0f}"


def quotient(measured: int | None, needed: int | None) -> float | None:
    """Return measured divided by needed; None where either is unknown or needed is 0."""
    return measured / needed if measured is not None and needed else None


def milliseconds(seconds: float | None) -> str:
    """Return 0.81237 seconds as "812.4"."""
    return UNKNOWN if seconds is None or not math.isfinite(seconds) else f"{seconds * 1000:,.1f}"


def duration(seconds: float) -> str:
    """Return seconds with their unit in about two digits: "0.38 ms", "38 ms", "12.0 s"."""
    if seconds >= 1:
        return f"{seconds:,.1f} s"
    thousandths = seconds * 1000
    digits = 0 if thousandths >= 9.95 else 1 if thousandths >= 0.995 else 2
    return f"{thousandths:.{digits}f} ms"


def measure(value: float) -> str:
    """Return a count as a count, and anything else as a ratio."""
    return count(int(value)) if float(value).is_integer() else ratio(value)


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """Return "1 call" or "2 calls"; `plural` where adding an s is wrong."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
