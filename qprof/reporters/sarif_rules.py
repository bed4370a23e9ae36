"""The rules of a SARIF run: all of qprof's, then those of the user's own that found something."""

import re
from collections.abc import Iterable
from inspect import cleandoc
from typing import Any

from qprof.judge.detectors import DETECTORS, Detector
from qprof.judge.rules.pages import page
from qprof.reporters.escape import code_block, plain, prose
from qprof.reporters.problems import BUDGET, Problem, level

Json = dict[str, Any]

_BUDGET_TEXT = (
    "A call exceeds a limit: of a budget in [tool.qprof.budgets], of the baseline, or of a test. "
    "Make the call cheaper, or raise the limit on purpose; the message says which limit it is."
)


def rules(found: Iterable[Problem]) -> list[Json]:
    """Return a descriptor for each rule, in a fixed order."""
    declared = {BUDGET: _rule(BUDGET, "budget", "error", "A limit is broken.", _BUDGET_TEXT)}
    declared |= {each.id: _of(each) for each in DETECTORS}
    for problem in found:
        if problem.rule not in declared:
            own = f"{problem.title} is a rule of the user's own."
            declared[problem.rule] = _rule(problem.rule, problem.name, level(problem), own, own)
    return list(declared.values())


def _of(detector: Detector) -> Json:
    document = cleandoc(type(detector).__doc__ or "")
    rule = _rule(
        detector.id, detector.name, detector.level, document.partition("\n")[0], page(detector)
    )
    rule["fullDescription"] = {"text": prose(document.partition("\nWhy\n")[0])}
    rule["help"]["markdown"] = _markdown(document)
    return rule


def _rule(identifier: str, name: str, least: str, short: str, text: str) -> Json:
    return {
        "id": plain(identifier),
        "name": "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", name)),
        "shortDescription": {"text": prose(short)},
        "fullDescription": {"text": prose(text)},
        "help": {"text": text.strip()},
        "defaultConfiguration": {"level": least},
        "properties": {"tags": ["performance", "sqlalchemy"]},
    }


def _markdown(document: str) -> str:
    """Return a rule's page with its headings and its code marked up."""
    lines: list[str] = []
    for paragraph in document.split("\n\n"):
        heading, ruled, rest = paragraph.partition("\n---")
        if ruled:
            lines += ["", f"### {heading}", "", *rest.lstrip("-").strip().split("\n")]
        elif paragraph.startswith("    "):
            lines += ["", *code_block(cleandoc(paragraph))]
        else:
            lines += ["", *paragraph.split("\n")]
    return "\n".join(lines).strip()
