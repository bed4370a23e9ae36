"""What a JOIN of the author's own multiplies: rows that DISTINCT or the ORM drops again."""

from qprof.domain.sql.reading import drops_joined_rows
from qprof.domain.trace import Call, Execution


def hidden_notes(call: Call) -> tuple[str, ...]:
    """Return a note for each root SELECT of `call` whose own JOIN builds rows for nothing."""
    hidden = [_note(each) for each in call.executions if _hides(each)]
    copies = [_copies(each) for each in call.executions if _repeats(each)]
    return tuple(dict.fromkeys((*hidden, *copies)))


def _repeats(execution: Execution) -> bool:
    """Return whether rows are copies of a root, by a JOIN that is no loader option's."""
    tally, joined = execution.tally, any(join.to_many for join in execution.joins)
    is_root = execution.strategy == "root" and not joined
    return is_root and tally is not None and tally.roots < execution.rows


def _copies(execution: Execution) -> str:
    place = f" at {execution.site.file}:{execution.site.line}" if execution.site else ""
    roots = execution.tally.roots if execution.tally else 0
    return (
        f"A JOIN of the statement's own{place} repeats its roots: {execution.rows:,} rows hold "
        f"{roots:,} objects. A filter by .any() or EXISTS in its place fetches each once."
    )


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
