"""Findings that the user ignores: by a comment in the statement, or by call or file in settings."""

import ast
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache, partial
from pathlib import Path

from qprof.domain.report import Finding
from qprof.domain.trace import Site
from qprof.runs.rules import named_ids
from qprof.scan.ignores import comments_in


def ignoring(patterns: Mapping[str, Sequence[str]]) -> Callable[[Finding], bool]:
    """Return what tells whether comments `# qprof: ignore[QP101]` or `patterns` ignore a finding.

    A pattern is of a call's name or of a file; its rules are named as for --ignore. Raises
    QprofError for a rule that does not exist.
    """
    ids = {pattern: named_ids(rules) for pattern, rules in patterns.items()}
    return partial(_is_ignored, ids)


def _is_ignored(patterns: Mapping[str, Sequence[str]], finding: Finding) -> bool:
    sites = [each for each in (finding.location, finding.place) if each is not None]
    names = [finding.call, *(each.file for each in sites)]
    for pattern, rules in patterns.items():
        if finding.rule in rules and any(fnmatchcase(name, pattern) for name in names):
            return True
    return any(finding.rule in _ids(name) for each in sites for name in _comments_at(each))


@cache
def _ids(name: str) -> Sequence[str]:
    try:
        return named_ids([name])
    except Exception:
        # The scan says so of a name that is no rule's.
        return ()


def _comments_at(site: Site) -> list[str]:
    """Return what comments name in the statement of a line, and at the `def` around it."""
    found = _comments(site.file)
    if not found:
        return []
    spans = _spans(site.file)
    own = [span for span in spans if span[0] <= site.line <= span[1]]
    lines = {site.line}
    if own:
        first, last = min(own, key=lambda span: span[1] - span[0])
        lines.update(range(first, last + 1))
    return [name for line in lines for name in found.get(line, ())]


@cache
def _comments(file: str) -> Mapping[int, Sequence[str]]:
    text = _text(file)
    return comments_in(text) if "qprof:" in text else {}


@cache
def _text(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


@cache
def _spans(file: str) -> Sequence[tuple[int, int]]:
    """Return the first and the last line of each statement that holds no other."""
    try:
        tree = ast.parse(_text(file))
    except (SyntaxError, ValueError):
        return ()
    return [
        (each.lineno, _last_line(each)) for each in ast.walk(tree) if isinstance(each, ast.stmt)
    ]


def _last_line(statement: ast.stmt) -> int:
    """Return the last line of a statement; of one with a block, the last of its head."""
    body = getattr(statement, "body", None)
    if body and isinstance(body[0], ast.stmt):
        return max(statement.lineno, body[0].lineno - 1)
    return statement.end_lineno or statement.lineno
