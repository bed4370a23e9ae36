"""Where no server runs on after a killed client, no process waits for that."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.pool import NullPool

from qprof.measure import if_killed as module
from qprof.measure.if_killed import watching


def test_no_process_for_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_started", lambda: pytest.fail("a process was started"))
    with watching(), create_engine("sqlite://").connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_a_process_that_is_killed_itself_harms_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's connections are opened, and the block ends, as without it."""
    own = subprocess.Popen(["true"], stdin=subprocess.PIPE)
    own.wait()
    monkeypatch.setattr(module, "_started", lambda: own)
    monkeypatch.setattr(module, "_way", lambda *_: {})
    monkeypatch.setattr(module, "_statements", lambda *_: ["SELECT 1"])
    monkeypatch.setattr(module, "_IDENTITIES", {"sqlite": None})
    with watching(), create_engine("sqlite://", poolclass=NullPool).connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1


@pytest.mark.parametrize(
    "options", [{"ssl": object()}, {"async_creator_fn": print}, {"conv": {}, "cursorclass": dict}]
)
def test_only_what_can_be_said_again_is_said(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection is never opened without its TLS; classes for values are of no matter."""
    written: list[str] = []
    engine = create_engine("sqlite://", poolclass=NullPool)

    @event.listens_for(engine, "do_connect")
    def add(_1: object, _2: object, _3: object, given: dict[str, Any]) -> object:
        given.update(options)
        return engine.dialect.loaded_dbapi.connect(":memory:")

    monkeypatch.setattr(module, "_IDENTITIES", {"sqlite": None})
    monkeypatch.setattr(module, "_statements", lambda *_: ["SELECT 1"])
    monkeypatch.setattr(module, "_started", lambda: None)
    monkeypatch.setattr(module._Watch, "_write", lambda _, line: written.append(line))
    with watching(), engine.connect():
        pass
    assert len(written) == (2 if "conv" in options else 0), written
