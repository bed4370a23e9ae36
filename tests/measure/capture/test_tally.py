"""What joined rows hold, against plain SQL over the same random data, and the real selectin."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, insert, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload, strategies
from sqlalchemy.pool import StaticPool

from qprof.domain.trace import Cost, Tally
from qprof.measure.capture import record, tally
from qprof.measure.capture.tally import RowTally
from qprof.measure.orm.keys import KeyColumns, Side
from tests.measure.capture.models import Author, Book
from tests.measure.capture.seen import only, totals
from tests.measure.capture.tally_models import (
    CHAINS,
    COUNTS,
    Aside,
    Base,
    Bridge,
    End,
    Mark,
    Part,
    Piece,
    Root,
    links,
)

ROOT_KEYS = [(area, code) for area in ("a", "b") for code in (1, 2, 3)]


@st.composite
def houses(draw: st.DrawFn) -> dict[Any, list[dict[str, Any]]]:
    """Draw rows for every table."""
    roots = draw(st.lists(st.sampled_from(ROOT_KEYS), unique=True, max_size=6))
    bridge = st.sampled_from([None, 1, 2])
    slugs = st.sampled_from([None, *(f"{area}{code}" for area, code in roots)])
    parts = draw(st.lists(st.sampled_from([*roots, (None, None)]), max_size=8))
    pieces = draw(st.lists(st.integers(0, 3), min_size=len(parts), max_size=len(parts)))
    pairs = st.tuples(st.sampled_from(roots), st.integers(1, 3)) if roots else st.nothing()
    linked = draw(st.lists(pairs, unique=True, max_size=8)) if roots else []
    return {
        Bridge: [{"id": i, "name": "n"} for i in (1, 2)],
        End: [{"id": i, "bridge_id": draw(bridge)} for i in range(1, 5)],
        Root: [
            {"area": a, "code": c, "bridge_id": draw(bridge), "slug": f"{a}{c}"} for a, c in roots
        ],
        Aside: [
            {"id": i, "slug": slug}
            for i, slug in enumerate(draw(st.lists(slugs, max_size=5)), start=1)
        ],
        Part: [
            {"id": i, "area": a, "code": c, "kind": "k"} for i, (a, c) in enumerate(parts, start=1)
        ],
        Piece: [
            {"part_id": i, "number": n}
            for i, count in enumerate(pieces, start=1)
            for n in range(count)
        ],
        Mark: [{"id": i, "word": "w"} for i in (1, 2, 3)],
        links: [{"area": a, "code": c, "mark_id": m} for (a, c), m in linked],
    }


@contextmanager
def written(rows: dict[Any, list[dict[str, Any]]]) -> Iterator[tuple[Session, sqlite3.Connection]]:
    """Yield a session and a plain connection, both on a database with `rows` in it."""
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as plain:
        engine: Engine = create_engine("sqlite://", creator=lambda: plain, poolclass=StaticPool)
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            for table, values in rows.items():
                if values:
                    session.execute(insert(table), values)
            session.commit()
            yield session, plain
        engine.dispose()


PARTS = joinedload(Root.parts)
PIECES = joinedload(Root.parts).joinedload(Part.pieces)
MARKS = joinedload(Root.marks)
ENDS = joinedload(Root.bridge).joinedload(Bridge.ends)
JOINED = {
    "siblings": ((PARTS, MARKS), ("Root.parts", "Root.marks")),
    "other key beside": ((joinedload(Root.sides), MARKS), ("Root.sides", "Root.marks")),
    "nested beside": (
        (PIECES, MARKS),
        ("Root.parts", "Root.parts.pieces", "Root.marks"),
    ),
    "bridge beside": ((ENDS, PARTS), ("Root.bridge", "Root.bridge.ends", "Root.parts")),
    "all": (
        (PIECES, joinedload(Root.sides), MARKS, ENDS),
        tuple(COUNTS),
    ),
}
APART = {
    "Root.parts": selectinload(Root.parts),
    "Root.parts.pieces": selectinload(Root.parts).selectinload(Part.pieces),
    "Root.sides": selectinload(Root.sides),
    "Root.marks": selectinload(Root.marks),
    "Root.bridge": joinedload(Root.bridge),
    "Root.bridge.ends": joinedload(Root.bridge).selectinload(Bridge.ends),
}


def tallied(session: Session, statement: Any) -> tuple[Tally | None, Any]:
    """Run `statement` and return what its rows hold, and the execution."""
    session.expunge_all()
    with record(tally=True) as recording:
        session.scalars(statement).unique().all()
    return only(recording).tally, only(recording)


def leaves(paths: tuple[str, ...]) -> list[str]:
    return [path for path in paths if not any(each.startswith(f"{path}.") for each in paths)]


def worst_by_sql(plain: sqlite3.Connection, paths: tuple[str, ...]) -> Any:
    """Return the least key among the roots with the most rows, and these rows."""
    product = " ".join(
        f"LEFT JOIN (SELECT root.area AS a{i}, root.code AS c{i} FROM root {CHAINS[path]})"
        f" ON a{i} = root.area AND c{i} = root.code"
        for i, path in enumerate(leaves(paths))
    )
    return plain.execute(
        f"SELECT root.area, root.code, count(*) AS n FROM root {product}"
        " GROUP BY 1, 2 ORDER BY n DESC, 1, 2 LIMIT 1"
    ).fetchone()


def one(plain: sqlite3.Connection, sql: str) -> int:
    return plain.execute(sql).fetchone()[0]


ANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("shape", JOINED)
@ANY
@given(rows=houses())
def test_a_tally_is_what_plain_sql_counts(shape, rows):
    """Roots, pairs, the rows of each chain alone, and the worst root."""
    options, paths = JOINED[shape]
    with written(rows) as (session, plain):
        found, execution = tallied(session, select(Root).options(*options))
        assert found.roots == one(plain, "SELECT count(*) FROM root")
        assert found.pairs == {path: one(plain, COUNTS[path]) for path in paths}
        alone = {
            leaf: one(plain, f"SELECT count(*) FROM root {CHAINS[leaf]}") for leaf in leaves(paths)
        }
        assert found.alone == alone
        worst = worst_by_sql(plain, paths)
        got = found.worst and (*found.worst.identity, found.worst.rows)
        assert got == worst
        assert execution.rows == len(plain.execute(execution.sql).fetchall())


@pytest.mark.parametrize("shape", JOINED)
@ANY
@given(rows=houses())
def test_apart_is_what_selectin_really_costs(shape, rows):
    """Queries, rows and cells of the same objects under the balanced plan."""
    options, paths = JOINED[shape]
    with written(rows) as (session, _):
        found, _ = tallied(session, select(Root).options(*options))
        session.expunge_all()
        with record() as recording:
            balanced = select(Root).options(*(APART[path] for path in paths))
            session.scalars(balanced).unique().all()
        assert found.apart == Cost(*totals(recording))


@pytest.mark.parametrize("shape", JOINED)
@pytest.mark.parametrize("chunk", [1, 2, 3])
@settings(ANY, max_examples=25)
@given(rows=houses())
def test_apart_knows_the_chunks(shape, chunk, rows):
    """A path with more parents than one chunk takes costs more queries."""
    loader = getattr(strategies, "SelectInLoader", None) or strategies._SelectInLoader
    options, paths = JOINED[shape]
    with pytest.MonkeyPatch.context() as patch, written(rows) as (session, _):
        patch.setattr(loader, "_chunksize", chunk)
        patch.setattr(tally, "CHUNK", chunk)
        found, _ = tallied(session, select(Root).options(*options))
        session.expunge_all()
        with record() as recording:
            balanced = select(Root).options(*(APART[path] for path in paths))
            session.scalars(balanced).unique().all()
        assert found.apart == Cost(*totals(recording))


@ANY
@given(rows=houses())
def test_contains_eager_is_tallied_alone(rows):
    """The author's own JOIN of a collection multiplies its roots: roots and pairs are counted."""
    statement = select(Root).join(Root.parts).options(contains_eager(Root.parts))
    with written(rows) as (session, plain):
        found, execution = tallied(session, statement)
        roots = "SELECT count(DISTINCT area || code) FROM part WHERE area IS NOT NULL"
        assert found.roots == one(plain, roots)
        assert found.pairs == {"Root.parts": one(plain, COUNTS["Root.parts"])}
        assert execution.rows == found.alone["Root.parts"] == found.pairs["Root.parts"]


