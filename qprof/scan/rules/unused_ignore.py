"""QP002 unused-ignore: a comment that silences nothing."""

from qprof.domain.report import Finding
from qprof.domain.trace import Site
from qprof.judge.rules.rule import Rule, finding_fingerprint


class UnusedIgnore(Rule):
    """An ignore comment that ignores nothing.

    A comment `# qprof: ignore[QP101]` stands at a statement where the scan finds nothing of that
    rule, or names no rule.

    Why
    ---
    It says that there is a defect where there is none, and will silence the next one.

    How to fix
    ----------
    Remove the comment, or what it names in vain.

        # bad
        select(Artist).options(selectinload(Artist.tracks))  # qprof: ignore[QP101]
        # good
        select(Artist).options(selectinload(Artist.tracks))

    When to ignore
    --------------
    While a branch that brings the defect back is on its way: say --ignore QP002 until then.
    """

    id = "QP002"
    name = "unused-ignore"
    level = "warning"

    def found(self, site: Site, said: str, message: str, *, level: str | None = None) -> Finding:
        """Return the finding for `said`, one name of a comment at `site`."""
        return Finding(
            rule=self.id,
            name=self.name,
            level=level or self.level,
            call=site.file,
            paths=(),
            message=message,
            fix=f"Remove {said} from the comment.",
            evidence={},
            location=site,
            fingerprint=finding_fingerprint(self.id, site.file, (), said),
        )
