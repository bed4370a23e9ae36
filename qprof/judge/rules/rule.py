"""What rules share: how a finding is made, and what makes two of them the same defect."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from qprof.domain.report import Finding
from qprof.domain.trace import Call, OptionChange, Scalar, Site
from qprof.judge.rules.thresholds import Thresholds


def finding_fingerprint(rule: str, call: str, paths: Iterable[str], subject: str = "") -> str:
    """Return 16 hex digits of the rule, the call and the paths: no counts and no lines.

    `subject` tells findings without a path apart: what the statement reads.
    """
    text = "\n".join([rule, call, *sorted(paths), subject])
    return sha256(text.encode()).hexdigest()[:16]


class Rule:
    """A rule's id, name and worst level; the subclass's docstring is its page."""

    id: str
    name: str
    level: str

    def by_default(self) -> "Rule | None":
        """Return the rule as it is where nobody selects it; None where it is off."""
        return self

    def inspect(self, call: Call, thresholds: Thresholds) -> Iterable[Finding]:
        """Yield what `call` breaks of this rule: nothing, for a rule that holds calls together."""
        return ()

    def across(self, calls: Sequence[Call], thresholds: Thresholds) -> Iterable[Finding]:
        """Yield what `calls` break of this rule together: nothing, for a rule of single calls."""
        return ()

    def finding(
        self,
        call: Call,
        *,
        paths: Sequence[str],
        title: str,
        facts: str = "",
        fix: str,
        evidence: Mapping[str, Scalar],
        location: Site | None,
        level: str | None = None,
        subject: str = "",
        change: OptionChange | None = None,
    ) -> Finding:
        """Return a finding of this rule; `level` only if it is milder than the rule's own.

        `title` says what is wrong without a figure, `facts` how much, in sentences.
        """
        return Finding(
            rule=self.id,
            name=self.name,
            level=level or self.level,
            call=call.name,
            paths=tuple(paths),
            message=f"{title}. {facts[:1].upper()}{facts[1:]}".rstrip(),
            fix=fix,
            evidence=evidence,
            location=location,
            fingerprint=finding_fingerprint(self.id, call.name, paths, subject),
            change=change,
            title=title,
        )