@ANY
@given(rows=houses(), data=st.data())
def test_every_row_belongs_to_one_root(rows, data):
    """However rows are fetched, each is counted for exactly one root; order changes nothing."""
    options, _ = JOINED["all"]
    with written(rows) as (session, plain):
        found, execution = tallied(session, select(Root).options(*options))
        joined = plain.execute(execution.sql).fetchall()
        columns = KeyColumns("Root", Side((1, 2), 5), 0, {})
        by_hand = RowTally(columns)
        shuffled = data.draw(st.permutations(joined))
        for row in shuffled:
            by_hand.add([row])
        assert sum(by_hand._roots.values()) == execution.rows
        assert by_hand.result().roots == found.roots


@ANY
@given(
    rows=st.lists(st.tuples(st.integers(1, 4), st.none() | st.integers(1, 3), st.integers(1, 2))),
    data=st.data(),
)
def test_the_order_of_rows_changes_nothing(rows, data):
    """The same rows give the same tally: of equals, the least key is the worst root."""
    columns = KeyColumns(
        "Root",
        Side((0,), 1),
        0,
        {"Root.a": Side((1,), 1, None, True), "Root.b": Side((2,), 1, None, True)},
    )
    found = []
    for each in (rows, data.draw(st.permutations(rows))):
        counted = RowTally(columns)
        counted.add(each)
        found.append(counted.result())
    first, second = found
    assert (first.roots, first.pairs, first.alone) == (second.roots, second.pairs, second.alone)
    assert (first.worst, first.apart) == (second.worst, second.apart)
    if rows:
        keys = [root for root, _, _ in rows]
        assert first.worst.identity == (min(keys, key=lambda key: (-keys.count(key), key)),)
    keys = [root for root, _, _ in rows]
    assert first.largest == second.largest
    assert [each.rows for each in first.largest] == sorted(map(keys.count, {*keys}))[::-1][:3]
    assert first.sizes == second.sizes
    assert [n for n, roots in first.sizes for _ in range(roots)] == sorted(map(keys.count, {*keys}))
    children = {(root, a) for root, a, _ in rows if a is not None}
    parents = [root for root, _ in children]
    assert first.most == second.most
    assert first.most["Root.a"] == max(map(parents.count, parents), default=0)
    assert first.pairs["Root.a"] == len({(root, a) for root, a, _ in rows if a is not None})
    assert first.alone["Root.a"] == len({(root, a) for root, a, _ in rows})
    assert first.apart.queries == 1 + 2 * math.ceil(len({root for root, _, _ in rows}) / 500)


