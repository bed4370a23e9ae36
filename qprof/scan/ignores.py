"""Comments `# qprof: ignore[QP101]`, and which of them ignored something."""

import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qprof.domain.registry import nearest
from qprof.domain.report import Finding
from qprof.domain.trace import Site
from qprof.scan.rules import UnusedIgnore
from qprof.scan.source_file import SourceFile
from qprof.scan.static_rule import Suspicion

_COMMENT = re.compile(r"#\s*qprof:\s*ignore\b\s*(?:\[([^\]]*)\])?")


@dataclass(frozen=True)
class Ignore:
    """One name in one comment."""

    file: str
    line: int
    rule: str
    """As written: an id or a name; "" where the comment names none."""


def comments_in(text: str) -> Mapping[int, Sequence[str]]:
    """Return the names in each ignore comment of a Python file, by its line."""
    found: dict[int, list[str]] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            said = _COMMENT.search(token.string) if token.type == tokenize.COMMENT else None
            if said is not None:
                names = [each.strip() for each in (said.group(1) or "").split(",")]
                found[token.start[0]] = [each for each in names if each]
    except (tokenize.TokenError, SyntaxError):
        return {}
    return found


def ignores_in(source: SourceFile) -> Iterator[Ignore]:
    """Yield what the comments of `source` ignore."""
    if "qprof:" not in source.text:
        return
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        said = _COMMENT.search(token.string) if token.type == tokenize.COMMENT else None
        if said is not None:
            names = [each.strip() for each in (said.group(1) or "").split(",")]
            for name in [each for each in names if each] or [""]:
                yield Ignore(source.shown, token.start[0], name)


class Ignores:
    """All ignore comments of a scan."""

    def __init__(self, found: Iterable[Ignore], names: Mapping[str, str]) -> None:
        """`names` has the id of each rule by its id and by its name."""
        self._names = names
        self._used: dict[Ignore, bool] = dict.fromkeys(found, False)
        self._by_place: dict[tuple[str, int], list[Ignore]] = {}
        for each in self._used:
            self._by_place.setdefault((each.file, each.line), []).append(each)

    def silences(self, suspect: Suspicion) -> bool:
        """Return whether a comment within the statements of `suspect` names its rule."""
        silenced = False
        for file, (first, last) in suspect.spans if self._by_place else ():
            for line in range(first, last + 1):
                for each in self._by_place.get((file, line), ()):
                    if self._names.get(each.rule) == suspect.finding.rule:
                        self._used[each] = silenced = True
        return silenced

    def complaints(self, looked_for: Iterable[str]) -> Iterator[Finding]:
        """Yield a finding for each name that is no rule's, or that silenced nothing.

        `looked_for` are the rules that the scan was asked for: of others nothing is said.
        """
        wanted = set(looked_for)
        for each, used in self._used.items():
            rule = self._names.get(each.rule)
            if rule is None:
                yield _unknown(each, self._names)
            elif rule in _SCANNED and not used and rule in wanted:
                said = f"The comment ignores nothing: {rule} is not found here."
                yield UnusedIgnore().found(_site(each), each.rule, said)


_SCANNED = ("QP002", "QP101", "QP401", "QP501")
"""Of other rules, a comment is for the commands that measure: whether it is used shows there."""


def _unknown(ignore: Ignore, names: Mapping[str, str]) -> Finding:
    said = (
        f"Unknown rule {ignore.rule!r} in an ignore comment.{nearest(ignore.rule, names)}"
        if ignore.rule
        else "The ignore comment names no rule; write # qprof: ignore[QP101]."
    )
    return UnusedIgnore().found(_site(ignore), ignore.rule or "it", said, level="error")


def _site(ignore: Ignore) -> Site:
    return Site(ignore.file, ignore.line, "a comment")
