"""The one line for a call or a comparison; and what an own JOIN multiplies, to be dropped again."""

from collections.abc import Iterator, Sequence

from qprof.domain.loaders import LOADERS
from qprof.domain.plans import BALANCED
from qprof.domain.report import MIX, Amplification, Finding, PlanReport
from qprof.domain.sql.reading import drops_joined_rows
from qprof.domain.trace import Call, Cost, Execution, Suspect, at, came_empty
from qprof.domain.words import listed
from qprof.judge.verdict.recommend import TIE, TWICE, is_rejected, is_slower, preference


def hidden_notes(call: Call) -> tuple[str, ...]:
    """Return a note for each root SELECT of `call` whose own JOIN builds rows for nothing."""
    hidden = [_note(each) for each in call.executions if _hides(each)]
    copies = [_copies(each) for each in call.executions if _repeats(each)]
    return tuple(dict.fromkeys((*hidden, *copies)))


def _repeats(execution: Execution) -> bool:
    """Return whether rows are copies of a root, by a JOIN that is no loader option's."""
    tally, joined = execution.tally, any(join.to_many for join in execution.joins)
    is_root = execution.strategy == "root" and not joined
    return is_root and tally is not None and tally.roots < execution.rows


def _copies(execution: Execution) -> str:
    roots = execution.tally.roots if execution.tally else 0
    return (
        f"A JOIN of the statement's own{at(execution.site)} repeats its roots: "
        f"{execution.rows:,} rows hold {roots:,} objects. A filter by .any() or EXISTS in its "
        "place fetches each once."
    )


def _hides(execution: Execution) -> bool:
    # subqueryload writes a DISTINCT of its own, over parents alone.
    return execution.strategy == "root" and drops_joined_rows(execution.sql)


def _note(execution: Execution) -> str:
    return (
        f"SELECT DISTINCT over joined tables{at(execution.site)}: the rows that the database "
        "builds and drops again are in no figure. Its EXPLAIN ANALYZE shows them; a filter by "
        ".any() or EXISTS in place of the JOIN builds none."
    )


_MIXED = f"{BALANCED} ({LOADERS['selectin']} for collections, {LOADERS['joined']} for the rest)"
_SIGN = "\N{MULTIPLICATION SIGN}"
CLEAN = 1.05
"""Up to 5 % over needed is no waste worth a word."""


def call_verdict(call: Call, ratios: Amplification, findings: Sequence[Finding]) -> str:
    """Return what the call costs against what it needs, and the worst that was found."""
    cost, needed = call.cost, call.needed
    sent = _sent(cost)
    if not findings and (nothing := _nothing(call)):
        return nothing
    if needed is None:
        return f"{sent}; no reference, because the call was not run under another plan."
    named = _found(findings)
    clean = max(ratios.queries or 0, ratios.rows or 0, ratios.cells or 0) <= CLEAN
    if named:
        enough = f"; {_sent(needed)} are enough:"
        return f"{sent}{': no more than its objects need, but' if clean else enough} {named}."
    if clean:
        return f"{sent}{_clean(call)}."
    broken = "" if findings else ", and no rule was broken"
    return f"{sent}; its objects need {_sent(needed)}{broken}."


def _clean(call: Call) -> str:
    if hidden_notes(call):
        return ", which is what comes back; what DISTINCT drops inside the database is not counted"
    return ": no more than its objects need"


def _nothing(call: Call) -> str:
    """Return why there was nothing to judge; "" where there was."""
    if not call.executions:
        return _silent(call.first)
    if came_empty((each.columns for each in call.executions), call.cost.rows, call.wall):
        return f"{_sent(call.cost)}: no row came back, so its cost is not known."
    return ""


def _silent(first: Cost | None) -> str:
    if first is None or not first.queries:
        return "no statement was sent, so nothing was measured."
    return f"cached, not free: the first run sent {_sent(first)}, and later ones no statement."


def _sent(cost: Cost) -> str:
    return f"{_many(cost.queries, 'query', 'queries')}, {_many(cost.rows, 'row', 'rows')}, " + (
        _many(cost.cells, "cell", "cells")
    )


def _many(count: int, one: str, several: str) -> str:
    return f"{count:,} {one if count == 1 else several}"


def _found(findings: Sequence[Finding]) -> str:
    """Return the worst findings by name, the first of them with its largest parent."""
    bad = [each for each in findings if each.level != "note"]
    names = list(dict.fromkeys(f"{each.rule} {each.name}" for each in bad))
    roots = [_root(each) for each in bad if _root(each)]
    return ", ".join(names) + (f" ({roots[0]})" if roots else "")


def _root(finding: Finding) -> str:
    root, rows = finding.evidence.get("worst_root"), finding.evidence.get("worst_root_rows")
    return f"{root} alone brings {rows:,} rows" if root and rows else ""


