"""QP403 unbounded-load."""

from collections import Counter
from collections.abc import Iterable

from qprof.domain.report import Finding
from qprof.domain.trace import Call, Scalar, Unbounded
from qprof.domain.words import counted, listed
from qprof.judge.rules.rule import Rule
from qprof.judge.rules.thresholds import Thresholds
from qprof.judge.rules.wording import price

_WORDS = {"limit", "page", "pagination"}
_NAMES = {"first", "last", "take", "top", "max_results"}
"""Arguments by which a caller bounds the result: a word of the name, or all of it."""


class UnboundedLoad(Rule):
    """No LIMIT: most of a table is loaded.

    A SELECT of mapped objects has no LIMIT, and brings at least half of the rows of its table: more
    than 50 objects, and 1,000 rows or more with all that one execution loads along with them.

    Why
    ---
    Such a call works with the data that its author has. It takes as much more time and memory as
    the table gains rows, and nobody asked for more. How it grows is measured by
    `qprof bench` and not here. What is measured here is a page: the call is run again with LIMIT 50
    on this statement. It is not where the statement's own FROM can bring an object in several rows,
    as with contains_eager of a collection: a LIMIT would count those rows, and cut a collection.

    Fewer than 1,000 rows are let pass, as QP601 does: a table of so few fits into a few dozen pages
    of the database. From the threshold unbounded-rows on (100,000 rows, of which SQLAlchemy makes
    objects for a second or longer) it is a warning; below it a note, where the rule is selected by
    name (--select, or extend-select of the settings). The table's size is counted on
    SQLite, and the database's own estimate, said to be one, on PostgreSQL, MariaDB and MySQL.

    It reports nothing if something bounds the result, or may: a LIMIT or FETCH anywhere in the
    statement; a condition on any column of a primary or unique key, be it a range, IS NULL or a
    part of the key; a stream (yield_per); an argument of the call that says so (limit, page_size,
    first). So it is where a WITH leads to the rows, and where a table is read in parts of less than
    half.

    How to fix
    ----------
    Take a page, in an order that ends in the primary key, and the next one from the last key on. Or
    stream, where every row is needed; yield_per refuses joined collections, but not selectinload.
    A collection is bounded by its parents alone.

        # bad
        return session.scalars(select(Artist)).all()
        # good
        page = select(Artist).where(Artist.id > last).order_by(Artist.id).limit(50)
        return session.scalars(page).all()
        # good, where a JOIN of its own repeats the objects: the page is one of keys
        keys = select(Artist.id).join(Artist.albums).distinct().order_by(Artist.id).limit(50)
        page = select(Artist).where(Artist.id.in_(session.scalars(keys).all()))
        # good, where all of them are exported
        yield from session.scalars(select(Artist).execution_options(yield_per=500))

    When to ignore
    --------------
    When the table is known to stay as it is: countries, settings, genres.
    """

    id = "QP403"
    name = "unbounded-load"
    level = "warning"

    def __init__(self, *, notes: bool = True) -> None:
        self._notes = notes

    def by_default(self) -> "UnboundedLoad":
        """Return the rule without its notes: it is about design, and data of a sample is small."""
        return UnboundedLoad(notes=False)

    def inspect(self, call: Call, thresholds: Thresholds) -> Iterable[Finding]:
        """Yield a finding for each SELECT of the call that brings all there is."""
        if any(map(_bounds, call.arguments)):
            return
        seen: Counter[str] = Counter()
        for each in call.unbounded:
            seen[each.table] += 1
            if not self._notes and each.rows < thresholds.unbounded_rows:
                continue
            yield self.finding(
                call,
                paths=(),
                title=f"a SELECT of {each.table} has no LIMIT",
                facts=_facts(each),
                fix=_fix(each, _stream(call, each)),
                evidence=_evidence(each),
                location=each.site,
                level=None if each.rows >= thresholds.unbounded_rows else "note",
                # A second SELECT of the same table is another defect.
                subject=f"{each.table} {seen[each.table]}",
            )


def _bounds(argument: str) -> bool:
    name = argument.lower()
    return name in _NAMES or not _WORDS.isdisjoint(name.split("_"))


def _facts(each: Unbounded) -> str:
    return f"it loads {_share(each)}. {_page(each)}"


def _share(each: Unbounded) -> str:
    if each.known == "at least":
        return "more rows than the database's estimate of the table"
    if each.roots == each.table_rows:
        return "all rows of the table"
    share = f"{100 * each.roots / each.table_rows:.0f} % of the table's"
    if each.known == "estimated":
        return f"{share} rows, by the database's estimate {each.table_rows:,}"
    return f"{share} {counted(each.table_rows, 'row')}"


def _page(each: Unbounded) -> str:
    if each.paged is None:
        return f"What LIMIT {each.page:,} would save was not measured: {each.reason}."
    return f"With LIMIT {each.page:,}, measured: {price(each.paged)}."


def _stream(call: Call, each: Unbounded) -> str:
    """Return how to stream it: SQLAlchemy refuses yield_per where a collection is joined."""
    at = [execution for execution in call.executions if execution.site == each.site]
    joined = any(join.to_many for execution in at for join in execution.joins)
    return "yield_per, with collections by selectinload" if joined else "yield_per"


def _fix(each: Unbounded, stream: str) -> str:
    key = listed(each.key)
    if each.repeats:
        return (
            f"Take a page of keys: .distinct() and .limit({each.page}) on a select() of {key} "
            f"alone, with the same FROM and conditions, ordered by {key}; then load what has these "
            "keys, without a limit."
        )
    return (
        f"Take a page: .limit({each.page}), with an .order_by() that ends in {key}, and the next "
        f"page from the last {key} on; or stream by {stream}, where every row is needed."
    )


def _evidence(each: Unbounded) -> dict[str, Scalar]:
    paged = each.paged
    return {
        "table": each.table,
        "table_rows": each.table_rows,
        "table_rows_known": each.known,
        "roots": each.roots,
        "rows": each.rows,
        "page": each.page,
        "queries_saved": each.cost.queries - paged.queries if paged else None,
        "rows_saved": each.cost.rows - paged.rows if paged else None,
        "cells_saved": each.cost.cells - paged.cells if paged else None,
        "seconds_saved": _seconds(each),
    }


def _seconds(each: Unbounded) -> float | None:
    """Return what one run took longer than one run with a page."""
    if each.seconds is None or each.paged_seconds is None:
        return None
    return round(each.seconds - each.paged_seconds, 6)
