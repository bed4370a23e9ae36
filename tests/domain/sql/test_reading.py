"""What kind of statement a text is."""

import pytest

from qprof.domain.sql.reading import (
    beyond_columns,
    drops_joined_rows,
    limits,
    limits_result,
    main_table,
    reads_one_table,
    reads_tables,
    takes_all,
    takes_pages,
)


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        ("SELECT id FROM artist", True),
        ("/* traced */ (select id from artist)", True),
        ("WITH a AS (SELECT 1) SELECT * FROM a FOR UPDATE", True),
        ("SELECT nextval('artist_id_seq')", False),
        ("WITH a AS (SELECT 1) UPDATE artist SET name = ?", False),
        ("WITH gone AS (DELETE FROM artist RETURNING id) SELECT * FROM gone", False),
        ("INSERT INTO artist SELECT * FROM other", False),
        ("SAVEPOINT sa_savepoint_1", False),
        ("", False),
    ],
)
def test_reads_tables(sql: str, reads: bool) -> None:
    assert reads_tables(sql) is reads


@pytest.mark.parametrize(
    ("where", "pages"),
    [
        ("WHERE artist_id = ?", False),
        ("WHERE artist_id = ? ORDER BY plays LIMIT ?", False),
        ("WHERE artist_id = ? AND status IN (__[POSTCOMPILE_s])", False),
        ("WHERE name LIKE ?", False),
        ("WHERE played >= ?", False),
        ('WHERE artist_id = ? AND artist."offset" = ?', False),
        ("ORDER BY id LIMIT ? OFFSET ?", True),
        ("ORDER BY id OFFSET ? ROWS FETCH NEXT ? ROWS ONLY", True),
        ("WHERE id > ? ORDER BY id LIMIT ?", True),
        ("WHERE id IN (__[POSTCOMPILE_id_1])", True),
    ],
)
def test_takes_pages(where: str, pages: bool) -> None:
    assert takes_pages(f"SELECT id, name FROM artist {where}") is pages


def test_limits() -> None:
    assert limits("SELECT id FROM artist LIMIT 5")
    assert not limits("SELECT DISTINCT id, 'LIMIT' FROM artist")


@pytest.mark.parametrize(
    ("sql", "own"),
    [
        ("SELECT a.id FROM a LIMIT ? OFFSET ?", True),
        ("(SELECT a.id FROM a LIMIT 5)", True),
        ("SELECT a.id FROM a LIMIT -1 OFFSET ?", True),
        ("SELECT a.id FROM a\n LIMIT %(param_1)s::INTEGER", True),
        ("SELECT a.id FROM a LIMIT :param_1", True),
        ("SELECT a.id FROM a LIMIT CAST(? AS INTEGER)", True),
        ("SELECT a.id FROM a LIMIT __[POSTCOMPILE_param_1]", True),
        ("SELECT a.id FROM a ORDER BY a.id OFFSET 5 ROWS FETCH FIRST 5 ROWS ONLY", True),
        ("SELECT DISTINCT TOP __[POSTCOMPILE_param_1] a.id FROM a", True),
        ("SELECT a.id FROM a WHERE ROWNUM <= 5", True),
        ('SELECT a.id, a."limit" FROM a ORDER BY a."limit"', False),
        ("SELECT a.id, a.`offset` AS `a limit 5` FROM a", False),
        ("SELECT a.top, a.offset, a.rownum, a.fetch FROM a WHERE a.limit = ?", False),
        ("SELECT top, a.limit AS a_limit, offset FROM a ORDER BY top", False),
        ("SELECT a.id FROM a WHERE a.id IN (SELECT b.id FROM b LIMIT 3)", False),
        ("SELECT s.id FROM (SELECT a.id FROM a LIMIT 3) AS s JOIN b ON true", False),
    ],
)
def test_limits_result(sql: str, own: bool) -> None:
    """A clause of the SELECT's own: no column of that name, and no subquery's."""
    assert limits_result(sql) is own


@pytest.mark.parametrize(
    ("sql", "whole"),
    [
        ("SELECT a.id FROM a WHERE a.name = ?", True),
        ("SELECT a.id FROM a WHERE EXISTS (SELECT b.id FROM b LIMIT 1)", False),
        ("SELECT a.id FROM a ORDER BY a.id OFFSET 5 ROWS", False),
        ("SELECT TOP 5 a.id FROM a", False),
        ('SELECT a.top, a."offset" AS a_offset, a."limit" FROM a', True),
        ("(WITH RECURSIVE c AS (SELECT 1) SELECT a.id FROM a, c)", False),
    ],
)
def test_takes_all(sql: str, whole: bool) -> None:
    assert takes_all(sql) is whole


@pytest.mark.parametrize(
    ("sql", "one"),
    [
        ("SELECT a.id, a.name FROM a WHERE a.id IN (SELECT b.id FROM b JOIN c ON true)", True),
        ("SELECT a.id, (SELECT max(b.id) FROM b, c) AS m FROM a ORDER BY a.id, a.name", True),
        ("SELECT a.id FROM a, b", False),
        ("SELECT a.id FROM a LEFT OUTER JOIN b ON b.id = a.id", False),
        ("SELECT 1", False),
    ],
)
def test_reads_one_table(sql: str, one: bool) -> None:
    assert reads_one_table(sql) is one


def test_a_new_column_leaves_what_is_beyond_the_columns() -> None:
    assert beyond_columns("SELECT a, b FROM t WHERE c = 1") == "FROM t WHERE c = ?"
    assert beyond_columns("SELECT 1") == "SELECT ?"


@pytest.mark.parametrize(
    ("sql", "drops"),
    [
        ("SELECT DISTINCT a.name FROM a JOIN b ON b.a_id = a.id", True),
        ("SELECT DISTINCT ON (a.id) a.name FROM a LEFT OUTER JOIN b ON b.a_id = a.id", True),
        ("select distinct a.name from a, b where b.a_id = a.id", True),
        ("SELECT count(*) FROM (SELECT DISTINCT a.id FROM a JOIN b ON true) AS x", True),
        ("SELECT DISTINCT a.name, a.id FROM a WHERE a.id IN (1, 2)", False),
        ("SELECT DISTINCT a.name FROM a WHERE EXISTS (SELECT 1 FROM b JOIN c ON true)", False),
        ("SELECT x.id, b.id FROM (SELECT DISTINCT a.id FROM a) AS x JOIN b ON true", False),
        ("SELECT a.name FROM a JOIN b ON b.a_id = a.id", False),
        ("SELECT DISTINCT a.name FROM a ORDER BY a.name, a.id", False),
    ],
)
def test_drops_joined_rows(sql: str, drops: bool) -> None:
    """The DISTINCT and the join have to be of the same SELECT."""
    assert drops_joined_rows(sql) is drops


def test_the_main_table_is_none_of_a_select_among_the_columns() -> None:
    """As a column_property has one."""
    among = "SELECT p.id, (SELECT count(k.id) FROM k WHERE k.p_id = p.id) AS n FROM p"
    assert main_table(among) == "p"
    assert main_table('SELECT 1 FROM main."album" AS a') == 'main."album"'
    assert main_table("SELECT 1") is None
