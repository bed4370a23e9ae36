"""Applications in the styles found in the wild: from nothing to a first finding, by four commands.

The first is the installation; the others are typed here. No file of an application is edited.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.door import ROOT, Said, environment
from tests.cli.forking import run_forked

WILD = ROOT / "tests" / "apps" / "wild"
PASSWORD = "correct horse"


@dataclass(frozen=True)
class FirstHour:
    """What is typed for an application, and what is true of it."""

    commands: tuple[tuple[str, ...], ...]
    call: str
    rule: str
    queries: int
    rows: int
    fill: tuple[str, ...] = ("fill.py",)
    ready: tuple[str, ...] = ()
    """What `init` lists as ready, beside the call."""


def _web(target: str, *login: str) -> tuple[tuple[str, ...], ...]:
    return ("init", "--target", target, *login, "--write"), ("profile",)


APPS = {
    "fastapi_oauth": FirstHour(
        _web(
            "shop.main:app",
            *("--login", "POST /token --form username=ann --form 'password=${PASSWORD}'"),
        ),
        "GET /api/v1/artists/",
        "QP201",
        # The user of the token, the artists, and the albums of each: all by hand from fill.py.
        1 + 1 + 20,
        1 + 20 + 60,
        ready=("GET /api/v1/artists/{artist_id}",),
    ),
    "sqlmodel_async": FirstHour(_web("heroes.app:app"), "GET /teams", "QP101", 1, 10 * 12 * 8),
    "flask_login": FirstHour(
        _web(
            "blog:create_app",
            *("--login", "POST /login --form name=ann --form 'password=${PASSWORD}'"),
        ),
        "GET /",
        "QP201",
        1 + 1 + 25,
        1 + 25 + 50,
        ready=("GET /posts/<int:post_id>", "GET /search"),
    ),
    "litestar_repositories": FirstHour(
        _web("books.app:app"),
        "GET /authors",
        "QP101",
        1,
        10 * 9 * 6,
        ready=("GET /authors/{author_id}",),
    ),
    "starlette_unit": FirstHour(
        _web("depot.app:app"), "GET /api/weights", "QP201", 1 + 15, 15 + 60
    ),
    "pyramid_zope": FirstHour(
        _web("forum:main"),
        "GET /topics",
        "QP201",
        1 + 18,
        18 + 54,
        ready=(r"GET /topics/{topic_id:\d+}",),
    ),
    "celery_worker": FirstHour(
        (("profile", "--target", "worker.tasks:invoices"),), "invoices", "QP201", 1 + 22, 22 + 44
    ),
    "command_line": FirstHour(
        (("run", "--", sys.executable, "-m", "ledger", "report"),),
        "report",
        "QP201",
        1 + 12,
        12 + 60,
        fill=("-m", "ledger", "fill"),
    ),
}


@pytest.fixture
def typed(tmp_path: Path) -> Any:
    """Return what types a command of qprof in the folder of an application."""
    known = {
        **environment(tmp_path / "cache"),
        "PASSWORD": PASSWORD,
        # What they import warns of itself.
        "PYTHONWARNINGS": "ignore",
    }

    def run(*words: str) -> Said:
        return Said(*run_forked(words, tmp_path / "app", known))

    return run


@pytest.mark.parametrize("name", APPS)
def test_leads_to_a_first_finding(name: str, typed: Any, tmp_path: Path) -> None:
    """Which is true: its figures are those of the rows that were put into the database."""
    app, folder = APPS[name], tmp_path / "app"
    shutil.copytree(WILD / name, folder, ignore=shutil.ignore_patterns("__pycache__"))
    before = _content(folder)
    _fill(app, folder)
    assert 1 + len(app.commands) <= 4
    for words in app.commands[:-1]:
        said = typed(*words)
        assert said.code == 0, said.all
    command, *rest = app.commands[-1]
    said = typed(command, "--format", "json=report.json", *rest)
    assert said.code == 0, said.all
    text = (folder / "report.json").read_text()
    _assert_true(app, json.loads(text))
    assert PASSWORD not in said.all + text
    after = _content(folder)
    assert {file: after[file] for file in before} == before


def _fill(app: FirstHour, folder: Path) -> None:
    """Fill the database of an application, by a program of its own."""
    python = [sys.executable, "-W", "ignore", *app.fill]
    known = {**os.environ, "PYTHONPATH": str(folder)}
    subprocess.run(python, cwd=folder, env=known, check=True, capture_output=True)


def _assert_true(app: FirstHour, report: Any) -> None:
    call = next(each for each in report["calls"] if each["name"].endswith(app.call))
    assert (call["queries"], call["rows"]) == (app.queries, app.rows)
    rules = [each["rule"] for each in report["findings"] if each["call"] == call["name"]]
    assert app.rule in rules
    assert {each["name"] for each in report["calls"]} >= {*app.ready}


def _content(folder: Path) -> dict[str, bytes]:
    """Return the application's own files."""
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in folder.rglob("*.py")
        if each.is_file()
    }
