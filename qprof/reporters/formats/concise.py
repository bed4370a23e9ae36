"""One line for each problem, as editors and pre-commit read it: file:line: QP101 message."""

from collections.abc import Iterator

from qprof.domain.report import Report
from qprof.reporters import sentences
from qprof.reporters.canvas import Canvas
from qprof.reporters.escape import plain, prose
from qprof.reporters.problems import Problem, problems


def render(report: Report, canvas: Canvas) -> str:
    """Return the problems, the worst first; what somebody let pass is none.

    A problem without a place begins with its call. Nothing is returned where nothing is wrong.
    """
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    for text in sentences.unmeasured(report):
        yield prose(text)
    for problem in problems(report):
        if problem.acknowledged is None:
            yield f"{_place(problem)}: {problem.rule} {prose(problem.message) or problem.name}"


def _place(problem: Problem) -> str:
    return plain(problem.site.place if problem.site else problem.call)
