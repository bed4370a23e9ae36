"""Databases of their own on the servers that environment variables name."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import URL, create_engine, make_url, select
from sqlalchemy.pool import NullPool

from qprof.seeding.library.models import Base
from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import SeededLibrary, seed

VARIABLES = {"postgresql": "QPROF_TEST_POSTGRESQL", "mariadb": "QPROF_TEST_MARIADB"}
DROP = {"postgresql": "DROP DATABASE {} WITH (FORCE)", "mariadb": "DROP DATABASE {}"}


def server_of(kind: str) -> URL:
    """Return the URL of a server, or skip; with QPROF_REQUIRE_SERVERS it must be there."""
    url = os.environ.get(VARIABLES[kind])
    if url:
        return make_url(url)
    if os.environ.get("QPROF_REQUIRE_SERVERS") == "1":
        pytest.fail(f"QPROF_REQUIRE_SERVERS is 1, and {VARIABLES[kind]} is not set")
    pytest.skip(f"needs a server: set {VARIABLES[kind]} to a URL of a user who may make databases")


def run(url: URL, *statements: str) -> list[tuple]:
    """Run statements one by one, each for good, and answer with the rows of the last one."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        results = [connection.exec_driver_sql(each) for each in statements]
        return [tuple(row) for row in results[-1]] if results[-1].returns_rows else []


@contextmanager
def new_database(kind: str) -> Iterator[URL]:
    server, name = server_of(kind), f"qprof_test_{secrets.token_hex(6)}"
    run(server, f"CREATE DATABASE {name}")
    try:
        yield server.set(database=name)
    finally:
        run(server, DROP[kind].format(name))


@pytest.fixture(params=VARIABLES)
def empty(request: pytest.FixtureRequest) -> Iterator[URL]:
    """Make an empty database on each kind of server in turn."""
    with new_database(request.param) as url:
        yield url


@pytest.fixture
def postgresql() -> Iterator[URL]:
    with new_database("postgresql") as url:
        yield url


@pytest.fixture
def mariadb() -> Iterator[URL]:
    with new_database("mariadb") as url:
        yield url


@pytest.fixture(scope="session", params=VARIABLES)
def tiny(request: pytest.FixtureRequest) -> Iterator[URL]:
    """Seed a tiny library on each kind of server, which no test changes."""
    with new_database(request.param) as url:
        seed(url, load_recipe("tiny"))
        yield url


@pytest.fixture
def seed_into() -> Callable[..., SeededLibrary]:
    def into(url: URL | str, recipe: str = "tiny", **options: object) -> SeededLibrary:
        return seed(url, load_recipe(recipe), **options)

    return into


def dump(url: URL | str) -> dict[str, list[tuple]]:
    """Every row of every table, in the order of the primary key."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in Base.metadata.sorted_tables
        }


def tables(url: URL) -> set[str]:
    """Name everything that is a table or a view."""
    schema = "current_schema()" if url.get_backend_name() == "postgresql" else "database()"
    query = f"SELECT table_name FROM information_schema.tables WHERE table_schema = {schema}"
    return {name for (name,) in run(url, query)}


def shown(url: URL) -> str:
    return url.render_as_string(hide_password=False)
