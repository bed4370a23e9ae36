"""Two reports to one with what changed, unless something beside the code differs."""

from collections.abc import Iterator
from dataclasses import replace

from qprof.domain.errors import QprofError
from qprof.domain.report import Report
from qprof.domain.trace import Environment
from qprof.judge.verdict.changes import ORDER, changes


def against(earlier: str, before: Report, later: str, after: Report) -> Report:
    """Return `after` with what changed since `before`; the names are for messages.

    Raises QprofError where the two cannot be compared: another recipe, scale, seed, dialect or
    minor version of SQLAlchemy, other arguments of a call, or no call in one of them.
    """
    for name, report in ((earlier, before), (later, after)):
        if not report.calls:
            raise QprofError(f"{name} has no measured calls, so there is nothing to compare.")
    differences = [*_environment(before.environment, after.environment), *_calls(before, after)]
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


def _calls(before: Report, after: Report) -> Iterator[str]:
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
