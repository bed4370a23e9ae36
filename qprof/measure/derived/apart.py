"""One execution's own part: its rows and columns, were no collection joined in them."""

from qprof.measure.capture.held import Held
from qprof.measure.capture.sent import Sent
from qprof.measure.capture.sites import shown
from qprof.measure.orm.keys import KeyColumns, Side


class Unknown(Exception):
    """The rows do not tell; the message is the reason."""


def main_part(sent: Sent, held: Held) -> tuple[int, int]:
    """Return the rows and columns of `sent`, were the collections that it joins not in it."""
    columns = held.keys.columns
    if not any(join.to_many for join in sent.shape.joins):
        return sent.rows, sent.columns
    if columns is None or not held.keys.alone:
        raise Unknown(f"several entities, or one without its key, are selected{at(sent)}")
    if held.broken is not None:
        raise Unknown(f"the rows cannot be looked into{at(sent)} ({held.broken})")
    if held.rows != len(held.combinations):
        raise Unknown(
            f"rows repeat beyond what the joined paths explain{at(sent)}, as a JOIN of the "
            "statement's own makes them"
        )
    return len(held.mains), sent.columns - sum(side.width for side in _beyond(columns))


def own_width(sent: Sent, held: Held) -> int:
    """Return the columns of the main entity, with what is joined to it to-one."""
    columns = held.keys.columns
    return columns.load_width(None) if columns is not None else sent.columns


def _beyond(columns: KeyColumns) -> list[Side]:
    """Return the to-many paths that are joined, and all that hangs on them."""
    away: dict[str, Side] = {}
    for path, side in columns.paths.items():
        if side.to_many or side.parent in away:
            away[path] = side
    return list(away.values())


def at(sent: Sent) -> str:
    """Return " at file:line" of what issued `sent`; "" where that is unknown."""
    site = shown(sent.site)
    return f" at {site.place}" if site is not None else ""
