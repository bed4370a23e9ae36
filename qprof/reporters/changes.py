"""What changed since an earlier report, in columns and sentences."""

from collections.abc import Sequence

from qprof.domain.report import Change
from qprof.reporters.columns import Column
from qprof.reporters.figures import TIMES, UNKNOWN, count, ratio


def change_columns(changes: Sequence[Change]) -> list[Column]:
    """Return the figures of calls that are known on both sides; a column may have no cell."""
    rows = [each for each in changes if each.rule is None and each.metric is not None]
    return [
        Column("call", tuple(each.call for each in rows), right=False),
        Column("metric", tuple(each.metric or "" for each in rows), right=False),
        Column("before", tuple(_figure(each.before) for each in rows)),
        Column("after", tuple(_figure(each.after) for each in rows)),
        Column(f"{TIMES}before", tuple(map(_times, rows))),
        Column("status", tuple(each.status for each in rows), right=False),
    ]


def change_sentences(changes: Sequence[Change]) -> list[tuple[str, str]]:
    """Return the status and the sentence of each finding that changed, and of each call."""
    return [
        (each.status, each.message)
        for each in changes
        if each.rule is not None or each.metric is None
    ]


def _figure(value: float | None) -> str:
    return UNKNOWN if value is None else count(round(value))


def _times(change: Change) -> str:
    if not change.before or change.after is None:
        return UNKNOWN
    return ratio(change.after / change.before)
