"""Annotations of a pull request: the workflow commands that GitHub Actions reads off stdout."""

from collections.abc import Iterator, Mapping

from qprof.domain.report import LEVELS, Report
from qprof.domain.trace import Site
from qprof.reporters import sentences
from qprof.reporters.canvas import Canvas
from qprof.reporters.escape import plain, prose
from qprof.reporters.figures import counted
from qprof.reporters.problems import Problem, level, problems

MOST = 10
"""How many annotations of each level GitHub shows for one step; it drops the rest silently."""
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})

Annotation = tuple[str, str, Site | None, str]
"""Level, title, place and text."""


def render(report: Report, canvas: Canvas) -> str:
    """Return a workflow command for each of the worst ten of a level, and a line on the rest."""
    levels: dict[str, list[Annotation]] = {each: [] for each in reversed(LEVELS)}
    for annotation in _annotations(report):
        levels[annotation[0]].append(annotation)
    shown = [_command(*each) for found in levels.values() for each in found[:MOST]]
    return "".join(f"{line}\n" for line in (*shown, _rest(levels), _summary(report)) if line)


def _annotations(report: Report) -> Iterator[Annotation]:
    for text in sentences.unmeasured(report):
        yield "error", "qprof", None, prose(text)
    for problem in problems(report):
        if problem.acknowledged is None:
            yield level(problem), f"{problem.title} in {problem.call}", problem.site, _text(problem)
    for notice in report.notices:
        yield "note", "qprof", None, prose(notice)


def _text(problem: Problem) -> str:
    fix = "\n".join(map(plain, problem.fix.strip("\n").split("\n")))
    said = prose(problem.message) or problem.title
    return f"{said}\nFix: {fix}" if fix else said


def _command(of: str, title: str, site: Site | None, text: str) -> str:
    place = {"file": plain(site.file), "line": str(site.line)} if site else {}
    properties = {**place, "title": plain(title)}
    listed = ",".join(f"{key}={value.translate(_PROPERTY)}" for key, value in properties.items())
    return f"::{_COMMANDS[of]} {listed}::{text.translate(_DATA)}"


def _rest(levels: Mapping[str, list[Annotation]]) -> str:
    over = [
        counted(len(found) - MOST, f"more {each}")
        for each, found in levels.items()
        if len(found) > MOST
    ]
    if not over:
        return ""
    return (
        f"qprof: {', '.join(over)} not annotated, since GitHub shows {MOST} of a level. "
        "All are in the step summary where --format markdown is appended to GITHUB_STEP_SUMMARY."
    )


def _summary(report: Report) -> str:
    return f"qprof: {sentences.summary(report)}"
