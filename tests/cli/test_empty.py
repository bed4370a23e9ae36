"""A call that returned no row: nothing is judged of it, and that is said."""

from pathlib import Path

from tests.cli.door import in_process

NOTHING = ("artists.search", "--arg", "query=no such artist")


def flat(text: str) -> str:
    return " ".join(text.split())


def test_it_is_not_called_fine(here: Path, tiny: str) -> None:
    """With the arguments that it had, and how to give others."""
    said = in_process("profile", *NOTHING, "-d", tiny)
    assert said.code == 0, said.all
    assert said.out.startswith("artists.search(query='no such artist') returned no row\n")
    assert "so its cost is not known. Give values that rows have: --arg," in flat(said.out)


def test_it_is_counted_apart(here: Path, tiny: str) -> None:
    """Among calls that are fine, and in the table of all."""
    (here / "qprof.toml").write_text('[calls."artists.search"]\nquery = "no such artist"\n')
    said = in_process(
        "profile", "tracks.get_all", "albums.with_artist", "artists.search", "-d", tiny
    )
    assert said.out.startswith("2 calls are fine, 1 returned no row\n"), said.out
    (row,) = [each for each in said.out.splitlines() if each.startswith("  artists.search ")]
    assert "no row came back" in row


def test_no_plan_is_recommended_for_it(here: Path, tiny: str) -> None:
    """Every plan is as fast where there is nothing to load."""
    said = in_process("compare", *NOTHING, "-d", tiny)
    assert said.out.startswith("Nothing to compare: no row came back\n"), said.out
