"""What was measured of the functions that the scan suspects: it raises or clears a note."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from qprof.domain.plans import AS_WRITTEN
from qprof.domain.report import LEVELS, Comparison, Finding, Report
from qprof.domain.trace import Site
from qprof.scan.static_rule import Suspicion


@dataclass(frozen=True)
class Weighed:
    """The suspects that remain, and a sentence for each that measurement cleared."""

    suspects: tuple[Suspicion, ...]
    cleared: tuple[str, ...]


def weigh(suspects: Iterable[Suspicion], reports: Sequence[Report]) -> Weighed:
    """Return `suspects` with what `reports` measured where they stand.

    A finding of the same rule counts that lies in the same function and shares a path. Of several
    calls of one function the worst counts. What was not measured stays as it is.
    """
    kept, cleared = [], []
    for each in suspects:
        found = [one for report in reports for one in _measured(each, report)]
        worst = max(found, key=lambda one: LEVELS.index(one.level), default=None)
        if worst is not None and _is_harmless(worst):
            cleared.append(_cleared(each.finding, worst, reports))
        else:
            kept.append(_told(each, worst, reports))
    return Weighed(tuple(kept), tuple(cleared))


def _measured(suspect: Suspicion, report: Report) -> Iterable[Finding]:
    wanted = suspect.finding
    for each in report.findings:
        same = each.rule == wanted.rule and set(each.paths) & set(wanted.paths)
        if same and each.location and _is_there(suspect, each.location):
            yield each


def _is_there(suspect: Suspicion, site: Site) -> bool:
    """Return whether `site` is in the suspect's function, also if lines have moved since."""
    place = suspect.finding.location
    if place is None or not _is_same_file(place.file, site.file):
        return False
    first, last = suspect.function
    return first <= site.line <= last or place.function == site.function


def _is_same_file(one: str, other: str) -> bool:
    """Return whether both end alike: each may be relative to another folder."""
    shorter, longer = sorted((one.split("/"), other.split("/")), key=len)
    return longer[-len(shorter) :] == shorter


def _is_harmless(found: Finding) -> bool:
    """Return whether rows were really measured, and were no more than the thresholds allow."""
    if found.rule == "QP101":
        return found.level == "note" and found.evidence.get("rows_amplification") is not None
    rows, roots = found.evidence.get("rows"), found.evidence.get("roots")
    numbers = isinstance(rows, int) and isinstance(roots, int)
    return found.rule == "QP401" and numbers and bool(rows) and rows <= roots  # type: ignore[operator]


def _cleared(suspect: Finding, found: Finding, reports: Sequence[Report]) -> str:
    site = suspect.location
    where = site.place if site else suspect.call
    verdict = _verdict(found.call, reports)
    return (
        f"{suspect.rule} of {suspect.call} at {where} is cleared. Measured in {found.call}: "
        f"{found.message}{verdict}"
    )


def _verdict(call: str, reports: Sequence[Report]) -> str:
    kept = _as_written(call, reports)
    return f" Compared: {kept.reason}" if kept else ""


def _as_written(call: str, reports: Sequence[Report]) -> Comparison | None:
    """Return the comparison that told to keep `call` as it is written."""
    return next(
        (
            each
            for report in reports
            for each in report.comparisons
            if each.call == call and each.recommended == AS_WRITTEN
        ),
        None,
    )


def _told(suspect: Suspicion, found: Finding | None, reports: Sequence[Report]) -> Suspicion:
    """Return `suspect` with the figures that were found."""
    finding = suspect.finding
    if finding.rule == "QP501":
        return _compared(suspect, reports)
    if found is None:
        return suspect
    worse = max(finding.level, found.level, key=LEVELS.index)
    return replace(
        suspect,
        finding=replace(
            finding,
            level=worse,
            message=f"{found.message} Measured in {found.call}.",
            title=found.title,
            evidence={**finding.evidence, **found.evidence, "measured": found.call},
        ),
    )


def _compared(suspect: Suspicion, reports: Sequence[Report]) -> Suspicion:
    """Return a QP501 as a note where a comparison told to keep the method as it is."""
    finding = suspect.finding
    for name in dict.fromkeys(name for report in reports for name in _calls(suspect, report)):
        kept = _as_written(name, reports)
        if kept is not None:
            said = f"{finding.message} Yet, measured in {name}: {kept.reason}"
            return replace(suspect, finding=replace(finding, level="note", message=said))
    return suspect


def _calls(suspect: Suspicion, report: Report) -> Iterable[str]:
    """Yield the calls that sent a statement from the suspect's function."""
    for call in report.calls:
        sites = (each.site for each in call.executions)
        if any(site is not None and _is_there(suspect, site) for site in sites):
            yield call.name
