"""What is asked of a SELECT's plan is asked where the SELECT ran, not where its name leads else."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from sqlalchemy import URL, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from qprof.runs.profile import profile
from qprof.runs.request import Request
from tests.cli.door import ROOT
from tests.servers.conftest import new_database, run, shown

pytestmark = pytest.mark.server
MODULE = "tests.servers.tenants"
PARCELS = (
    "CREATE TABLE {}parcels (id integer PRIMARY KEY, town varchar(20) NOT NULL)",
    "INSERT INTO {}parcels SELECT i, 't' || i / 20 FROM generate_series(1, 10000) AS i",
)


@pytest.fixture
def app(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    with new_database(request.param) as url:
        fill(url)
        monkeypatch.setenv("QPROF_TEST_TENANTS", shown(url))
        module = importlib.import_module(MODULE)
        yield module
        module.engine.dispose()
        del sys.modules[MODULE]


def fill(url: URL) -> None:
    if url.get_backend_name() == "mariadb":
        run(
            url,
            PARCELS[0].format(""),
            "INSERT INTO parcels SELECT seq, concat('t', seq DIV 20) FROM seq_1_to_10000",
            "ANALYZE TABLE parcels",
        )
        return
    for schema in ("public.", "bare.", "served."):
        run(url, f"CREATE SCHEMA IF NOT EXISTS {schema[:-1]}", PARCELS[0].format(schema))
    # Beside the call the name leads to public: empty for one tenant, full for the other.
    run(url, PARCELS[1].format("bare."), PARCELS[1].format("served."))
    run(url, "CREATE INDEX ON served.parcels (town)", "ANALYZE")


def found(name: str) -> list[str]:
    request = Request(
        [name],
        target=f"{MODULE}:{name}",
        sessions=f"{MODULE}:Own" if name == "told_by_its_session" else None,
        try_indexes=True,
    )
    report = profile(request, str)
    return [each.message for each in report.findings if each.rule == "QP601"]


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
@pytest.mark.parametrize("name", ["told_by_its_session", "told_by_the_call"])
def test_a_tenant_s_own_table_is_explained(name: str, app: ModuleType) -> None:
    """And an index is tried on a copy of that one."""
    (message,) = found(name)
    assert "10,000" in message
    app.TENANT[0] = "served"
    run(app.engine.url, PARCELS[1].format("public."), "ANALYZE")
    assert found(name) == []


@pytest.mark.parametrize("app", ["mariadb", "postgresql"], indirect=True)
def test_an_index_is_tried_through_an_engine_of_the_user_s_own(app: ModuleType) -> None:
    """The trial makes a temporary table, which the guard of the call refuses everybody else."""
    (message,) = found("told_by_its_session")
    assert "On a copy" in message


ORDERS = "CREATE TABLE {}orders (id integer PRIMARY KEY, tenant integer NOT NULL)"
FILLED = "INSERT INTO {}orders SELECT i, mod(i, 2) + 7 FROM generate_series(1, {}) AS i"
ROLE_MAY = (
    "CREATE POLICY own ON orders USING (tenant = current_setting('app.tenant')::integer)",
    "ALTER TABLE orders ENABLE ROW LEVEL SECURITY",
)
STEPS = {"schema": (1, 3), "search_path": (2, 3), "row_level": (2, 5), "database": (1, 4)}
"""Queries and rows by step: that of the tenant's schema, half of the rows, or another database."""


class Ordered(DeclarativeBase):
    pass


class Order(Ordered):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)


def every(session: Session) -> list[Order]:
    return list(session.scalars(select(Order)))


def documented() -> str:
    """Return the setup steps that the documentation shows."""
    text = (ROOT / "docs" / "your-code.md").read_text(encoding="utf-8")
    return text.partition("# myapp/testing.py\n")[2].partition("```")[0]


@pytest.fixture
def tenants(postgresql: URL, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Yield the module of the steps, for a server with a schema, a policy and two databases."""
    run(postgresql, ORDERS.format(""), FILLED.format("", 10), *ROLE_MAY)
    run(postgresql, "CREATE SCHEMA tenant_7", ORDERS.format("tenant_7."))
    run(postgresql, FILLED.format("tenant_7.", 3))
    role = f"reader_{postgresql.database}"
    run(
        postgresql,
        f"CREATE ROLE {role} LOGIN",
        f"GRANT USAGE ON SCHEMA tenant_7 TO {role}",
        f"GRANT SELECT ON public.orders, tenant_7.orders TO {role}",
    )
    with new_database("postgresql") as other:
        run(other, ORDERS.format(""), FILLED.format("", 4))
        engine, elsewhere = create_engine(postgresql.set(username=role)), create_engine(other)
        database = ModuleType("myapp.db")
        vars(database).update(
            engine=engine, engines={"tenant_7": elsewhere}, Sessions=sessionmaker(engine)
        )
        steps = ModuleType("myapp.testing")
        monkeypatch.setitem(sys.modules, "myapp", ModuleType("myapp"))
        monkeypatch.setitem(sys.modules, "myapp.db", database)
        monkeypatch.setitem(sys.modules, "myapp.testing", steps)
        exec(documented(), vars(steps))
        yield steps
        engine.dispose()
        elsewhere.dispose()
    run(postgresql, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


@pytest.mark.parametrize("step", STEPS)
def test_the_documented_steps_say_for_whom_a_call_runs(step: str, tenants: ModuleType) -> None:
    """Each leads to the rows of its tenant, which are not as many as those of the others."""
    request = Request(
        ["every"],
        target=f"{__name__}:every",
        sessions="myapp.db:Sessions",
        setup=f"myapp.testing:{step}",
    )
    (call,) = profile(request, str).calls
    selects = [each for each in call.executions if each.sql.startswith("SELECT")]
    rows = sum(each.rows for each in selects)
    assert (sum(each.count for each in call.executions), rows) == STEPS[step]
