"""The tour of `qprof demo`: one finding of each kind, with its fix and what to type next."""

from collections.abc import Iterator

from qprof.domain.report import Finding, Report
from qprof.reporters.canvas import Canvas
from qprof.reporters.defects import block
from qprof.reporters.figures import counted
from qprof.reporters.findings import severity
from qprof.reporters.grids import paragraph

_NEXT = """\
The sample is a music library, and its mistakes are there on purpose. Next:
  qprof rule QP101                             why this is a mistake
  qprof compare artists.search                 the call under every loading plan
  qprof profile --target package.module:Class  your own code
"""


def tour(report: Report, canvas: Canvas) -> str:
    """Return the worst finding of each rule, the most severe rules first."""
    shown = list(_one_each(report))
    calls = {call.name: call for call in report.calls}
    kinds = counted(len(shown), "kind")
    head = f"{kinds} of findings in {counted(len(report.calls), 'call')} of the sample library:"
    blocks = [
        paragraph(head, canvas.width),
        *(block(each, calls[each.call], canvas) for each in shown),
    ]
    text = "\n\n".join("\n".join(block) for block in blocks)
    return f"{text}\n\n{_NEXT}"


def _one_each(report: Report) -> Iterator[Finding]:
    seen = set()
    cells = {call.name: call.cells for call in report.calls}
    for each in sorted(report.findings, key=lambda each: (severity(each), -cells[each.call])):
        if each.rule not in seen:
            seen.add(each.rule)
            yield each
