"""One statement, one fix: what was tried for all findings on it takes the place of their own."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, replace

from qprof.domain.loaders import BY_PARENT
from qprof.domain.report import Finding, Tried
from qprof.domain.trace import Call, Execution, Fix, OptionChange, Site
from qprof.judge.detectors import Detector, findings
from qprof.judge.rules.thresholds import Thresholds
from qprof.judge.rules.wording import price

OTHER_RESULT = ("QP203", "QP411", "QP412", "QP413")
"""Their fix gives what the call as written lost or repeated: another result, at another cost."""
NO_COST = ("QP402", *OTHER_RESULT)
"""Their fix is not about counts."""
NO_CODE = "the statement that its objects come by is not known"


def wanted(
    call: Call, thresholds: Thresholds, rules: Sequence[Detector]
) -> list[tuple[OptionChange, Site | None]]:
    """Return the changes that are to fix what `rules` find in `call`, each with its line."""
    found = findings([call], thresholds, rules)
    changes = [(each.change, each.location) for each in found if each.change is not None]
    if not changes and any(rule.id == "QP501" for rule in rules):
        changes += _like_a_sibling(call, thresholds)
    return changes


def _like_a_sibling(
    call: Call, thresholds: Thresholds
) -> Iterable[tuple[OptionChange, Site | None]]:
    """Yield what a sibling of `call` may do better: which one, is known once all have run."""
    paths = [
        path
        for path in call.paths
        if (path.to_many and path.strategy == "joined") or path.strategy in BY_PARENT
    ]
    cost, needed = call.cost, call.needed
    if not paths or needed is None:
        return
    pairs = zip(astuple(cost), astuple(needed), strict=True)
    if any(mine > thresholds.sibling_amplification * max(1, enough) for mine, enough in pairs):
        moved = {path.name: "selectin" if path.to_many else "joined" for path in paths}
        yield OptionChange(moved), None


def with_fixes(
    calls: Sequence[Call],
    found: Sequence[Finding],
    thresholds: Thresholds,
    rules: Sequence[Detector],
) -> tuple[Finding, ...]:
    """Return `found` with the fix of its statement, what came of it, and why none is printed."""
    by_name = {call.name: call for call in calls}
    return tuple(
        _fixed(each, by_name[each.call], found, thresholds, rules) if each.call in by_name else each
        for each in found
    )


def _fixed(
    finding: Finding,
    call: Call,
    found: Sequence[Finding],
    thresholds: Thresholds,
    rules: Sequence[Detector],
) -> Finding:
    fix = _fix_of(finding, call.fixes)
    if finding.change is None:
        return finding
    if fix is None:
        return replace(finding, tried=Tried("not-tried", call.untried or NO_CODE))
    if fix.cost is None and not fix.raised:
        tried = Tried("not-tried", fix.reason)
        return replace(finding, fix=fix_text(fix) if fix.code else finding.fix, tried=tried)
    own = [each for each in found if each.call == call.name and _is_of(each, fix)]
    refusal = _refusal(fix, call, own, found, thresholds, rules)
    tried = Tried("refused" if refusal else "measured", refusal or fix.reason, same=fix.same)
    if fix.cost is not None:
        cost = fix.cost
        tried = replace(tried, queries=cost.queries, rows=cost.rows, cells=cost.cells)
    if not refusal:
        tried = replace(tried, sealed=fix.sealed, unsealed=fix.unsealed)
    text = f"No fix is printed: {refusal}." if refusal else fix_text(fix)
    if refusal:
        return replace(finding, fix=text, tried=tried, place=None)
    return replace(finding, fix=text, tried=tried, place=fix.place, diff=fix.diff)


def _is_of(finding: Finding, fix: Fix) -> bool:
    change = finding.change
    if change is None or not change.paths <= {"", *fix.paths}:
        return False
    return all(fix.change.strategies.get(path) for path in change.strategies)


def _fix_of(finding: Finding, fixes: Sequence[Fix]) -> Fix | None:
    """Return the fix of the statement of `finding`: by its paths, and its line if several fit."""
    able = [each for each in fixes if _is_of(finding, each)]
    there = [each for each in able if each.site is not None and each.site == finding.location]
    return next(iter(there or able), None)


def fix_text(fix: Fix) -> str:
    """Return the code to paste, with the imports it needs, and what is to be done by hand."""
    code = fix.code or "Drop the loader options of the statement."
    return "\n".join((*fix.imports, code, *fix.remarks))


def _refusal(
    fix: Fix,
    call: Call,
    own: Sequence[Finding],
    found: Sequence[Finding],
    thresholds: Thresholds,
    rules: Sequence[Detector],
) -> str | None:
    """Return why a fix that was tried is not printed; None where it is."""
    code = fix.code or "without its loader options"
    meant = {each.rule for each in own}
    if fix.raised:
        return f"with {code} the call raised {fix.reason}"
    if fix.same is False and not meant & {*OTHER_RESULT}:
        return f"with {code} {fix.reason}"
    if not _saves(fix, call) and not meant & {*NO_COST}:
        cost = fix.cost or call.cost
        return f"with {code} the call costs {price(cost)}, no less than now"
    more = _added(fix, call, found, thresholds, rules)
    if more:
        return f"with {code} there is {more[0].level} {more[0].rule} {more[0].name}"
    return None


def _saves(fix: Fix, call: Call) -> bool:
    """Return whether it costs less of anything: queries, rows or cells."""
    new, old = fix.cost or call.cost, call.cost
    return new.queries < old.queries or new.rows < old.rows or new.cells < old.cells


def _added(
    fix: Fix,
    call: Call,
    found: Sequence[Finding],
    thresholds: Thresholds,
    rules: Sequence[Detector],
) -> list[Finding]:
    """Return the errors and warnings that the call has with a fix, and has not without."""
    known = {each.fingerprint for each in found if each.level != "note"}
    as_fixed = replace(under(call, fix.executions), idle=(), scans=())
    return [
        each
        for each in findings([as_fixed], thresholds, rules)
        if each.level != "note" and each.fingerprint not in known
    ]


def under(call: Call, executions: tuple[Execution, ...]) -> Call:
    """Return `call` as a plan ran it.

    Whoever paged or caught errors did so under the call's own options: that tells of no plan. What
    the plan does not load is not loaded for nothing.
    """
    left_out = _loaded(call.executions) - _loaded(executions)
    return replace(
        call,
        executions=executions,
        idle=tuple(each for each in call.idle if each.path not in left_out),
        unbounded=(),
        swallowed=(),
        unstable=(),
        several=(),
    )


def _loaded(executions: Sequence[Execution]) -> set[str]:
    """Return the paths that they load, by a statement or a JOIN."""
    joined = {join.path for each in executions for join in each.joins}
    return joined | {each.path for each in executions if each.path}