def test_only_what_multiplies_is_tallied(session):
    """A single chain of joins, and a statement without joins, are not looked into."""
    for statement in (select(Author), select(Author).options(joinedload(Author.books))):
        with record(tally=True) as recording:
            session.scalars(statement).unique().all()
        assert only(recording).tally is None


def test_no_tally_unless_asked_for(session):
    """Looking at every row is for untimed runs."""
    statement = select(Author).options(joinedload(Author.books), joinedload(Author.prizes))
    with record() as recording:
        session.scalars(statement).unique().all()
    assert only(recording).tally is None


def test_tallies_of_one_statement_add_up(session):
    """The chunks of a statement are summed, and their worst root is the worst of all."""
    with record(tally=True) as recording:
        for name in ("author 1", "author 2", "author 3"):
            statement = (
                select(Author)
                .where(Author.name == name)
                .options(joinedload(Author.books), joinedload(Author.prizes))
            )
            session.scalars(statement).unique().all()
    found = only(recording)
    assert found.tally.roots == 3
    assert found.tally.pairs == {"Author.books": 12, "Author.prizes": 14}
    assert (found.tally.worst.identity, found.tally.worst.rows) == ((2,), 20)
    assert found.tally.apart.queries == 9


def test_of_equals_the_least_root_is_worst_whatever_is_sent_first(session):
    """The order of executions names no other root."""
    worst = []
    for names in (("author 2", "author 3"), ("author 3", "author 2")):
        with record(tally=True) as recording:
            for name in names:
                statement = (
                    select(Author)
                    .where(Author.name == name)
                    .options(joinedload(Author.books), joinedload(Author.prizes))
                )
                session.scalars(statement).unique().all()
        worst.append(only(recording).tally.worst)
    assert worst[0] == worst[1]
    assert worst[0].identity == (2,)


def test_siblings_below_a_selectin(session):
    """In a secondary load, the roots are what it loads, each below its own parent."""
    below = selectinload(Author.books).options(joinedload(Book.tags), joinedload(Book.reviews))
    with record(tally=True) as recording:
        session.scalars(select(Author).options(below)).all()
    books = recording.executions()[1]
    assert books.tally.roots == 40
    assert books.tally.pairs == {"Author.books.tags": 54, "Author.books.reviews": 30}
    assert books.tally.worst.entity == "Book"
    session.expunge_all()
    apart = selectinload(Author.books).options(selectinload(Book.tags), selectinload(Book.reviews))
    with record() as balanced:
        session.scalars(select(Author).options(apart)).all()
    root = balanced.executions()[0]
    assert books.tally.apart == Cost(
        *(a - b for a, b in zip(totals(balanced), (1, root.rows, root.cells), strict=True))
    )


FLAT = KeyColumns(
    "Team",
    Side((0,), 1),
    0,
    {"Team.badges": Side((1,), 1, None, True), "Team.kits": Side((2,), 1, None, True)},
)
DEEP = KeyColumns(
    "Club",
    Side((0,), 1),
    0,
    {
        "Club.teams": Side((1,), 1, None, True),
        "Club.teams.badges": Side((2,), 1, "Club.teams", True),
        "Club.teams.kits": Side((3,), 1, "Club.teams", True),
    },
)
EITHER = [*((1, badge, None) for badge in range(5)), *((2, None, kit) for kit in range(5))]
BOTH = [(1, badge, kit) for badge in range(2) for kit in range(3)]


@pytest.mark.parametrize(
    ("columns", "rows", "longest", "doubled"),
    [
        (FLAT, EITHER, 10, 20),
        (FLAT, BOTH, 3, 24),
        (FLAT, [(1, badge, 7) for badge in range(5)], 5, 20),
        (FLAT, [(1, None, None)], 1, 1),
        (FLAT, [*EITHER, *((3, *row[1:]) for row in BOTH)], 13, 44),
        (DEEP, [(9, *row) for row in EITHER], 10, 20),
        (DEEP, [(9, *row) for row in BOTH], 3, 24),
        (DEEP, [], 0, 0),
    ],
)
def test_siblings_multiply_where_they_meet(columns, rows, longest, doubled):
    """An object with entries in one of two collections has as many rows as that has entries."""
    tally = RowTally(columns)
    tally.add(rows[:3])
    tally.add(rows[3:])
    assert (tally.result().longest, tally.result().doubled) == (longest, doubled)
