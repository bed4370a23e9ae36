"""A comparison for people: the verdict, the plans by time, why, and the fix."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qprof.domain.documentation import rule_page
from qprof.domain.plans import AS_WRITTEN
from qprof.domain.report import Comparison, Finding, PlanReport
from qprof.reporters import sentences
from qprof.reporters.canvas import Canvas, Colour, file_link
from qprof.reporters.columns import Column, did_run
from qprof.reporters.defects import fix_lines, fix_of, title_and_facts
from qprof.reporters.escape import plain, prose
from qprof.reporters.figures import UNKNOWN, count, counted, short_time
from qprof.reporters.findings import fix_parts
from qprof.reporters.grids import fit, paragraph
from qprof.reporters.worst_first import ATTENTION, Subject

_LABEL = "      "
_BAR = 16
"""Characters of the longest bar."""


@dataclass(frozen=True)
class PlanRow:
    """Plans of the same strategies and cost: their names, and the one whose figures are shown."""

    names: tuple[str, ...]
    plan: PlanReport
    recommended: bool
    written: bool

    @property
    def name(self) -> str:
        """Return "selectin = balanced"."""
        return " = ".join(self.names)


def plan_rows(comparison: Comparison) -> list[PlanRow]:
    """Return the plans, the fastest first; those that did not run last."""
    same: dict[object, list[PlanReport]] = {}
    for plan in comparison.plans:
        key = (tuple(sorted(plan.strategies.items())), plan.status, plan.identical, plan.rows)
        alike = plan.strategies and did_run(plan)
        if plan.identical is None and plan.plan == AS_WRITTEN:
            key = (*key[:2], True, plan.rows)
        same.setdefault(key if alike else plan.plan, []).append(plan)
    rows = [
        PlanRow(
            names=tuple(each.plan for each in plans),
            plan=_shown(plans, comparison),
            recommended=any(each.plan == comparison.recommended for each in plans),
            written=any(each.plan == AS_WRITTEN for each in plans),
        )
        for plans in same.values()
    ]
    return sorted(rows, key=lambda row: (not did_run(row.plan), _seconds(row.plan)))


def _shown(plans: Sequence[PlanReport], comparison: Comparison) -> PlanReport:
    """Return the plan whose figures stand for those of equal strategies."""
    first = plans[0]
    if first.plan == AS_WRITTEN:
        return first
    return next((each for each in plans if each.plan == comparison.recommended), first)


def _seconds(plan: PlanReport) -> float:
    return float("inf") if plan.seconds is None else plan.seconds


def is_settled(comparison: Comparison) -> bool:
    """Return whether nothing is to be changed."""
    return comparison.recommended in (AS_WRITTEN, None)


def has_choice(comparison: Comparison) -> bool:
    """Return whether the call loads a relationship whose strategy is a choice."""
    return any(each.strategies for each in comparison.plans) or bool(comparison.search)


def verdict(comparison: Comparison, canvas: Canvas, name: str = "") -> list[str]:
    """Return the verdict; after the `name` of its call if several are compared."""
    reason = comparison.reason
    reason = reason if ". " in reason else reason.rstrip(".")
    text = f"{name}: {reason}" if name else reason[:1].upper() + reason[1:]
    colour: Colour = "bold" if is_settled(comparison) else "bold green"
    lines = paragraph(prose(text), canvas.width, "", "  ")
    return [canvas.paint(line, colour) for line in lines]


def headline(comparisons: Sequence[Comparison]) -> str:
    """Return for how many calls another plan is better, in one line."""
    better = sum(not is_settled(each) for each in comparisons)
    calls = counted(len(comparisons), "call")
    if not better:
        return f"{calls}: none is better under another plan"
    verb = "is" if better == 1 else "are"
    return f"{better:,} of {calls} {verb} better under another plan"


def reasons(subject: Subject, canvas: Canvas) -> list[str]:
    """Return a line for each finding of a call that has no other plan."""
    found = [each for each in subject.findings if each.level in ATTENTION]
    return [line for each in found for line in _reason(each, canvas)]


def remarks(comparison: Comparison, canvas: Canvas) -> list[str]:
    """Return what is to be said of the plans of a call that has no other strategy."""
    texts = dict.fromkeys(filter(None, map(sentences.remark, comparison.plans)))
    return [line for each in texts for line in _labelled("note", each, canvas)]


def block(comparison: Comparison, subject: Subject, canvas: Canvas) -> Iterator[list[str]]:
    """Yield what is below the verdict."""
    rows = plan_rows(comparison)
    yield _table(rows, canvas)
    yield list(_why(comparison, subject, rows, canvas))


def _table(rows: Sequence[PlanRow], canvas: Canvas) -> list[str]:
    # The name of a plan says what to write; the spread of its times goes first.
    grid = fit(_columns(rows), canvas.width, whole=4)
    lines = [*grid.head]
    for row, texts in zip(rows, grid.rows, strict=True):
        lines += [canvas.paint(each, "green") if row.recommended else each for each in texts]
    for row in rows:
        remark = sentences.remark(row.plan)
        lines += paragraph(prose(f"{row.name}: {remark}"), canvas.width, "  ") if remark else []
    return lines


def _columns(rows: Sequence[PlanRow]) -> list[Column]:
    plans = [each.plan for each in rows]
    most = max((each.seconds for each in plans if each.seconds), default=None)
    same = [_same(each) for each in rows]
    columns = [
        Column(
            "  plan",
            tuple(f"{'>' if each.recommended else ' '} {each.name}" for each in rows),
            right=False,
        ),
        Column("ms", tuple(short_time(each.seconds) for each in plans)),
        Column("min \N{HORIZONTAL ELLIPSIS} max", tuple(map(_spread, plans)), drop=2),
        Column("", tuple(_bar(each.seconds, most) for each in plans), right=False, drop=1),
        Column("queries", tuple(count(each.queries) for each in plans)),
        Column("rows", tuple(count(each.rows) for each in plans), drop=3),
        Column("cells", tuple(count(each.cells) for each in plans)),
        Column("bytes", tuple(count(each.bytes) for each in plans), drop=1),
        Column("same", tuple(same), right=False),
        Column("rules", tuple(map(_rules, plans)), right=False, drop=3),
    ]
    columns = [each for each in columns if set(each.cells) - {UNKNOWN, ""}]
    return (
        columns if {"NO", "?"} & set(same) else [each for each in columns if each.title != "same"]
    )


def _same(row: PlanRow) -> str:
    if row.written or not did_run(row.plan):
        return ""
    return {True: "yes", False: "NO", None: "?"}[row.plan.identical]


def _spread(plan: PlanReport) -> str:
    if plan.spread is None:
        return UNKNOWN
    return " \N{HORIZONTAL ELLIPSIS} ".join(map(short_time, plan.spread))


def _bar(seconds: float | None, most: float | None) -> str:
    if not seconds or not most or seconds == float("inf"):
        return ""
    return "\N{FULL BLOCK}" * max(1, round(_BAR * seconds / most))


def _rules(plan: PlanReport) -> str:
    """Return the rules that are broken under a plan, notes left out."""
    return " ".join(dict.fromkeys(each.rule for each in plan.findings if each.level != "note"))


# --- why, and the fix -----------------------------------------------------------------------------


def _why(
    comparison: Comparison, subject: Subject, rows: Sequence[PlanRow], canvas: Canvas
) -> Iterator[str]:
    wanted = ATTENTION if is_settled(comparison) else (*ATTENTION, "note")
    found = [each for each in subject.findings if each.level in wanted]
    for finding in found:
        yield from _reason(finding, canvas)
    if not is_settled(comparison):
        yield from _fix(comparison, found, rows, canvas)
    if not comparison.search:
        late = sentences.break_even(comparison.break_even)
        yield from _labelled("note", late, canvas) if late else ()
    for note in dict.fromkeys(note for call in subject.calls for note in call.notes):
        yield from _labelled("note", note, canvas)


def _reason(finding: Finding, canvas: Canvas) -> list[str]:
    text = f"{prose(title_and_facts(finding)[0])} ({finding.rule})"
    return _labelled("why", text, canvas, finding.rule)


def _labelled(label: str, text: str, canvas: Canvas, rule: str = "") -> list[str]:
    lines = paragraph(prose(text), canvas.width, label.ljust(len(_LABEL)), _LABEL)
    if not rule:
        return lines
    return [line.replace(rule, canvas.paint(rule, "cyan", rule_page(rule)), 1) for line in lines]


def _fix(
    comparison: Comparison, found: Sequence[Finding], rows: Sequence[PlanRow], canvas: Canvas
) -> Iterator[str]:
    """Yield what to write: the fix of a finding that was measured, else the plan's options."""
    best = next((each.plan for each in rows if each.recommended), None)
    tried = [each for each in found if each.tried and each.tried.status == "measured"]
    fits = [each for each in tried if best and each.tried and each.tried.cells == best.cells]
    parts = fix_of(fits[0]) if fits else fix_parts(best.options) if best and best.options else []
    sites = [each.place or each.location for each in (*fits, *found)]
    site = next((each for each in sites if each), None)
    lines = fix_lines(parts, "", canvas, _LABEL)
    if not lines:
        return
    if site and not parts[0].is_diff:
        place = canvas.paint(plain(site.place), "cyan", file_link(site.file, site.line))
        lines.insert(0, f"{_LABEL}{place}")
    yield f"{'fix'.ljust(len(_LABEL))}{lines[0].removeprefix(_LABEL)}"
    yield from lines[1:]
