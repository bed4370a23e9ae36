"""What DISTINCT hides: rows that the database builds and drops again before they can be counted."""

from qprof.sql.reading import drops_joined_rows
from qprof.trace import Call, Execution


def hidden_notes(call: Call) -> tuple[str, ...]:
    """Return a note for each root SELECT of `call` that has DISTINCT over joined tables."""
    return tuple(dict.fromkeys(_note(each) for each in call.executions if _hides(each)))


def _hides(execution: Execution) -> bool:
    # subqueryload writes a DISTINCT of its own, over parents alone.
    return execution.strategy == "root" and drops_joined_rows(execution.sql)


def _note(execution: Execution) -> str:
    place = f" at {execution.site.file}:{execution.site.line}" if execution.site else ""
    return (
        f"SELECT DISTINCT over joined tables{place}: the rows that the database builds and drops "
        "again are in no figure. Its EXPLAIN ANALYZE shows them; a filter by .any() or EXISTS in "
        "place of the JOIN builds none."
    )
