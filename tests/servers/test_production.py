"""Behind what production has, a call is measured, or one sentence says why not."""

from __future__ import annotations

import importlib
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType

import pytest
from sqlalchemy import URL

from qprof.domain.errors import MeasureError
from qprof.domain.report import Report
from qprof.runs.compare import compare
from qprof.runs.predict import predict
from qprof.runs.profile import profile
from qprof.runs.request import Request
from tests.servers.conftest import run, shown

pytestmark = pytest.mark.server
MODULE = "tests.servers.production"
COMMANDS: dict[str, Callable[[Request], Report]] = {
    "profile": lambda request: profile(request, str),
    "compare": lambda request: compare(request, (), 1, str),
    "predict": lambda request: predict(request, str),
}
ROLES = {
    "postgresql": (
        "CREATE ROLE {0} LOGIN PASSWORD 'reads'",
        "GRANT SELECT ON genres, artists TO {0}",
        "ALTER ROLE {0} SET statement_timeout = '1500ms'",
        "ALTER ROLE {0} SET idle_in_transaction_session_timeout = '20s'",
        "ALTER TABLE genres ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY few ON genres FOR SELECT TO {0} USING (id <= 2)",
    ),
    "mariadb": (
        "CREATE USER {0} IDENTIFIED BY 'reads' WITH MAX_STATEMENT_TIME 1.5",
        "GRANT SELECT ON {1}.genres TO {0}",
        "GRANT SELECT ON {1}.artists TO {0}",
    ),
}
DROPS = {
    "postgresql": (
        "DROP POLICY few ON genres",
        "ALTER TABLE genres DISABLE ROW LEVEL SECURITY",
        "DROP OWNED BY {0}",
        "DROP ROLE {0}",
    ),
    "mariadb": ("DROP USER {0}",),
}


@contextmanager
def reader(url: URL) -> Iterator[URL]:
    """Make a role with few rights, and limits of its own."""
    name, kind = f"qprof_{secrets.token_hex(4)}", url.get_backend_name()
    run(url, *(each.format(name, url.database) for each in ROLES[kind]))
    try:
        yield url.set(username=name, password="reads")
    finally:
        run(url, *(each.format(name) for each in DROPS[kind]))


@pytest.fixture
def app(tiny: URL, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    with reader(tiny) as url:
        monkeypatch.setenv("QPROF_TEST_PRODUCTION", shown(url))
        monkeypatch.setenv("QPROF_TEST_ADMIN", shown(tiny))
        module = importlib.import_module(MODULE)
        yield module
        module.engine.dispose()
        del sys.modules[MODULE]


def asked(name: str, module: ModuleType, door: str) -> Request:
    return Request(
        [name],
        target=f"{MODULE}:{name}",
        sessions=f"{MODULE}:Own" if door == "--sessions" else None,
        database=shown(module.engine.url) if door == "--database" else None,
    )


@pytest.mark.parametrize("door", ["--sessions", "--database"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_role_with_few_rights_is_enough(command: str, door: str, app: ModuleType) -> None:
    """Where PostgreSQL hides rows of a table, the others are those that are counted."""
    report = COMMANDS[command](asked("genres", app, door))
    if command != "predict":
        everything = 2 if app.engine.dialect.name == "postgresql" else None
        assert report.calls[0].rows == (everything or report.calls[0].rows)
        assert report.calls[0].rows


REFUSED = {
    "tracks": r"tracks raised .*(permission denied|command denied)",
    "sleeps": r"sleeps raised .*(statement timeout|max_statement_time)",
    "loses_its_connection": r"loses_its_connection raised .*(terminat|closed|[Ll]ost conn|gone)",
}


@pytest.mark.parametrize("door", ["--sessions", "--database"])
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", REFUSED)
def test_what_ends_a_call_is_one_sentence(
    name: str, command: str, door: str, app: ModuleType
) -> None:
    with pytest.raises(MeasureError, match=REFUSED[name]) as caught:
        COMMANDS[command](asked(name, app, door))
    assert "\n" not in str(caught.value)
    assert "reads" not in str(caught.value).replace("qprof only reads", "")


OPTIONS = {
    "postgresql": ("port=abc", "sslmode=bogus", "prepare_threshold=x", "foo=bar"),
    "mariadb": ("port=abc", "charset=bogus", "ssl_ca=/nofile", "read_timeout=a", "ssl=true"),
}


def test_an_option_of_a_url_that_no_driver_takes_is_one_sentence(app: ModuleType) -> None:
    for option in OPTIONS[app.engine.dialect.name]:
        request = Request(
            ["genres"],
            target=f"{MODULE}:genres",
            database=f"{shown(app.engine.url)}?{option}",
        )
        with pytest.raises(Exception, match=r"(?i)could not be opened|failed|no number") as caught:
            profile(request, str)
        assert caught.type.__module__ == "qprof.domain.errors"
        assert "\n" not in str(caught.value)
        assert ":reads@" not in str(caught.value)
