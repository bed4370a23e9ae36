"""Clauses by which a SELECT locks rows are left out of its text, and nothing else is."""

from __future__ import annotations

import pytest

from qprof.targets.statements import unlocked

CASES = {
    "SELECT a FROM t WHERE b = 'FOR UPDATE' FOR UPDATE": "SELECT a FROM t WHERE b = 'FOR UPDATE'",
    'SELECT a FROM t FOR NO KEY UPDATE OF t, "My T" SKIP LOCKED': "SELECT a FROM t",
    "SELECT a FROM t FOR SHARE OF t NOWAIT LIMIT 3": "SELECT a FROM t LIMIT 3",
    "SELECT a FROM (SELECT b FROM t FOR KEY SHARE) AS x": "SELECT a FROM (SELECT b FROM t) AS x",
    "WITH x AS (SELECT 1 FROM t FOR UPDATE) SELECT 1 FROM x FOR SHARE OF x FOR UPDATE OF y": (
        "WITH x AS (SELECT 1 FROM t) SELECT 1 FROM x"
    ),
    "SELECT a FROM t FOR UPDATE -- why": "SELECT a FROM t -- why",
}
OF_MYSQL = {
    "SELECT a FROM `t` LIMIT 1 LOCK IN SHARE MODE;": "SELECT a FROM `t` LIMIT 1;",
    "SELECT a FROM t FOR UPDATE WAIT 5": "SELECT a FROM t",
    "SET STATEMENT max_statement_time = 1 FOR SELECT 1 FROM t FOR UPDATE": (
        "SET STATEMENT max_statement_time = 1 FOR SELECT 1 FROM t"
    ),
    "SET STATEMENT max_statement_time = 1 FOR UPDATE t SET a = 1": (
        "SET STATEMENT max_statement_time = 1 FOR UPDATE t SET a = 1"
    ),
}
OTHERS = (
    'SELECT "for update" FROM t',
    "SELECT 'a FOR UPDATE'",
    "UPDATE t SET a = 1",
    "CREATE POLICY p ON t FOR UPDATE USING (true)",
    "SELECT $$ FOR UPDATE $$",
)


@pytest.mark.parametrize("text", CASES)
def test_the_clause_is_left_out(text: str) -> None:
    assert unlocked("postgresql", text) == CASES[text]


@pytest.mark.parametrize("text", OF_MYSQL)
def test_so_are_those_of_mariadb(text: str) -> None:
    assert unlocked("mariadb", text) == OF_MYSQL[text]


@pytest.mark.parametrize("text", OTHERS)
def test_anything_else_stays(text: str) -> None:
    assert unlocked("postgresql", text) is text
