"""Calls at a glance: how many need attention, which, the worst in full, and what else there is."""

from collections.abc import Iterator, Sequence

from qprof.domain.report import CallReport, ExecutionReport, Finding, Report
from qprof.domain.sql.reading import main_table
from qprof.reporters import sentences
from qprof.reporters.canvas import LEVEL_COLOURS, Canvas
from qprof.reporters.columns import Column, byte_columns
from qprof.reporters.defects import block, folded
from qprof.reporters.escape import plain, prose
from qprof.reporters.figures import UNKNOWN, count, counted, duration, short_time
from qprof.reporters.findings import severity
from qprof.reporters.grids import Grid, fit, paragraph
from qprof.reporters.worst_first import Subject, calm

FEW = 5
"""Calls whose findings are all shown in full: they fit on a page or two."""
IN_FULL = 3
"""Of more calls, the errors that are shown with their fix."""
_MARKS = {"error": "\N{BALLOT X}", "warning": "!", "stopped": "!", "note": "-"}


def table(subjects: Sequence[Subject], canvas: Canvas) -> list[str]:
    """Return the calls that need attention, the worst first."""
    needing = [each for each in subjects if each.needs_attention]
    few = not needing and len(subjects) <= FEW
    shown = list(subjects) if canvas.every or few else needing
    if not shown:
        return []
    grid = fit(_columns(shown), canvas.width)
    return [*grid.head, *_painted(grid, shown, canvas)]


def _columns(subjects: Sequence[Subject]) -> list[Column]:
    calls = [each.call for each in subjects]
    columns = [
        Column(
            "  call",
            tuple(f"{_MARKS.get(each.level, ' ')} {each.name}" for each in subjects),
            right=False,
        ),
        Column("problem", tuple(each.trouble for each in subjects), right=False),
        *_figures(calls),
    ]
    return [each for each in columns if set(each.cells) not in ({UNKNOWN}, {""})]


def _figures(calls: Sequence[CallReport | None]) -> list[Column]:
    known = [each for each in calls if each is not None]
    whole = any(each.seconds.wall is not None for each in known)
    return [
        Column("queries", tuple(count(each.queries if each else None) for each in calls), drop=2),
        Column("rows", tuple(count(each.rows if each else None) for each in calls), drop=3),
        Column("bytes", tuple(count(each.bytes if each else None) for each in calls), drop=1),
        Column("ms" if whole else "driver ms", tuple(map(_time, calls)), drop=1, short="ms"),
    ]


def _time(call: CallReport | None) -> str:
    if call is None:
        return UNKNOWN
    seconds = call.seconds
    driver = None if seconds.fetch is None else seconds.execute + seconds.fetch
    return short_time(driver if seconds.wall is None else seconds.wall)


def _painted(grid: Grid, subjects: Sequence[Subject], canvas: Canvas) -> Iterator[str]:
    for subject, (first, *rest) in zip(subjects, grid.rows, strict=True):
        yield canvas.paint(first[:1], LEVEL_COLOURS.get(subject.level)) + first[1:]
        yield from rest


def defects(report: Report, subjects: Sequence[Subject], canvas: Canvas) -> list[Finding]:
    """Return the findings that are shown in full, the worst first."""
    found = [each for subject in subjects for each in subject.findings]
    found.sort(key=severity)
    if not canvas.brief or len(report.calls) <= FEW:
        return found
    return [each for each in found if each.level == "error"][:IN_FULL]


def blocks(
    subjects: Sequence[Subject], shown: Sequence[Finding], canvas: Canvas
) -> Iterator[list[str]]:
    """Yield a block for each finding that is shown, and the notes of the calls."""
    calls = {each.name: each.call for each in subjects}
    for first, *others in folded(shown):
        yield block(first, calls.get(first.call), canvas, others)
    wanted = {each.call for each in shown} if canvas.brief and len(subjects) > FEW else set(calls)
    notes = (
        f"note: {note}" if len(subjects) == 1 else f"note: {subject.name}: {note}"
        for subject in subjects
        if subject.name in wanted
        for note in dict.fromkeys(note for call in subject.calls for note in call.notes)
    )
    yield [line for each in notes for line in paragraph(prose(each), canvas.width, "", "  ")]


