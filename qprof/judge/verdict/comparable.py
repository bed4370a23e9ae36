"""Two reports to one with what changed, unless something beside the code differs."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from qprof.domain.errors import QprofError
from qprof.domain.report import LEVELS, CallReport, Change, Finding, Report
from qprof.domain.trace import Environment

ORDER = ("new", "worse", "not-run", "better", "resolved")
"""The worst first."""
_FIGURES = ("queries", "rows", "cells")


def changes(before: Report, after: Report) -> tuple[Change, ...]:
    """Return what `after` has more, less, or otherwise than `before`; equal things are left out.

    A finding is resolved only where `after` measured its call and looked for its rule.
    """
    found = [*_calls(before, after), *_findings(before, after)]
    return tuple(sorted(found, key=lambda each: (ORDER.index(each.status), each.call)))


def _calls(before: Report, after: Report) -> Iterator[Change]:
    old, new = _by_name(before), _by_name(after)
    for name in dict.fromkeys([*old, *new]):
        if name not in new:
            yield _of_call("not-run", name, f"{name} was not measured{_reason(name, after)}")
        elif name not in old:
            yield _of_call("new", name, f"{name} was not measured before.")
        else:
            yield from _figures(old[name], new[name])


def _figures(old: CallReport, new: CallReport) -> Iterator[Change]:
    for metric in _FIGURES:
        was, now = getattr(old, metric), getattr(new, metric)
        if was != now:
            message = f"{new.name}: {metric} {now:,} instead of {was:,}."
            yield Change(_trend(was, now), new.name, None, metric, was, now, message, None)


def _findings(before: Report, after: Report) -> Iterator[Change]:
    old, new = _by_fingerprint(before), _by_fingerprint(after)
    calls = _by_name(after)
    for fingerprint, finding in old.items():
        if fingerprint in new:
            yield from _both(finding, new[fingerprint])
        elif finding.call not in calls:
            why = f"its call was not measured{_reason(finding.call, after)}"
            yield _of_finding("not-run", finding, why)
        elif after.rules and finding.rule not in after.rules:
            yield _of_finding("not-run", finding, "its rule was not looked for.")
        else:
            yield _of_finding("resolved", finding, "it is gone.")
    for fingerprint, finding in new.items():
        if fingerprint not in old:
            yield _of_finding("new", finding, finding.message)


def _both(old: Finding, new: Finding) -> Iterator[Change]:
    """Yield how one defect changed: its level, else the first of its figures that differs."""
    if old.level != new.level:
        levels = [LEVELS.index(each.level) for each in (old, new)]
        yield _of_finding(_trend(*levels), new, f"{new.level} instead of {old.level}.", "level")
        return
    for metric in _FIGURES:
        was, now = old.evidence.get(metric), new.evidence.get(metric)
        if isinstance(was, int) and isinstance(now, int) and was != now:
            told = f"{metric} {now:,} instead of {was:,}."
            yield _of_finding(_trend(was, now), new, told, metric, was, now)
            return


def _trend(was: int, now: int) -> str:
    return "worse" if now > was else "better"


def _of_call(status: str, name: str, message: str) -> Change:
    return Change(status, name, None, None, None, None, message, None)


def _of_finding(
    status: str,
    finding: Finding,
    told: str,
    metric: str | None = None,
    was: int | None = None,
    now: int | None = None,
) -> Change:
    paths = f" ({', '.join(finding.paths)})" if finding.paths else ""
    message = f"{finding.call}: {finding.level} {finding.rule} {finding.name}{paths}: {told}"
    return Change(
        status, finding.call, finding.rule, metric, was, now, message, finding.fingerprint
    )


def _reason(call: str, report: Report) -> str:
    """Return why a call has no figures, as the end of a sentence."""
    known = [each.reason for each in report.unmeasured if each.call == call]
    return f": {known[0]}" if known else "."


def _by_name(report: Report) -> Mapping[str, CallReport]:
    return {call.name: call for call in reversed(report.calls)}


def _by_fingerprint(report: Report) -> Mapping[str, Finding]:
    return {each.fingerprint: each for each in report.findings}


def against(earlier: str, before: Report, later: str, after: Report) -> Report:
    """Return `after` with what changed since `before`; the names are for messages.

    Raises QprofError where the two cannot be compared: another recipe, scale, seed, dialect or
    minor version of SQLAlchemy, other arguments of a call, or no call in one of them.
    """
    for name, report in ((earlier, before), (later, after)):
        if not report.calls:
            raise QprofError(f"{name} has no measured calls, so there is nothing to compare.")
    differences = [
        *_environment(before.environment, after.environment),
        *_differing_calls(before, after),
    ]
    if differences:
        raise QprofError(
            f"{earlier} and {later} cannot be compared; they differ in {'; '.join(differences)}."
        )
    found = changes(before, after)
    counts = [f"{sum(each.status == status for each in found)} {status}" for status in ORDER]
    notice = f"Compared with {earlier}: {', '.join(counts)}.{_databases(before, after)}"
    return replace(after, changes=found, notices=(*after.notices, notice))


def _environment(one: Environment, other: Environment) -> Iterator[str]:
    for name in ("recipe", "scale", "seed"):
        values = [getattr(each.library, name, None) for each in (one, other)]
        if values[0] != values[1]:
            yield _two(f"the {name} of the library", *values)
    if one.dialect != other.dialect:
        yield _two("dialect", one.dialect, other.dialect)
    if _minors(one.sqlalchemy) != _minors(other.sqlalchemy):
        yield _two("SQLAlchemy", one.sqlalchemy, other.sqlalchemy)


def _two(what: str, *values: object) -> str:
    one, other = ("none" if each is None else each for each in values)
    return f"{what} ({one} and {other})"


def _minors(versions: str) -> set[str]:
    """Return {"2.1"} of "2.1.8, 2.1.9": the processes of a program may differ."""
    return {".".join(each.split(".")[:2]) for each in versions.split(", ")}


def _differing_calls(before: Report, after: Report) -> Iterator[str]:
    known = {call.name: call.arguments for call in reversed(before.calls)}
    for call in after.calls:
        old, new = known.get(call.name, call.arguments), call.arguments
        names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
        if names:
            values = (f"{name}={each.get(name)!r}" for each in (old, new) for name in names[:1])
            yield _two(f"the arguments of {call.name}", *values)


def _databases(before: Report, after: Report) -> str:
    """Return that the databases differ, where nothing says that their content is the same."""
    one, other = before.environment, after.environment
    if one.library is not None or one.database == other.database:
        return ""
    return f" The databases differ: {one.database} and {other.database}."
