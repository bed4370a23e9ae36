"""QP601 full-scan."""

from collections.abc import Iterable

from qprof.domain.report import Finding
from qprof.domain.trace import Call, Scalar, Scan
from qprof.domain.words import counted, listed
from qprof.judge.rules.rule import Rule
from qprof.judge.rules.thresholds import Thresholds
from qprof.judge.rules.wording import times


class FullScan(Rule):
    """A filter or join that no index serves.

    EXPLAIN says that a table of 1,000 rows or more is read whole, for a SELECT that gives back at
    most a tenth as many rows.

    Why
    ---
    The rows that are looked at and dropped inside the database are in no count of rows fetched: a
    call of one row can read a million. Its time grows with the table. How many rows the table has
    is the database's own estimate on PostgreSQL, MariaDB and MySQL, and said to be one. Where there
    is none, as on SQLite, rows are counted, up to 100,000 or ten times what came back.

    The index is tried on a copy, and told only where it at least halves the work. SQLite's database
    is copied into memory, and steps of its virtual machine are counted. On PostgreSQL, MariaDB and
    MySQL the plan alone is read, and what an index would save is not claimed, unless --try-indexes
    asks for it. Then the table is copied into a temporary one, which takes its place on one
    connection and is dropped, and the rows that are read are counted; no index is made on a table
    of the user's. What is larger than 256 MiB is not copied. Where only a pattern (LIKE) is asked
    for, it is a note: no b-tree index finds what is in the middle of a text. So it is where an
    index holds the columns already, and the planner does not use it.

    It reports nothing if a plan does not tell which table of the statement is scanned: a view or a
    partition, or a name that SELECTs within each other use for different conditions; where a text
    is compared with a number; and on the side that an outer join keeps, for what ON says of it.

    How to fix
    ----------
    Add the index, to the database and to the model.

        # bad: no index on title
        select(Track).where(Track.title == title)
        # good
        title: Mapped[str] = mapped_column(String(120), index=True)

    When to ignore
    --------------
    When the call is rare and the table is written often: every index is kept up by every write.
    """

    id = "QP601"
    name = "full-scan"
    level = "warning"

    def inspect(self, call: Call, thresholds: Thresholds) -> Iterable[Finding]:
        """Yield a finding for each table that is scanned for few rows."""
        for scan in call.scans:
            yield self.finding(
                call,
                paths=(),
                title=_title(scan),
                facts=_facts(scan),
                fix=_fix(scan),
                evidence=_evidence(scan),
                location=scan.site,
                level=None if scan.index else "note",
                subject=f"{scan.table} {' '.join(scan.columns or scan.patterns)}",
            )


_UNITS = {
    "steps": ("step of SQLite's virtual machine", "steps of SQLite's virtual machine"),
    "rows": ("row read", "rows read"),
    "requests": ("request to read a row", "requests to read a row"),
}
_KNOWN = {"exact": "", "estimated": "by the database's estimate ", "at least": "at least "}


def _title(scan: Scan) -> str:
    read = f"{scan.table} is scanned whole"
    if not scan.columns:
        return f"{read}, for a pattern on {listed(scan.patterns)}"
    if not scan.index:
        return f"{read}, though an index holds {listed(scan.columns)}"
    return f"{read}, because no index serves the condition on {listed(scan.columns)}"


def _facts(scan: Scan) -> str:
    held = f"{_KNOWN[scan.known]}{counted(scan.table_rows, 'row')} for {scan.rows:,}"
    if not scan.columns:
        return f"{held}. No b-tree index of these columns is sure to serve it."
    if not scan.index:
        return f"{held}. The planner did not use the index."
    if scan.before is None or scan.after is None:
        return f"{held}. What an index would save was not measured: {scan.reason}."
    one, many = _UNITS[scan.unit]
    work = f"{scan.after:,} {one if scan.after == 1 else many}"
    saved = f" ({times(scan.before / scan.after)})" if scan.after else ""
    return f"{held}. On a copy with the index: {work} instead of {scan.before:,}{saved}."


def _fix(scan: Scan) -> str:
    if scan.index:
        return f"{scan.index}; and index=True, or an Index, in the model."
    if scan.columns:
        return "Have the database gather statistics (ANALYZE), and look at its plan again."
    return (
        "Ask for equality or a range where that will do; else a full-text or trigram index of the "
        "database's own."
    )


def _evidence(scan: Scan) -> dict[str, Scalar]:
    slow, fast = scan.seconds or (None, None)
    work = "steps" if scan.unit == "steps" else "reads"
    return {
        "table": scan.table,
        "table_rows": scan.table_rows,
        "table_rows_known": scan.known,
        "rows": scan.rows,
        "index": scan.index or None,
        work: scan.before,
        f"{work}_with_index": scan.after,
        "seconds": slow,
        "seconds_with_index": fast,
    }
