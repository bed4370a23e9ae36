"""What a call's objects would have to cost: the balanced plan, measured."""

from collections.abc import Iterable
from dataclasses import replace

from qprof.domain.loaders import OWN_JOIN
from qprof.domain.plans import BALANCED, Plan, named_plan
from qprof.domain.trace import Call, Cost, Execution, total
from qprof.measure.experiments.comparison import compared, first_run, plan_experiment, view_of
from qprof.measure.experiments.experiment import Result
from qprof.measure.experiments.graph import Graph
from qprof.measure.experiments.several import several_in
from qprof.measure.experiments.specimen import Specimen

MOST_LAZY = 5_000
"""Objects up to which they are loaded lazily for a second opinion: each may take a query."""


def price_needed(specimen: Specimen, call: Call) -> Call:
    """Return `call` with what its objects would have to cost, or a note why that is unknown."""
    plan = named_plan(BALANCED, specimen.found.paths)
    balanced = first_run(specimen, plan)
    several = [join.path for _, join, _, _ in several_in(balanced.executions)]
    if several:
        # Joined, a to-one path that finds several would repeat its parents.
        plan = Plan(BALANCED, {**plan.strategies, **dict.fromkeys(several, "selectin")})
        balanced = first_run(specimen, plan)
    if balanced.reason is not None:
        note = f"Needed is unknown: the balanced plan cannot run ({balanced.reason})."
        return replace(call, notes=(note, *call.notes))
    identical, differs = compared(specimen, balanced)
    if identical is False and not _is_agreed(specimen, balanced):
        note = f"Needed is unknown: under the balanced plan {differs}."
        return replace(call, notes=(note, *call.notes))
    if identical is False:
        note = f"The call as written is suspect: under the balanced plan and lazily {differs}."
        call = replace(call, notes=(note, *call.notes))
    return replace(call, needed=needed_cost(balanced.executions))


def _is_agreed(specimen: Specimen, balanced: Result) -> bool:
    """Return whether a call that its JOINs make wrong gives what balanced does, loaded lazily.

    They do where a to-one path found several, or a window or aggregate counts joined rows.
    """
    found = specimen.found
    if not found.several and not any(each.aggregates for each in found.roots.values()):
        return False
    nodes = balanced.objects.nodes if isinstance(balanced.objects, Graph) else {}
    if len(nodes) > MOST_LAZY:
        return False
    lazy = specimen.runner.attempt(plan_experiment(specimen, named_plan("lazy", found.paths)))
    same = lazy.reason is None and view_of(specimen, lazy) == view_of(specimen, balanced)
    return same and bool(view_of(specimen, lazy))


def needed_cost(balanced: Iterable[Execution]) -> Cost:
    """Return the cost of the balanced plan's executions.

    A statement counts once for each set of parameters, however often it was sent: asking again
    gives the caller nothing. A refresh is meant to give something new. Columns that came late
    could have come with their objects, and those that were expired did. What contains_eager reads
    from the author's own JOIN cannot be moved; there, the rows' keys say what the objects would
    cost apart.
    """
    return total(
        _of_columns(each) or _apart(each) or _once(each) or _without_repeats(each)
        for each in balanced
    )


def _of_columns(execution: Execution) -> Cost | None:
    if execution.kind == "columns" and execution.attributes:
        return Cost(0, 0, execution.cells)
    return Cost(0, 0, 0) if execution.kind == "expired" else None


def _apart(execution: Execution) -> Cost | None:
    own_join = any(join.to_many and join.strategy == OWN_JOIN for join in execution.joins)
    return execution.tally.apart if own_join and execution.tally is not None else None


def _once(execution: Execution) -> Cost | None:
    """Return the cost of distinct roots, where a JOIN of the statement's own repeats them."""
    tally = execution.tally
    if (
        tally is None
        or execution.repeats
        or execution.strategy != "root"
        or any(each.to_many for each in execution.joins)
    ):
        return None
    return Cost(execution.count, tally.roots, tally.roots * execution.columns)


def _without_repeats(execution: Execution) -> Cost:
    return execution.cost if execution.kind == "refresh" else execution.cost - execution.repeated
