"""One finding of a rule for each place of options, and one notice of each kind."""

from pathlib import Path

from qprof.scan.suspects import folded
from tests.scan.trees import IMPORTS, MODELS, scanned

SHARED = """
def everything():
    return select(Artist).options(joinedload(Artist.tracks), joinedload(Artist.albums))
"""
CALLS = "".join(
    f"def {name}(session):\n    return session.scalars(shared.everything()).all()\n"
    for name in ("one", "two", "three", "four", "five")
)


def test_what_several_calls_share_is_told_once(tmp_path: Path) -> None:
    """The helper's options are one defect, whoever calls the helper."""
    files = {"models.py": MODELS, "shared.py": IMPORTS + SHARED, "x.py": "import shared\n" + CALLS}
    files["x.py"] += "# options\n"
    found = folded(scanned(tmp_path, files).suspects)
    assert [each.finding.rule for each in found] == ["QP101"]
    assert found[0].finding.message.endswith("and 2 more calls use the same options.")
    assert len(found[0].changes) == 2


def test_branches_that_add_paths_are_one_finding(tmp_path: Path) -> None:
    """That with the most paths is shown."""
    code = (
        "def page(labels):\n"
        "    found = select(Artist).options(joinedload(Artist.tracks), joinedload(Artist.albums))\n"
        "    if labels:\n"
        "        found = found.options(joinedload(Artist.label).joinedload(Label.offices))\n"
        "    return found.limit(5)\n"
    )
    result = scanned(tmp_path, {"models.py": MODELS, "repo.py": IMPORTS + code})
    found = folded(result.suspects)
    assert len(found) < len(result.suspects)
    assert sorted(each.finding.rule for each in found) == ["QP101", "QP401"]
    assert all("Artist.label.offices" in each.finding.paths for each in found)
    assert not any("same options" in each.finding.message for each in found)


def test_texts_are_one_notice(tmp_path: Path) -> None:
    code = "def old(s):\n    return s.query(Artist).options(joinedload('tracks'))\n"
    again = code.replace("old", "older").replace("tracks", "albums")
    result = scanned(tmp_path, {"models.py": MODELS, "repo.py": IMPORTS + code + again})
    (notice,) = result.notices
    assert "repo.py:7 and 1 more place: joinedload() of the text 'tracks'" in notice
