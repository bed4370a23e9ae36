"""Ctrl-C in the middle: what was measured until then is shown, and nothing passes."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from qprof.cli.outcome import INTERRUPTED, exit_code
from qprof.domain.report import Report
from qprof.reporters import REPORTERS, Canvas
from qprof.runs import progress
from qprof.runs.baseline import write_baseline
from qprof.runs.check import check
from qprof.runs.compare import compare
from qprof.runs.predict import predict
from qprof.runs.profile import profile
from qprof.runs.request import Request, from_config
from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import seed
from qprof.targets.config import Config

CALLS = ("artists.get_all", "artists.search", "albums.newest")


@pytest.fixture
def request_(tmp_path: Path) -> Request:
    """Return a request of three calls on a tiny library."""
    url = f"sqlite:///{tmp_path / 'tiny.db'}"
    seed(url, load_recipe("tiny"))
    return from_config(Config(folder=tmp_path), calls=list(CALLS), database=url)


def say_nothing(_: str) -> None:
    pass


COMMANDS: dict[str, Callable[[Request], Report]] = {
    "profile": lambda asked: profile(asked, say_nothing),
    "compare": lambda asked: compare(asked, (), 1, say_nothing),
    "check": lambda asked: check(asked, None, date(2030, 1, 1), say_nothing),
    "predict": lambda asked: predict(asked, say_nothing),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_what_was_measured_is_shown(
    command: str, request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first call has its figures, the others say why they have none; the exit code is 130."""
    where = {
        "compare": "qprof.runs.compare._compared",
        "predict": "qprof.runs.predict.foresight",
    }.get(command, "qprof.runs.profile._examined")
    interrupt_second(where, monkeypatch)
    report = COMMANDS[command](request_)
    names = [each.name for each in report.calls] or [each.call for each in report.predictions]
    assert names == [CALLS[0]]
    assert report.interrupted
    told = {each.call: each.reason for each in report.unmeasured}
    assert told == {name: f"{name}: stopped by Ctrl-C" for name in CALLS[1:]}
    assert exit_code(report, "never") == INTERRUPTED == 130
    assert "interrupted: 1 of 3 calls measured" in REPORTERS["table"](report, Canvas(500))


def interrupt_second(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the second call of a function raise what Ctrl-C raises."""
    module, _, name = where.rpartition(".")
    real = getattr(__import__(module, fromlist=[name]), name)
    seen: list[object] = []

    def counted(*given: object, **named: object) -> object:
        seen.append(given)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return real(*given, **named)

    monkeypatch.setattr(where, counted)


def test_before_the_first_figure_it_goes_on_up(
    request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing to show."""

    def raises(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("qprof.runs.profile._examined", raises)
    with pytest.raises(KeyboardInterrupt):
        profile(request_, say_nothing)


def test_no_baseline_is_written_of_a_part(
    request_: Request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_second("qprof.runs.profile._examined", monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        write_baseline(request_, tmp_path / "baseline.json", say_nothing)
    assert not (tmp_path / "baseline.json").exists()


def test_who_shows_how_far_it_is_hears_of_each_call(request_: Request) -> None:
    """Before it is run; nobody hears of it otherwise."""
    heard: list[tuple[str, int, int]] = []
    with progress.showing(lambda *each: heard.append(each)):
        profile(request_, say_nothing)
    assert heard == [(name, number, 3) for number, name in enumerate(CALLS)]
    profile(request_, say_nothing)
    assert len(heard) == 3