def rest(
    report: Report, subjects: Sequence[Subject], shown: Sequence[Finding], canvas: Canvas
) -> list[str]:
    """Return what is not shown and how to see it, what failed, what was skipped, and notices."""
    left = [each.level for each in report.findings if each not in shown]
    texts = list(sentences.unmeasured(report))
    parts = []
    if left:
        levels = ("error", "warning", "note")
        found = [counted(left.count(each), each) for each in levels if each in left]
        parts.append(f"{', '.join(found)} hidden{_option('full', canvas)}")
    needing = sum(each.needs_attention for each in subjects)
    others = calm([each for each in subjects if not each.needs_attention])
    if others and needing and not canvas.every:
        parts.append(f"{others}{_option('all', canvas)}")
    texts += filter(None, ["; ".join(parts)])
    texts += [f"note: {each}" for each in (*sentences.empty(report.calls), *report.notices)]
    return [line for each in texts for line in paragraph(prose(each), canvas.width, "", "  ")]


def _option(name: str, canvas: Canvas) -> str:
    return f" (`--{name}`)" if canvas.options else ""


def footer(report: Report, canvas: Canvas, told: str) -> list[str]:
    """Return what the figures in `told` are, and where they were measured: last, and dim."""
    seen = list(map(plain, sentences.environment(report.environment)))
    # The versions have a line of their own: its length does not move what stands before.
    split = 2 if report.environment.library else 1
    places = [", ".join(seen[:split]), ", ".join(seen[split:])]
    if canvas.brief and report.environment.library and len(report.calls) > FEW:
        places = [", ".join(seen[1:-2])]
    parts = [each for each in (*sentences.footnotes(report, told), *places) if each]
    lines = [line for each in parts for line in paragraph(each, canvas.width)]
    return [canvas.paint(line, "dim") for line in lines]


# --- statements -----------------------------------------------------------------------------------


def statements(call: CallReport, canvas: Canvas) -> list[str]:
    """Return the statements of one call: what each loads, what it brings, and its line."""
    found = sorted(call.executions, key=lambda each: -each.cells)
    if not found:
        return []
    columns = [
        Column("statement", tuple(map(_label, found)), right=False),
        Column("loaded by", tuple(each.strategy for each in found), right=False, drop=2),
        Column("queries", tuple(count(each.count) for each in found)),
        Column("rows", tuple(count(each.rows) for each in found)),
        Column("cells", tuple(count(each.cells) for each in found)),
        Column("bytes", tuple(count(each.bytes) for each in found), drop=1),
        Column("sent at", tuple(map(_sent_at, found)), right=False, drop=1),
    ]
    known = [each for each in columns if set(each.cells) != {UNKNOWN}]
    grid = fit(known, canvas.width)
    lines = [*grid.head, *(line for row in grid.rows for line in row)]
    if len(found) > 1:
        total = [
            counted(call.queries, "query", "queries"),
            counted(call.rows, "row"),
            counted(call.cells, "cell"),
        ]
        total += [counted(call.bytes, "byte")] if call.bytes is not None else []
        lines.append(f"together: {', '.join(total)}")
    wall = call.seconds.wall
    lines += [f"one warm run: {duration(wall)}"] if wall is not None else []
    hint = canvas.paint("`--sql` prints the SQL", "dim")
    return [*lines, hint] if canvas.options and not canvas.sql else lines


def _label(execution: ExecutionReport) -> str:
    if execution.path:
        return execution.path
    tree = execution.tree
    if tree is not None and tree.entity is not None:
        return f"SELECT {tree.entity}, {counted(len(tree.paths), 'join')}"
    table = main_table(execution.statement)
    return f"SELECT {table}" if table else execution.kind


def _sent_at(execution: ExecutionReport) -> str:
    return execution.site.place.rpartition("/")[2] if execution.site else UNKNOWN


def sql(calls: Sequence[CallReport], canvas: Canvas) -> Iterator[list[str]]:
    """Yield the SQL of each statement, whole, so that it can be pasted."""
    from sqlparse import format as laid_out

    for call in calls if canvas.sql else ():
        for each in sorted(call.executions, key=lambda each: -each.cells):
            place = f", {each.site.place}" if each.site else ""
            head = f"-- {call.name}: {_label(each)}, {each.strategy}{place}"
            text = laid_out(each.sql, reindent=True, keyword_case="upper")
            yield [canvas.paint(plain(head), "cyan"), *map(plain, text.strip().split("\n"))]


def sizes(report: Report, canvas: Canvas) -> list[str]:
    """Return the bytes of the statements of several calls, where they were counted."""
    columns = byte_columns(report.calls)
    if len(report.calls) == 1 or not columns[0].cells:
        return []
    grid = fit(columns, canvas.width)
    return [*grid.head, *(line for row in grid.rows for line in row)]
