"""Scans source files, weighs what it finds by what was measured, and mends it where asked."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qprof import __version__
from qprof.domain.errors import MeasureError, QprofError
from qprof.domain.files import write_whole
from qprof.domain.report import LEVELS, Finding, Report
from qprof.domain.trace import Environment, Unmeasured
from qprof.domain.words import counted
from qprof.runs.rules import RULES, choose_ids
from qprof.runs.stored import read_report
from qprof.scan import Scanned, python_files, scan
from qprof.scan.measured import weigh
from qprof.scan.static_rule import Suspicion
from qprof.scan.suspects import folded
from qprof.targets.config import Config

if TYPE_CHECKING:
    from qprof.scan.fixing.patches import Patches


@dataclass(frozen=True)
class ScanRequest:
    """What is to be scanned, and by which rules."""

    paths: Sequence[Path]
    config: Config
    select: Sequence[str] | None = None
    ignore: Sequence[str] | None = None
    exclude: Sequence[str] = ()
    measured: Sequence[Path] = ()
    """Reports that were saved by --format json=FILE."""


@dataclass(frozen=True)
class ScanResult:
    """A scan's report, and the suspects that --fix would mend."""

    report: Report
    suspects: tuple[Suspicion, ...]

    def proofs(self) -> tuple[str, ...]:
        """Return the commands that prove what --fix would do, by running it, the first few."""
        changed = [each.finding for each in self.suspects if each.changes]
        places = [(each.location.file, each.call) for each in changed if each.location]
        targets = dict.fromkeys(_target(file, call) for file, call in places)
        return tuple(f"qprof compare -t {each} -d URL" for each in list(targets)[:_MOST_PROOFS])

    def patches(self) -> "Patches":
        """Return what --fix would do; each file is parsed anew for it."""
        from qprof.scan.fixing.patches import patches

        return patches(self.suspects)


_MOST_PROOFS = 3


def _target(file: str, call: str) -> str:
    """Return a class, or a function of its module, as --target takes it."""
    parts = Path(file).with_suffix("").parts
    module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return f"{module}:{call.partition('.')[0]}"


def scan_files(asked: ScanRequest) -> ScanResult:
    """Return what the files of `asked` break; nothing is written.

    Raises QprofError for a path, a rule or a report that is not there, and MeasureError where
    there is no Python file to scan.
    """
    # Here, so that no other command waits a tenth of a second for libcst.

    reports = [read_report(file) for file in asked.measured]
    rules = choose_ids(asked.select or asked.config.select, asked.ignore or asked.config.ignore)
    files = python_files(asked.paths, asked.exclude)
    if not files:
        raise MeasureError(f"There is no Python file to scan in {_listed(asked.paths)}.")
    found = scan(files, rules, _names())
    weighed = weigh(found.suspects, reports)
    suspects = folded(weighed.suspects)
    findings = [*(each.finding for each in suspects), *found.complaints]
    report = _report(asked, found, findings)
    notices = (*weighed.cleared, *found.notices)
    return ScanResult(replace(report, notices=notices), suspects)


def mend(found: "Patches") -> None:
    """Write the files of `found`, each whole or not at all.

    Raises QprofError for a file that was changed meanwhile, or cannot be written.
    """
    for each in found.files:
        file = each.file.resolve()
        if file.read_bytes() != each.old:
            raise QprofError(f"{each.shown} was changed while it was scanned; scan again.")
        write_whole(file, each.new)


def _names() -> dict[str, str]:
    return {key: rule.id for rule in RULES for key in (rule.id, rule.name)}


def _report(asked: ScanRequest, found: Scanned, findings: Sequence[Finding]) -> Report:
    places = ", ".join(each.as_posix() for each in asked.paths)
    count = counted(found.files, "file")
    return Report(
        environment=Environment(
            qprof=__version__,
            python=platform.python_version(),
            sqlalchemy="",
            dialect="",
            driver="",
            database=f"{places}: {count} scanned, nothing run",
        ),
        calls=(),
        findings=tuple(sorted(findings, key=lambda each: -LEVELS.index(each.level))),
        unmeasured=tuple(
            Unmeasured(file, reason, raised=True) for file, reason in found.unreadable
        ),
    )


def _listed(paths: Sequence[Path]) -> str:
    return ", ".join(f"`{each}`" for each in paths)
