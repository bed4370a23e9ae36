"""Imports what the commands of `test_ends` need, once, before they are forked."""

from importlib import import_module

MODULES = (
    "aiomysql",
    "asyncpg",
    "psycopg",
    "psycopg2",
    "pydantic",
    "pymysql",
    "qprof.cli.app",
    "qprof.cli.bench",
    "qprof.cli.check",
    "qprof.cli.compare",
    "qprof.cli.predict",
    "qprof.cli.profile",
    "sqlalchemy.dialects.mysql.aiomysql",
    "sqlalchemy.dialects.mysql.pymysql",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.postgresql.psycopg2",
    "tests.servers.sleepers",
)
for each in MODULES:
    import_module(each)
