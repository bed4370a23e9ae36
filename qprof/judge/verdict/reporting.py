"""A `Trace` to a `Report`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from qprof.domain.join_tree import siblings
from qprof.domain.loaders import OWN_JOIN
from qprof.domain.plans import AS_WRITTEN
from qprof.domain.report import (
    CallReport,
    Comparison,
    ExecutionReport,
    Finding,
    FrontPlan,
    JoinedPath,
    JoinTree,
    PlanReport,
    Report,
    Search,
    Seconds,
    amplification,
)
from qprof.domain.sql.fingerprint import fingerprint
from qprof.domain.sql.literals import without_values
from qprof.domain.trace import (
    Call,
    Execution,
    PlanRun,
    PlanRuns,
    Tally,
    Trace,
    bytes_of,
)
from qprof.domain.words import counted
from qprof.judge.detectors import Detector, findings, in_order
from qprof.judge.rules.damage import product
from qprof.judge.rules.thresholds import Thresholds
from qprof.judge.verdict.fixes import under, with_fixes
from qprof.judge.verdict.noise import quieted
from qprof.judge.verdict.recommend import (
    break_even,
    chosen,
    is_rejected,
    pareto_front,
    recommended,
    why_not_faster,
)
from qprof.judge.verdict.verdicts import call_verdict, comparison_verdict, hidden_notes


def judge(
    trace: Trace,
    thresholds: Thresholds,
    rules: Sequence[Detector],
    ignored: Callable[[Finding], bool] | None = None,
) -> Report:
    """Return what `trace` shows, by `rules`; how much of it is `ignored` is a notice."""
    trace = _with_shown_keys(trace)
    found = findings(trace.calls, thresholds, rules)
    found = with_fixes(trace.calls, found, thresholds, rules)
    found = in_order(quieted(found, trace.calls, thresholds))
    kept = tuple(each for each in found if ignored is None or not ignored(each))
    notices, found = (*trace.notices, *_left_out(len(found) - len(kept))), kept
    of = _by_call(found)
    calls, dialect = {call.name: call for call in trace.calls}, trace.environment.dialect
    return Report(
        environment=trace.environment,
        calls=tuple(_call_report(call, of.get(call.name, ()), dialect) for call in trace.calls),
        comparisons=tuple(
            _comparison(runs, calls[runs.call], of.get(runs.call, ()), thresholds, rules, dialect)
            for runs in trace.comparisons
        ),
        findings=found,
        unmeasured=trace.unmeasured,
        rules=tuple(rule.id for rule in rules),
        notices=notices,
    )


def _with_shown_keys(trace: Trace) -> Trace:
    """Return `trace` with its largest roots named as they may be shown, everywhere."""
    runs = (
        replace(
            one, runs=tuple(replace(run, executions=_shown(run.executions)) for run in one.runs)
        )
        for one in trace.comparisons
    )
    calls = (replace(call, executions=_shown(call.executions)) for call in trace.calls)
    return replace(trace, calls=tuple(calls), comparisons=tuple(runs))


def _shown(executions: Sequence[Execution]) -> tuple[Execution, ...]:
    return tuple(
        replace(each, tally=_shown_tally(each.tally)) if each.tally else each for each in executions
    )


def _shown_tally(tally: Tally) -> Tally:
    worst = tally.worst.shown if tally.worst else None
    return replace(tally, worst=worst, largest=tuple(each.shown for each in tally.largest))


def _left_out(number: int) -> tuple[str, ...]:
    verb = "is" if number == 1 else "are"
    told = f"{counted(number, 'finding')} {verb} ignored, by comments or by the settings."
    return (told,) if number else ()


def _by_call(found: Sequence[Finding]) -> Mapping[str, Sequence[Finding]]:
    of: dict[str, list[Finding]] = {}
    for each in found:
        of.setdefault(each.call, []).append(each)
    return of


def _call_report(call: Call, found: Sequence[Finding], dialect: str) -> CallReport:
    cost = call.cost
    ratios = amplification(cost, call.needed)
    fetch = [each.fetch for each in call.executions]
    return CallReport(
        name=call.name,
        arguments=call.arguments,
        queries=cost.queries,
        rows=cost.rows,
        cells=cost.cells,
        needed=call.needed,
        amplification=ratios,
        seconds=Seconds(
            wall=call.wall,
            execute=sum(each.execute for each in call.executions),
            fetch=None if None in fetch else sum(each or 0.0 for each in fetch),
            cold=call.cold,
        ),
        executions=tuple(_execution_report(each, dialect) for each in call.executions),
        notes=(*call.notes, *hidden_notes(call)),
        verdict=call_verdict(call, ratios, found),
        exactness=call.exactness,
        bytes=bytes_of(call.executions),
    )


def _execution_report(execution: Execution, dialect: str) -> ExecutionReport:
    """Return what is shown of an execution: no value and no comment of its text."""
    sql = without_values(execution.sql, dialect)
    return ExecutionReport(
        statement=fingerprint(sql),
        sql=sql,
        count=execution.count,
        rows=execution.rows,
        columns=execution.columns,
        cells=execution.cells,
        repeats=execution.repeats,
        path=execution.path,
        strategy=execution.strategy,
        site=execution.site,
        kind=execution.kind,
        chunks=execution.chunks,
        tree=_tree(execution) if execution.joins else None,
        bytes=execution.bytes,
    )


def _tree(execution: Execution) -> JoinTree:
    tally, made = execution.tally, product(execution)
    multiplied = {path for group in siblings(execution.joins) for path in group}
    if made is not None and made.factor <= 1:
        # Siblings of which no object has more than one: the rows are those of the longest branch.
        multiplied = set()
    return JoinTree(
        entity=execution.entity,
        parents=tally.roots if tally else None,
        paths=tuple(
            JoinedPath(
                path=join.path,
                to_many=join.to_many,
                strategy=join.strategy,
                pairs=tally.pairs.get(join.path) if tally else None,
                objects=tally.distinct.get(join.path) if tally else None,
                most=tally.most.get(join.path) if tally else None,
                multiplied=join.path in multiplied,
            )
            for join in execution.joins
        ),
        largest=tally.largest if tally else (),
        rows_per_parent=tally.sizes if tally else (),
    )


def _comparison(
    runs: PlanRuns,
    call: Call,
    found: Sequence[Finding],
    thresholds: Thresholds,
    rules: Sequence[Detector],
    dialect: str,
) -> Comparison:
    plans = tuple(_plan_report(run, call, thresholds, rules, dialect) for run in runs.runs)
    front = pareto_front(plans) if runs.search else ()
    fair = _on_front(plans, front) if runs.search else plans
    damaged = any(each.level == "error" for each in found)
    own_joins = any(each.to_many and each.strategy == OWN_JOIN for each in call.paths)
    trusted = runs.suspect.plans if runs.suspect else ()
    agreeing = [each for each in fair if each.plan in trusted and each.seconds is not None]
    clean = [each for each in agreeing if not is_rejected(each, plans[0])]
    best = (
        chosen(clean or agreeing, damaged=True) if trusted else recommended(fair, damaged=damaged)
    )
    return Comparison(
        call=runs.call,
        recommended=best.plan if best else None,
        reason=comparison_verdict(plans, best, found, runs.suspect, own_joins=own_joins)
        + _to_add(plans, best, call),
        break_even=break_even(best, plans) if best and not trusted else (),
        plans=plans if runs.search else tuple(_explained(each, best, plans[0]) for each in plans),
        search=Search(runs.search, front) if runs.search else None,
    )


def _explained(plan: PlanReport, best: PlanReport | None, written: PlanReport) -> PlanReport:
    """Return a plan with why it is not the one to use, though it took less time."""
    if best is None or best.plan == written.plan or plan.reason or plan.plan == written.plan:
        return plan
    why = "" if is_rejected(plan, written) else why_not_faster(plan, best)
    return replace(plan, reason=why) if why else plan


def _on_front(plans: Sequence[PlanReport], front: Sequence[FrontPlan]) -> list[PlanReport]:
    """Return the call as written, and what no other plan beats."""
    names = {plans[0].plan, *(each.plan for each in front)}
    return [plan for plan in plans if plan.plan in names]


def _to_add(plans: Sequence[PlanReport], best: PlanReport | None, call: Call) -> str:
    """Return what the call's code needs besides other options."""
    if best is None:
        return ""
    written = plans[0].strategies
    joins = [
        path.name
        for path in call.paths
        if path.to_many and best.strategies.get(path.name) == "joined" != written.get(path.name)
    ]
    return " A select() of joined collections asks for .unique() on its result." if joins else ""


def _plan_report(
    run: PlanRun, call: Call, thresholds: Thresholds, rules: Sequence[Detector], dialect: str
) -> PlanReport:
    as_call = under(call, run.executions)
    cost = run.cost
    return PlanReport(
        plan=run.plan,
        status=run.status,
        reason=run.reason,
        queries=cost.queries if cost else None,
        rows=cost.rows if cost else None,
        cells=cost.cells if cost else None,
        seconds=run.seconds,
        spread=run.spread,
        times=run.times,
        bytes=bytes_of(run.executions),
        repeats=run.repeats,
        identical=run.identical,
        strategies=run.strategies,
        findings=findings([as_call], thresholds, rules),
        options=run.options,
        executions=()
        if run.plan == AS_WRITTEN
        else tuple(_execution_report(each, dialect) for each in run.executions),
    )
