"""What is asked of a SELECT's plan is asked where the SELECT ran, not where its name leads else."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from sqlalchemy import URL

from qprof.runs.profile import profile
from qprof.runs.request import Request
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
