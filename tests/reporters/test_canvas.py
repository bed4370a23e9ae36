"""What a terminal can show, by what the environment says of it."""

from io import StringIO

import pytest

from qprof.reporters.canvas import Canvas, file_link, terminal


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "colour", "links"),
    [
        (Terminal(), {}, True, True),
        (StringIO(), {}, False, False),
        (Terminal(), {"NO_COLOR": "1"}, False, False),
        (Terminal(), {"NO_COLOR": ""}, True, True),
        (Terminal(), {"TERM": "dumb"}, False, False),
        (StringIO(), {"FORCE_COLOR": "1"}, True, False),
        (StringIO(), {"FORCE_COLOR": "0"}, False, False),
        (StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
    ],
)
def test_colours_and_links(
    stream: StringIO,
    environment: dict[str, str],
    colour: bool,
    links: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A pipe has links never, and colours only if they are asked for."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    canvas = terminal(stream)
    assert (canvas.colour, canvas.links) == (colour, links)


@pytest.mark.parametrize(("columns", "width"), [(None, 80), ("140", 140), ("5", 20), ("x", 80)])
def test_the_width_of_a_pipe(
    columns: str | None, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """COLUMNS says it; else it is 80."""
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    assert terminal(StringIO()).width == width


def test_a_place_is_a_link_to_its_line_in_a_terminal_only() -> None:
    """Of a file that is there; a link hides nothing of the text."""
    link = file_link(__file__, 7)
    assert link.startswith("file:///")
    assert link.endswith("/test_canvas.py#L7")
    assert file_link("not/there.py", 7) == ""
    assert Canvas().paint("a.py:7", "cyan", link) == "a.py:7"
    linked = Canvas(links=True).paint("a.py:7", "cyan", link)
    assert f";{link}\x1b\\a.py:7\x1b]8;;" in linked