def comparison_verdict(
    plans: Sequence[PlanReport],
    best: PlanReport | None,
    findings: Sequence[Finding],
    suspect: Suspect | None = None,
    *,
    own_joins: bool = False,
) -> str:
    """Return which plan to use and why; `own_joins`: whether contains_eager reads collections."""
    if suspect is not None:
        return _distrust(suspect, best, _found(findings))
    if plans[0].rows == 0:
        return "nothing to compare: no row came back."
    if best is None:
        return "no recommendation: no plan was measured with the same result."
    written = plans[0]
    if best.plan == written.plan:
        return _why_keep(plans, best, own_joins=own_joins)
    gains = ", ".join([*_gains(written, best), "same result"])
    return f"use {_spelled(best)}, {_speed(written, best)}: {gains}."


def _distrust(suspect: Suspect, best: PlanReport | None, named: str) -> str:
    """Return what speaks against the call as written."""
    use = f" Use {_spelled(best)}." if best is not None else ""
    because = f" As written: {named}." if named else ""
    return (
        f"do not trust it as written: {listed(suspect.plans)} agree with each other, and under "
        f"them {suspect.differs}.{use}{because}"
    )


def _spelled(plan: PlanReport) -> str:
    """Return what to write: the option, or the plan's name with what it stands for."""
    if plan.plan.startswith(MIX):
        return f"{plan.plan} ({', '.join(f'{path}={s}' for path, s in plan.strategies.items())})"
    loaders = {LOADERS.get(each, plan.plan) for each in plan.strategies.values()}
    if len(loaders) == 1:
        return loaders.pop()
    return _MIXED if plan.plan == BALANCED else plan.plan


def _gains(written: PlanReport, best: PlanReport) -> Iterator[str]:
    """Yield by how much the cells differ; the queries only if the cells do not."""
    for name in ("cells", "queries"):
        before, after = getattr(written, name) or 0, getattr(best, name) or 0
        share = round(100 * (before - after) / before) if before else 0
        if share > 0:
            yield f"{share} % fewer {name}"
            return
        if share < 0:
            yield f"{after / before:.1f}{_SIGN} the {name}"


def _why_keep(plans: Sequence[PlanReport], best: PlanReport, *, own_joins: bool) -> str:
    rivals = [plan for plan in plans[1:] if plan.identical and plan.seconds is not None]
    others = [plan for plan in rivals if plan.cells != best.cells or plan.queries != best.queries]
    if not best.strategies:
        return "nothing to compare: the call loads no relationships."
    if not rivals:
        return "keep it as written: no other plan was shown to give the same result."
    if not others:
        return "keep it as written: every other plan with the same result costs the same."
    allowed = [plan for plan in others if not is_rejected(plan, plans[0])]
    next_best = min(allowed or others, key=preference)
    if own_joins:
        return "keep it as written: contains_eager has no strategy to exchange."
    return f"{_against(next_best, best)}."


def _against(rival: PlanReport, best: PlanReport) -> str:
    """Return why `best` is kept, by how long the next best plan takes."""
    if _is_apart(rival, best):
        slower = (rival.seconds or 0.0) >= (best.seconds or 0.0)
        if slower:
            return f"keep it as written: {rival.plan} takes {_times(rival, best)} the time"
        bad = ", ".join(dict.fromkeys(each.rule for each in rival.findings if each.level != "note"))
        but = f"has {bad}" if bad else "fetches no less"
        return f"keep it as written: {rival.plan} is {_times(best, rival)} faster, but {but}"
    if not rival.seconds or not best.seconds or _near(rival, best):
        return f"keep it as written: {rival.plan} is equally fast"
    if rival.seconds > best.seconds:
        return f"keep it as written: the next best plan, {rival.plan}, is not faster"
    return (
        f"keep it as written: no clear winner, since {rival.plan} looks {_times(best, rival)} "
        "faster, but the repeats vary too much; try --repeat 20"
    )


def _near(one: PlanReport, other: PlanReport) -> bool:
    fast, slow = sorted((one.seconds or 0.0, other.seconds or 0.0))
    return slow <= fast * TIE


def _is_apart(one: PlanReport, other: PlanReport) -> bool:
    return is_slower(one, other, TWICE) or is_slower(other, one, TWICE)


def _speed(written: PlanReport, best: PlanReport) -> str:
    if _near(written, best) or not written.seconds or not best.seconds:
        return "equally fast"
    if (best.seconds or 0.0) > (written.seconds or 0.0):
        return f"{_times(best, written)} the time"
    unsure = "" if _is_apart(written, best) else "about "
    return f"{unsure}{_times(written, best)} faster"


def _times(slow: PlanReport, fast: PlanReport) -> str:
    if not slow.seconds or not fast.seconds:
        return "as"
    return f"{slow.seconds / fast.seconds:.1f}{_SIGN}"
