"""The chunks of a selectin, told from queries of their own, in a report."""

from qprof.domain.report import CallReport, ExecutionReport


def further_chunks(call: CallReport) -> int:
    """Return how many queries only continue a selectin, which asks for 500 parents at a time.

    A selectin is started by a statement of the same line, and once by each: what it sends more
    often than that are further chunks. They grow with the data, and a limit of queries is of code.
    """
    return sum(
        max(0, each.count - _starts(call, each))
        for each in call.executions
        if each.strategy == "selectin"
    )


def _starts(call: CallReport, selectin: ExecutionReport) -> int:
    return sum(
        each.count
        for each in call.executions
        if each.strategy != "selectin" and each.site == selectin.site
    )
