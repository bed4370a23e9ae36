"""SARIF 2.1.0, for code scanning and editors.

What a reader such as GitHub's needs beyond the schema: a place for every result, relative to the
root of the source; rules with a help text; and at most 25,000 results in a run.
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from inspect import cleandoc
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any
from urllib.parse import quote

from qprof.domain.documentation import rule_page
from qprof.domain.jsonvalue import json_text
from qprof.domain.report import Report
from qprof.domain.trace import Site
from qprof.judge.detectors import DETECTORS
from qprof.judge.rules.pages import Documented, page
from qprof.reporters import sentences
from qprof.reporters.canvas import Canvas
from qprof.reporters.escape import code_block, markdown, plain, prose
from qprof.reporters.figures import counted
from qprof.reporters.findings import fix_parts
from qprof.reporters.problems import LIMIT, Problem, level, problems

MOST = 25_000
"""GitHub refuses a run with more results."""
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
_PLACEHOLDER = re.compile(r"\{(\d+)\}")

Json = dict[str, Any]


def render(report: Report, canvas: Canvas) -> str:
    """Return one run, its results the worst first; no times, so the same run gives the same text.

    A problem without a place is a notification, since a result must have one; so is a call that
    could not be measured.
    """
    found = problems(report)
    placed = [each for each in found if each.site is not None]
    declared = rules(found)
    return json_text(
        {
            "$schema": _SCHEMA,
            "version": "2.1.0",
            "runs": [_run(report, declared, placed[:MOST], _notices(report, found, placed))],
        }
    )


def _run(
    report: Report, declared: list[Json], placed: Sequence[Problem], notices: list[Json]
) -> Json:
    index = {rule["id"]: number for number, rule in enumerate(declared)}
    successful = not any(each.raised for each in report.unmeasured)
    return {
        "tool": {
            "driver": {
                "name": "qprof",
                "version": report.environment.qprof,
                "rules": declared,
            }
        },
        "automationDetails": {"id": "qprof/"},
        "originalUriBaseIds": {
            _ROOT: {"description": {"text": "The folder that qprof was run in."}}
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": successful, "toolExecutionNotifications": notices}],
        "results": [_result(each, index) for each in placed],
    }


def _result(problem: Problem, index: Mapping[str, int]) -> Json:
    result: Json = {
        "ruleId": problem.rule,
        "ruleIndex": index[problem.rule],
        "level": level(problem),
        "message": {"text": _text(problem), "markdown": _markdown(problem)},
        "locations": [_location(problem.site)] if problem.site else [],
        "partialFingerprints": {"qprof/v1": problem.fingerprint},
    }
    if problem.acknowledged is not None:
        reason = prose(problem.acknowledged)
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": reason}
        ]
    return result


def _text(problem: Problem) -> str:
    lines = [_said(problem)]
    if problem.fix.strip():
        lines += ["Fix:", *(plain(line) for line in problem.fix.strip("\n").split("\n"))]
    return _literal("\n".join(lines))


def _said(problem: Problem) -> str:
    said = prose(problem.message) or problem.title
    return said if problem.call in problem.message else f"{prose(problem.call)}: {said}"


def _literal(text: str) -> str:
    """Return `text` without placeholders such as {0}, nor [text](target), sections 3.11.5 and 6."""
    return _PLACEHOLDER.sub(r"{{\1}}", text).replace("](", r"\](")


def _markdown(problem: Problem) -> str:
    lines = [markdown(_said(problem))]
    for part in fix_parts(problem.fix):
        lines += ["", *(code_block(part.text) if part.is_code else [markdown(part.text)])]
    return _PLACEHOLDER.sub(r"{{\1}}", "\n".join(lines))


def _location(site: Site) -> Json:
    artifact = {"uri": _uri(site.file)}
    if not _is_absolute(site.file):
        artifact["uriBaseId"] = _ROOT
    return {
        "physicalLocation": {
            "artifactLocation": artifact,
            "region": {"startLine": max(1, site.line)},
        },
        "logicalLocations": [{"name": plain(site.function), "kind": "function"}],
    }


def _is_absolute(file: str) -> bool:
    return PurePosixPath(file).is_absolute() or bool(PureWindowsPath(file).drive)


def _uri(file: str) -> str:
    """Return a file's name as a URI; one that is outside of the root is absolute."""
    name = file.encode("utf-8", "surrogateescape")
    if PureWindowsPath(file).drive:
        return "file:///" + quote(name.replace(b"\\", b"/"), safe="/:")
    return ("file://" if _is_absolute(file) else "") + quote(name)


def _notices(report: Report, found: Sequence[Problem], placed: Sequence[Problem]) -> list[Json]:
    """Return what is no result: a call without figures, a problem without a place, or too many."""
    told = [("error", text) for text in sentences.unmeasured(report)]
    told += [(level(each), f"{each.title}: {_said(each)}") for each in found if each.site is None]
    if (more := len(placed) - MOST) > 0:
        told.append(("warning", f"{counted(more, 'result')} left out: a run may have {MOST:,}."))
    told += [("note", text) for text in report.notices]
    return [{"level": of, "message": {"text": _literal(prose(text))}} for of, text in told]


def rules(found: Iterable[Problem]) -> list[Json]:
    """Return a descriptor for each rule, in a fixed order."""
    declared = {each.id: _of(each) for each in (LIMIT, *DETECTORS)}
    for problem in found:
        if problem.rule not in declared:
            own = f"{problem.title} is a rule of the user's own."
            declared[problem.rule] = _rule(problem.rule, problem.name, level(problem), own, own)
    return list(declared.values())


def _of(rule: Documented) -> Json:
    document = cleandoc(type(rule).__doc__ or "")
    found = _rule(rule.id, rule.name, rule.level, document.partition("\n")[0], page(rule))
    found["fullDescription"] = {"text": prose(document.partition("\nWhy\n")[0])}
    found["helpUri"] = rule_page(rule.id)
    found["help"]["markdown"] = _page(document)
    return found


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


def _page(document: str) -> str:
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
