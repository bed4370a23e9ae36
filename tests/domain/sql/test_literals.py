"""No value of a statement's text gets out of it, whatever the database lets it look like."""

import random
import re

import pytest

from qprof.domain.sql.literals import without_values

SECRET = "SECRET4711x"
STRINGS = (
    *("'{}'", "'it''s {}'", "'{}'' ; -- '", "N'{}'", "'a \" {}'", "'/* {}'", "'a\n{}'"),
    *("'$$ {} '", "'` {}'", '\'{{"k": "{}"}}\'', "'-- {}'", "'[{}]'"),
)
DIALECTS = {
    "sqlite": (*STRINGS, '"{}"', '"a "" {}"', "x'{}'", "'a\\', '{}'"),
    "postgresql": (
        *STRINGS,
        *("E'a\\' {}'", "e'\\\\{}'", "U&'{}'", "$${}$$", "$t$ $$ ' {} $t$", "B'{}'"),
        *("'\\', '{}'", "ARRAY['{}']", "'{}'::text", "$t1$'{}'$t1$"),
    ),
    "mysql": (
        *STRINGS,
        *('"{}"', "'a\\' {}'", "'\\\\', '{}'", "_utf8mb4'{}'", '"a\\" {}"', '"it\'s {}"'),
        *("'x\\'', '{}'", "X'{}'"),
    ),
}
DIALECTS["mariadb"] = DIALECTS["mysql"]
NUMBERS = (
    "4711471147",
    "-4711471147.5",
    "1.5e4711471147",
    "0x4711471147",
    ".4711471147",
    "4711471147_1",
)
COMMENTS = {
    "sqlite": ("-- {}\n", "/* {} */", "/* ' {} */"),
    "postgresql": ("-- {}\n", "/* /* a */ {} */", "/*+ {} */"),
    "mysql": ("-- {}\n", "# {}\n", "/* {} */", "/*! {} */"),
}
COMMENTS["mariadb"] = COMMENTS["mysql"]
FRAMES = (
    "SELECT a.x AS y FROM t AS a WHERE a.x = {} AND a.z IN ({}, {})",
    "SELECT {} FROM t JOIN u ON t.id = u.t_id WHERE u.x LIKE {} OR lower(u.y) = {}",
    "INSERT INTO t (a, b) VALUES ({}, {})",
    "UPDATE t SET a = {}, b={} WHERE c BETWEEN {} AND {}",
    "DELETE FROM t WHERE a<>{} OR b||{} = c",
    "SELECT CASE WHEN a={} THEN {} ELSE {} END FROM t LIMIT 5",
    "WITH n AS (SELECT {} AS v) SELECT v FROM n ORDER BY v",
)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_secret_gets_out_of_any_place(dialect: str) -> None:
    """Statements of every frame, with values and comments at every place, all at random."""
    chance = random.Random(dialect)
    values = [each.replace("{}", SECRET).replace("{{", "{") for each in DIALECTS[dialect]]
    for _ in range(1000):
        sql = re.sub(r"\{\}", lambda _: chance.choice([*values, *NUMBERS]), chance.choice(FRAMES))
        comment = chance.choice(COMMENTS[dialect]).replace("{}", SECRET)
        if chance.random() < 0.5:
            sql = f"{comment}{sql}"
        bare = without_values(sql, dialect)
        assert "SECRET" not in bare, sql
        assert "4711" not in bare, sql
        assert without_values(bare, dialect) == bare


@pytest.mark.parametrize("dialect", [*DIALECTS, "oracle", ""])
def test_what_never_ends_is_a_value_to_the_end(dialect: str) -> None:
    """A text that is cut off shows nothing of what was begun, and nothing is too much to read."""
    for begun in ("'SECRET", "'a''SECRET", "/* SECRET", "-- SECRET"):
        assert "SECRET" not in without_values(f"SELECT 1 {begun}", dialect)
    assert without_values("'" * 100_001, dialect) == "?"


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("sqlite", 'SELECT "order"."a b" AS "x y" FROM "order" AS o1 JOIN "t" ON "t"."a" = o1."b"'),
        ("sqlite", 'INSERT INTO "order" ("group", b) VALUES (?, ?) RETURNING "order"."id"'),
        ("sqlite", 'UPDATE "order" SET "group"=?, "b"=? WHERE "order".id = ?'),
        ("sqlite", 'CREATE TABLE "a b" ("c" INTEGER, PRIMARY KEY ("c"))'),
        ("sqlite", "SELECT `a`.[b c] FROM `a` WHERE a.id IN (__[POSTCOMPILE_id_1])"),
        ("postgresql", 'SELECT "A"."b c"::int FROM "A" WHERE x = %(x_1)s AND y = $1 AND z = :z'),
        ("mysql", "SELECT `a b`.c1 FROM `a b` WHERE c1 = %s AND @v = 5--c2".replace("5", "c3")),
    ],
)
def test_names_and_parameters_stay(dialect: str, sql: str) -> None:
    """What is quoted as a name, and what stands for a parameter, is no value."""
    assert without_values(sql, dialect) == sql


def test_a_list_is_one_value() -> None:
    """Statements that differ by the length of a list are one."""
    for numbers in ("1", "1, 2", "1, 'a',\n 3"):
        assert without_values(f"SELECT 1 WHERE x IN ({numbers})", "") == "SELECT ? WHERE x IN (?)"
