"""What all rules of this package share: how a finding of theirs is made."""

from collections.abc import Iterable, Mapping, Sequence

from qprof.domain.report import Finding
from qprof.domain.trace import Call, Scalar, Site
from qprof.judge.rules.fingerprints import finding_fingerprint
from qprof.judge.rules.thresholds import Thresholds


class Rule:
    """A rule's id, name and worst level; the subclass's docstring is its page."""

    id: str
    name: str
    level: str

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
        message: str,
        fix: str,
        evidence: Mapping[str, Scalar],
        location: Site | None,
        level: str | None = None,
        subject: str = "",
    ) -> Finding:
        """Return a finding of this rule; `level` only where it is milder than the rule's own."""
        return Finding(
            rule=self.id,
            name=self.name,
            level=level or self.level,
            call=call.name,
            paths=tuple(paths),
            message=message,
            fix=fix,
            evidence=evidence,
            location=location,
            fingerprint=finding_fingerprint(self.id, call.name, paths, subject),
        )
