"""Results print themselves: as the command's table, and as HTML in a notebook."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

import qprof
from tests.api.shop import Artist, get_all, search, shop


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.chdir(tmp_path)
    yield from shop(f"sqlite:///{tmp_path / 'shop.db'}")


class Tags(HTMLParser):
    """Fails on a tag that is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_result_prints_itself(engine: Engine) -> None:
    """The same text by str, repr and print; the figures are those of its attributes."""
    result = qprof.profile(search, engine)
    assert str(result) == repr(result)
    assert "SELECT Artist, 2 joins  root             1  1,000  6,000" in str(result)
    assert "+ " in str(result)
    assert "selectinload(Artist.albums)" in str(result)
    assert max(map(len, str(result).splitlines())) <= 80


def test_every_result_is_html_in_a_notebook(engine: Engine) -> None:
    """Well-formed, without scripts, and with the user's text escaped."""
    with qprof.record("<b>block</b>") as seen, Session(engine) as session:
        search(session)
    results = [
        qprof.profile(search, engine, name="<script>alert(1)</script>"),
        qprof.compare(search, engine, repeat=1),
        qprof.predict(search, engine),
        seen,
    ]
    for each in results:
        tags = Tags()
        tags.feed(each._repr_html_())
        assert tags.open == []
        assert "table" in tags.seen
        assert not tags.seen & {"script", "style", "link"}
        assert "1,000" in tags.text


def test_a_result_is_saved_and_read_again(engine: Engine, tmp_path: Path) -> None:
    """`qprof report` shows it."""
    result = qprof.profile(search, engine)
    result.save("report.json")
    assert json.loads(Path("report.json").read_text())["calls"][0]["rows"] == 1000
    done = subprocess.run(
        [sys.executable, "-m", "qprof", "report", "report.json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "1,000" in done.stdout
    with pytest.raises(qprof.QprofError, match="Did you mean 'markdown'"):
        result.text("markdwn")


def test_a_block_counts_for_what_is_around_it(engine: Engine) -> None:
    """At any time, also while it runs."""
    with qprof.record() as outer, Session(engine) as session:
        get_all(session)
        assert outer.rows == 260
        with qprof.record() as inner:
            session.expire_all()
            search(session)
        assert (inner.rows, outer.rows) == (1000, 1260)
    assert str(qprof.RecordResult("nothing")) == "nothing sent no statement through SQLAlchemy."


def test_a_function_is_recorded_at_each_call(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    """Plain and async; nothing is printed where `then` takes the result."""
    seen: list[qprof.RecordResult] = []

    @qprof.record(then=seen.append)
    def count_all() -> int:
        with Session(engine) as session:
            return len(search(session))

    @qprof.record("names")
    async def names() -> int:
        with Session(engine) as session:
            return len(session.scalars(select(Artist)).all())

    assert (count_all(), count_all(), asyncio.run(names())) == (10, 10, 10)
    assert [(each.name, each.rows) for each in seen] == [("count_all", 1000)] * 2
    assert "names" in capsys.readouterr().err


def test_a_block_that_raises_is_recorded_and_raises(engine: Engine) -> None:
    """The error passes through."""
    seen: list[qprof.RecordResult] = []

    @qprof.record(then=seen.append)
    def failing() -> None:
        with Session(engine) as session:
            search(session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert seen[0].rows == 1000


def test_generators_and_missing_brackets_are_refused() -> None:
    """With what to write instead."""
    with pytest.raises(qprof.QprofError, match="is a generator"):

        @qprof.record()
        def numbers() -> Iterator[int]:
            yield 1

    with pytest.raises(qprof.QprofError, match="with its brackets"):
        qprof.record(test_generators_and_missing_brackets_are_refused)  # type: ignore[arg-type]


def test_importing_qprof_imports_nothing_else() -> None:
    """Neither SQLAlchemy nor a part of qprof, until something is asked for."""
    code = "import qprof, sys; print([m for m in sys.modules if m.startswith(('qprof.', 'sqla'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        qprof.nothing  # noqa: B018
