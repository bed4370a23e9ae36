"""What a gate found, and calls against budgets."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from qprof.domain.report import Breach, CallReport
from qprof.judge.budgets.limits import BUILT_IN, Budgets, Limit
from qprof.judge.budgets.metrics import (
    METRICS,
    count_of,
    counted,
    figure,
    is_ratio,
    needed,
    place,
    shown,
)


@dataclass(frozen=True)
class Verdict:
    """Breaches, and what is said without failing."""

    breaches: tuple[Breach, ...] = ()
    notices: tuple[str, ...] = ()


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """Return one verdict of all, in order."""
    found = list(verdicts)
    return Verdict(
        tuple(each for one in found for each in one.breaches),
        tuple(each for one in found for each in one.notices),
    )


ACCEPTED = "The baseline covers this call."
"""Why qprof's own default lets a call pass. A budget of the user's does not: it was asked for."""


def over_budget(
    budgets: Budgets, calls: Sequence[CallReport], accepted: Collection[str], today: date
) -> Verdict:
    """Return what is over its budget, where `accepted` are the calls of the baseline.

    An amplification that is unknown is told, and breaks nothing.
    """
    found = together(_of_call(budgets, call, today) for call in calls)
    return replace(found, breaches=tuple(_eased(each, accepted) for each in found.breaches))


def _eased(breach: Breach, accepted: Collection[str]) -> Breach:
    is_debt = breach.source == BUILT_IN and breach.call in accepted
    return replace(breach, acknowledged=ACCEPTED) if is_debt else breach


def _of_call(budgets: Budgets, call: CallReport, today: date) -> Verdict:
    limits = {metric: budgets.chain(call.name, metric) for metric in METRICS}
    found = [_judged(call, chain, today) for chain in limits.values() if chain]
    if call.needed is None and call.queries and any(map(is_ratio, filter(limits.get, limits))):
        told = f"{call.name}: what it needs is unknown, so no amplification of it is judged."
        found.append(Verdict(notices=(told,)))
    return together(found)


def _judged(call: CallReport, chain: Sequence[Limit], today: date) -> Verdict:
    """Return what the most specific limit says that holds today, and those that it stands for."""
    first = next((n for n, each in enumerate(chain) if _holds(each, today)), len(chain))
    lapsed, holding = chain[:first], chain[first:]
    if holding and _is_over(call, holding[0]):
        return Verdict((_breach(call, holding[0], lapsed),))
    notices = tuple(_unneeded(call, each, "has expired, and is not needed") for each in lapsed)
    if not holding or holding[0].acknowledged is None:
        return Verdict(notices=notices)
    return _excused(call, holding[0], holding[1:], notices)


def _excused(
    call: CallReport, limit: Limit, beneath: Sequence[Limit], notices: tuple[str, ...]
) -> Verdict:
    """Return the breach that an acknowledged limit lets pass; a notice where there is none."""
    plain = next((each for each in beneath if each.acknowledged is None), None)
    if plain is None or not _is_over(call, plain):
        return Verdict(notices=(*notices, _unneeded(call, limit, "is not needed any more")))
    return Verdict((_breach(call, plain, (), str(limit.acknowledged)),), notices)


def _holds(limit: Limit, today: date) -> bool:
    return limit.acknowledged is None or limit.acknowledged.holds(today)


def _is_over(call: CallReport, limit: Limit) -> bool:
    measured, name = figure(call, limit.metric), count_of(limit.metric)
    if measured is None or measured <= limit.value:
        return False
    return not is_ratio(limit.metric) or counted(call, name) - (needed(call, name) or 0) > (
        limit.slack
    )


def _breach(
    call: CallReport, limit: Limit, lapsed: Sequence[Limit], acknowledged: str | None = None
) -> Breach:
    measured = figure(call, limit.metric) or 0.0
    name = count_of(limit.metric)
    return Breach(
        call=call.name,
        metric=limit.metric,
        limit=limit.value,
        measured=measured,
        source=limit.source,
        level=limit.level,
        message=_message(call, limit, measured, lapsed),
        location=place(call, limit.metric),
        acknowledged=acknowledged,
        enough=needed(call, name) if is_ratio(limit.metric) else None,
        lapsed="; ".join(_lapsed(lapsed)),
    )


def _lapsed(lapsed: Sequence[Limit]) -> Iterator[str]:
    for each in lapsed:
        if each.acknowledged:
            said = each.acknowledged
            yield f"the exception of {said.by} for {shown(each.value)} expired on {said.expires}"


def _message(call: CallReport, limit: Limit, measured: float, lapsed: Sequence[Limit]) -> str:
    name = count_of(limit.metric)
    because = times = ""
    if is_ratio(limit.metric):
        wanted, times = needed(call, name) or 0, "×"
        because = f": {counted(call, name):,} {name}, {wanted:,} are enough"
    ended = "".join(f"; {each}" for each in _lapsed(lapsed))
    return (
        f"{call.name}: {name} {shown(measured)}{times}, limit {shown(limit.value)}{times} "
        f"({limit.source}){because}{ended}."
    )


def _unneeded(call: CallReport, limit: Limit, why: str) -> str:
    return f"{call.name}: the exception for {limit.metric} in {limit.source} {why}; remove it."
