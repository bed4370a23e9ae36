"""The shape of a statement: literals, lists, comments and layout leave no trace in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qprof.domain.sql.fingerprint import fingerprint

SHAPES = {
    "literals": (
        "SELECT a.id, 'it''s', -1.5e3, $1, :p_1, %(a)s, %s FROM t1 AS a WHERE a.x = -7 ;",
        "SELECT a.id, ?, ?, ?, ?, ?, ? FROM t1 AS a WHERE a.x = ?",
    ),
    "names keep their digits": (
        'SELECT t1.c2, "col 3" FROM t1 -- why\n',
        'SELECT t1.c2, "col 3" FROM t1',
    ),
    "layout and comments": (
        "SELECT  a ,b\n\tFROM t /* by: me */ LEFT  OUTER\n JOIN u ON ( t.id=u.t )",
        "SELECT a, b FROM t LEFT OUTER JOIN u ON (t.id=u.t)",
    ),
    "IN, rendered later": ("x IN (__[POSTCOMPILE_x_1])", "x IN (?)"),
    "IN, rendered later with a cast": ("x IN (__[POSTCOMPILE_x~~f(~~REPL~~)~~])", "x IN (?)"),
    "IN, question marks": ("x NOT IN (?, ?,?)", "x NOT IN (?)"),
    "IN, named": ("x IN (:p1, :p2)", "x IN (?)"),
    "IN, pyformat": ("x IN (%(a_1)s, %(a_2)s)", "x IN (?)"),
    "IN, numbered and cast": ("x IN ($1::INTEGER, $2::VARCHAR(20))", "x IN (?)"),
    "IN, literals": ("x in (1, 'b', -3, NULL)", "x in (?)"),
    "IN, tuples": ("(x, y) IN ((?, ?), (?, ?))", "(x, y) IN (?)"),
    "IN, a query": ("x IN (SELECT id FROM t)", "x IN (SELECT id FROM t)"),
    "VALUES": (
        "INSERT INTO t (a, b) VALUES (?, lower(?)), (?, lower(?)), (?, lower(?)) RETURNING id",
        "INSERT INTO t (a, b) VALUES (?, lower(?)) RETURNING id",
    ),
    "arguments stay apart": ("coalesce(?, 2)", "coalesce(?, ?)"),
    "a sign and a minus": ("a - 1, a -1, (-1), b-2", "a - ?, a -?, (?), b-?"),
    "a time zone": ("t AT TIME ZONE 'UTC'", "t AT TIME ZONE ?"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("sql", "shape"), SHAPES.values(), ids=SHAPES)
def test_shape(sql: str, shape: str) -> None:
    assert fingerprint(sql) == shape
    assert fingerprint(shape) == shape


def test_more_tokens_than_sqlparse_groups() -> None:
    keys = ", ".join(str(key) for key in range(20_000))
    assert fingerprint(f"SELECT id FROM t WHERE id IN ({keys})") == (
        "SELECT id FROM t WHERE id IN (?)"
    )
    rows = ", ".join(["(?, ?, ?)"] * 5_000)
    assert fingerprint(f"INSERT INTO t VALUES {rows}") == "INSERT INTO t VALUES (?, ?, ?)"


literals = st.one_of(
    st.integers().map(str),
    st.floats(0, 1e6, allow_nan=False).map(lambda number: f"{number:.3f}"),
    st.text(st.characters(exclude_characters="'\\\0", exclude_categories=["Cs"])).map(
        lambda text: f"'{text}'"
    ),
)
templates = st.sampled_from(
    [
        "SELECT id FROM t WHERE a = {} AND b < {} ORDER BY {}",
        "SELECT coalesce(a, {}) + {} AS x FROM t1 LIMIT {}",
        "UPDATE t SET a = {}, b = lower({}) WHERE c BETWEEN {} AND 9",
        "INSERT INTO t (a, b, c) VALUES ({}, {}, {})",
        "SELECT CASE WHEN a = {} THEN {} ELSE {} END FROM t",
    ]
)


@given(templates, st.tuples(literals, literals, literals), st.tuples(literals, literals, literals))
def test_literals_leave_no_trace(
    template: str, some: tuple[str, ...], others: tuple[str, ...]
) -> None:
    assert fingerprint(template.format(*some)) == fingerprint(template.format(*others))


@given(st.lists(literals, min_size=1), st.lists(literals, min_size=1))
def test_list_lengths_leave_no_trace(some: list[str], others: list[str]) -> None:
    def shape(keys: list[str]) -> str:
        return fingerprint(f"SELECT id FROM t WHERE id IN ({','.join(keys)}) AND a = {keys[0]}")

    assert shape(some) == shape(others) == "SELECT id FROM t WHERE id IN (?) AND a = ?"


WORDS = [
    "SELECT",
    "FROM",
    "IN",
    "VALUES",
    "AND",
    "NULL",
    "LEFT",
    "OUTER",
    "JOIN",
    "END",
    "t1",
    "a.b",
]
WORDS += ['"c d"', "'x'", "12", "-3", ":p", "%(a)s", "$1", "?", "__[POSTCOMPILE_x]", "/*c*/"]
WORDS += ["(", ")", ",", ".", "-", "::", "=", "<=", "*", ";", "[", "]"]


@given(st.lists(st.sampled_from([*WORDS, " ", "\n"]), max_size=40).map(" ".join))
def test_a_shape_is_its_own_shape(sql: str) -> None:
    assert fingerprint(fingerprint(sql)) == fingerprint(sql)


@given(st.text())
def test_never_fails(text: str) -> None:
    assert isinstance(fingerprint(text), str)
