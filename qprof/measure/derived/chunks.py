"""The chunks of a selectin, told from queries of their own."""

from collections.abc import Iterable

from qprof.domain.loaders import CHUNK
from qprof.measure.capture.sent import Sent


def queries_without_chunks(sent: Iterable[Sent]) -> int:
    """Return the executions, all chunks of one selectin counted as one.

    A chunk that asks for as many parents as fit is followed by the next. So a limit does not
    depend on the amount of data, and never fails a fix for having more than 500 parents.
    """
    full: dict[tuple[str, str | None], bool] = {}
    queries = 0
    for each in sent:
        key = (each.sql, each.shape.path)
        queries += not full.get(key, False)
        if each.strategy == "selectin":
            full[key] = len(each.parameters or ()) >= CHUNK
    return queries
