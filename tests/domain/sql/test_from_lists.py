"""What the text of a statement tells of tables that nothing links."""

import pytest

from qprof.domain.sql.from_lists import several_in_from, unlinked_in

APART = {
    "SELECT a.id FROM a, b": ("a", "b"),
    "SELECT a.id FROM a, b; -- all": ("a", "b"),
    "SELECT a.id FROM a, b WHERE b.year > ?": ("a", "b"),
    "SELECT x.id FROM music.artist AS x, `album` y WHERE year > 3": ("x", "y"),
    "select a.id from a, b, c where a.id = b.a_id": ("a", "c"),
    "SELECT count(*) FROM (SELECT a.id FROM a, b) s": ("a", "b"),
    "SELECT 1 FROM a WHERE EXISTS (SELECT 1 FROM b, c WHERE b.x = a.x)": ("b", "c"),
    "SELECT (SELECT count(*) FROM b, c WHERE b.a_id = a.id) FROM a": ("b", "c"),
    "SELECT a.id FROM a UNION SELECT b.id FROM b, c": ("b", "c"),
    "WITH p AS (SELECT a.id FROM a, b) SELECT p.id FROM p": ("a", "b"),
    "INSERT INTO x SELECT a.id FROM a, b -- a.id = b.id": ("a", "b"),
    "SELECT a.id FROM a, b WHERE a.x = 1 OR b.y = ' = a.x, (' ORDER BY a.x, b.y": ("a", "b"),
}
SILENT = [
    "SELECT a.id, b.id FROM a",
    "SELECT a.id FROM a JOIN b ON a.id = b.id, c WHERE c.id = b.id",
    "SELECT a.id FROM a CROSS JOIN b",
    "SELECT a.id FROM a, b WHERE a.id = b.a_id",
    'SELECT a.id FROM "my a" a, b WHERE a."the id" = b.a_id',
    "SELECT a.id FROM a, b WHERE id = a_id",
    "SELECT a.id FROM a, b WHERE ? BETWEEN a.y AND b.z",
    "SELECT a.id FROM a, b WHERE near(a.place, b.place)",
    "SELECT a.id FROM a, b WHERE a.id IN (SELECT c.x FROM c WHERE c.y = b.y)",
    "SELECT 1 FROM a WHERE EXISTS (SELECT 1 FROM b, c WHERE b.x = a.x AND c.y = a.y)",
    "SELECT s.x FROM (SELECT a.x, b.y FROM a, b) s WHERE s.x = s.y",
    "WITH p AS (SELECT 1 AS x) SELECT a.id FROM a, p",
    "SELECT a.id, e.value FROM a, json_each(a.list) e",
    "SELECT a.id FROM a, (SELECT max(b.x) AS x FROM b) m",
    "SELECT a.id FROM a, LATERAL (SELECT 1) b",
    "UPDATE a SET x = 1, y = 2",
    "((((",
    "))), SELECT , FROM , WHERE AND",
]


@pytest.mark.parametrize("sql", APART)
def test_tables_apart(sql):
    """Commas in a FROM, and no condition that names both: at any depth."""
    assert unlinked_in(sql) == APART[sql]
    assert several_in_from(sql)


@pytest.mark.parametrize("sql", SILENT)
def test_what_the_text_does_not_tell(sql):
    """Linked, wanted, of one row, or not to be told: all the same."""
    assert unlinked_in(sql) == ()
