"""`qprof bench` as its users meet it."""

import csv
import signal
import subprocess
import time
from pathlib import Path

import pytest

from qprof.cli.bench import Progress
from qprof.cli.interruption import interruptible
from qprof.cli.outcome import encodable
from tests.cli.door import Said, by_process, command, environment, in_process, refused
from tests.cli.test_output import CONTROL, wide

TINY = ("bench", "artists.search", "--recipe", "tiny", "--repeat", "1")


EVERY_CALL = ("bench", "--recipe", "tiny", "--repeat", "1", "--sizes", "1,3", "--plan", "balanced")


@pytest.mark.parametrize("command", [(*TINY, "--axis", "all"), EVERY_CALL])
def test_piped_output_is_plain_and_narrow(command: tuple[str, ...], cache: Path) -> None:
    """Tables, sentences and plots along every axis, and of every built-in call."""
    said = by_process(*command, "--to", "9", cache=cache)
    assert (said.code, wide(said.out)) == (0, [])
    assert not CONTROL.search(said.all)
    assert said.out.count(" to 9 is ") >= 3


def test_progress_is_lines_where_stderr_is_no_terminal(cache: Path) -> None:
    """What is done, and how long it will still take; nothing with --quiet."""
    said = by_process(*TINY, cache=cache)
    first, *_, last = said.err.splitlines()
    assert first == "  0 %  seeding size 1"
    assert last.startswith(" 43 %  artists.search at size 4, about ")
    assert by_process(*TINY, "--quiet", cache=cache).err == ""


def test_a_terminal_gets_one_line_with_the_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Written over, and cleared at the end; half of the work took 40 seconds."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    seconds = iter([0.0, 40.0, 600.0])
    progress = Progress(lambda: next(seconds))
    progress("artists.search at size 1", 0.0)
    progress("size 4", 0.5)
    progress("size 8", 0.5)
    progress.close()
    drawn = capsys.readouterr().err.split("\r")
    assert [each.rstrip() for each in drawn] == [
        "",
        "  0 %  artists.search at size 1",
        " 50 %  size 4, about 40 s left",
        " 50 %  size 8, about 10 min left",
        "",
        "",
    ]


def test_an_ascii_terminal_can_show_it(cache: Path) -> None:
    """No sign of ours is beyond it, and none is lost."""
    done = subprocess.run(
        command(*TINY, "--quiet", "--to", "8"),
        cwd=cache,
        env={**environment(cache), "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )
    text = done.stdout.decode("ascii")
    assert "?" not in text
    assert "is 2.0x beyond" in text


def test_signs_are_replaced_one_by_one() -> None:
    """So that columns stay columns; other people's letters become question marks."""
    assert encodable("0.72 ±0.49 × – é", "ascii") == "0.72 ~0.49 x - ?"
    assert encodable("0.72 ±0.49 × – é", "utf-8") == "0.72 ±0.49 × – é"


def test_a_saved_report_is_rendered_as_it_was(here: Path) -> None:
    """The JSON holds all that the table shows."""
    shown = in_process(*TINY, "-q", "--to", "8", "--check", "-f", "table", "-f", "json=b.json").out
    assert in_process("report", "b.json").out == shown
    assert "measured" in shown


def test_the_figures_go_to_a_spreadsheet(here: Path) -> None:
    """One on a line: two plans, three sizes, four figures."""
    in_process(*TINY, "-q", "-f", "csv=b.csv")
    with (here / "b.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 3 * 4
    assert {row["axis"] for row in rows} == {"library"}


WRONG: dict[str, tuple[list[str], str]] = {
    "own tables": (["--target", "shop:Shop"], "--at 1=URL --at 2=URL --at 4=URL"),
    "sizes": (["--sizes", "1,x"], "'x' is no size"),
    "axis": (["--axis", "child"], "Did you mean 'children'?"),
    "call": (["artists.serch", "--recipe", "tiny"], "Did you mean 'artists.search'?"),
    "check": (["--check"], "--to 8"),
    "one database": (
        ["--at", "1=sqlite:///a.db", "--at", "2=sqlite:///./a.db"],
        "for size 1 and for size 2, and one database has one size",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_input_is_refused(wrong: str) -> None:
    """Exit 2 and one sentence."""
    arguments, said = WRONG[wrong]
    assert said in refused(in_process("bench", "-q", *arguments), 2)


def _interrupted(folder: Path, sent: signal.Signals, *, after: str) -> Said:
    """Stop a long bench once stderr says `after`; its libraries are below `folder`."""
    arguments = command("bench", "artists.search", "--recipe", "tiny", "--sizes", "1,2,4,60000")
    process = subprocess.Popen(
        arguments,
        cwd=folder,
        env={**environment(folder), "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    heard = ""
    while after not in heard:
        heard += process.stderr.readline()
    time.sleep(0.3)
    process.send_signal(sent)
    out, err = process.communicate(timeout=60)
    return Said(process.returncode, out, heard + err)


def test_an_interruption_that_python_drops_is_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is raised while an object is freed is lost; the next step raises it again."""

    class Freed:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    printed: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", printed.append)
    # A job in the background of a script ignores it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with interruptible() as check:
            check()
            Freed()
            with pytest.raises(KeyboardInterrupt):
                check()
        assert printed == []
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_keeps_what_is_done(sent: signal.Signals, tmp_path: Path) -> None:
    """Exit 130, three sizes are fitted, and the library that was being seeded is gone."""
    said = _interrupted(tmp_path, sent, after="seeding size 60000")
    assert said.code == 130, said.all
    assert "Traceback" not in said.err
    assert "not measured: every call from size 60000 on: stopped by Ctrl-C." in said.out
    assert "as-written needs " in said.out.splitlines()[0]
    assert "  ×1 " in said.out
    assert list(tmp_path.iterdir()) == []
