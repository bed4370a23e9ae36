"""What the documents show is what the commands print, and nothing is left undocumented."""

import re
from pathlib import Path

import pytest
import sqlalchemy
import yaml

import qprof
from qprof.cli.baseline import baseline
from qprof.cli.names import COMMANDS
from qprof.judge.detectors import DETECTORS
from tests.generated import ROOT, drift, files, with_rules

DOCS = ROOT / "docs"
QPROF = Path(qprof.__file__).parent


@pytest.mark.skipif(sqlalchemy.__version__ < "2.1", reason="the pages are of the newest line")
@pytest.mark.parametrize("page", files(), ids=lambda page: page.name)
def test_generated_blocks_are_up_to_date(page: Path) -> None:
    """Every block says what its command prints, times apart; make docs writes them anew."""
    assert drift(page) == ""


def test_every_rule_has_its_page() -> None:
    """docs/rules.md is made from the registry."""
    text = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert [rule.id for rule in DETECTORS if f"begin: qprof rule {rule.id} " not in text] == []


def test_a_rule_without_a_section_gets_one_in_its_place() -> None:
    """So a new rule edits no page by hand; sections that are there stay as they are."""
    text = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert with_rules(text) == text
    one = re.search(r"^## QP202\n.*?(?=^## )", text, re.MULTILINE | re.DOTALL)
    assert one
    made = "## QP202\n\n<!-- begin: qprof rule QP202 -->\n<!-- end -->\n\n"
    assert with_rules(text.replace(one[0], "")) == text.replace(one[0], made)


def test_every_command_has_its_help() -> None:
    """docs/commands.md shows the help of each command."""
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    names = [name for name in COMMANDS if name != "baseline"]
    assert [name for name in names if f"begin: qprof {name} --help " not in text] == []


def test_each_baseline_command_has_its_help() -> None:
    """Commands of a group are commands."""
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    names = [each.callback.__name__ for each in baseline.registered_commands if each.callback]
    assert [name for name in names if f"begin: qprof baseline {name} --help " not in text] == []


@pytest.mark.skipif(not (ROOT / ".ci").is_dir(), reason="the repository is not here")
@pytest.mark.parametrize("page", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_the_files_that_are_named_are_there(page: str) -> None:
    """A guide through the house leads to no empty room; x.py and QP299 stand for what is new."""
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`", text))
    old = {name for name in named if not re.search(r"/(x|example|QP299)\.\w+$", name)}
    assert len(old) > 5
    assert {name for name in old if not any((r / name).exists() for r in (ROOT, QPROF))} == set()


def test_yaml_in_the_documents_parses() -> None:
    """What is to be pasted, and the composite action of this repository."""
    found = [
        yaml.safe_load(block)
        for page in _pages()
        for block in re.findall(r"^```yaml\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    ]
    assert len(found) >= 4
    assert all(isinstance(each, dict) for each in found)


@pytest.mark.skipif(not (ROOT / "action.yml").is_file(), reason="the repository is not here")
def test_the_action_gives_its_steps_what_they_read() -> None:
    """Each input that a step reads is declared, and none is pasted into a shell script."""
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    read = re.findall(r"inputs\.([\w-]+)", str(action["runs"]))
    assert set(read) == set(action["inputs"])
    assert all("${{" not in step["run"] for step in action["runs"]["steps"])


def test_links_between_the_documents_lead_somewhere() -> None:
    """A relative link in README.md or docs/ names a file that is there, and a heading in it."""
    missing = [
        f"{page.name}: {link}"
        for page in _pages()
        for link in _links(page)
        if not _leads_somewhere(page, link)
    ]
    assert missing == []


def _leads_somewhere(page: Path, link: str) -> bool:
    file, _, heading = link.partition("#")
    target = page.parent / file if file else page
    return target.exists() and (not heading or heading in _headings(target))


def _headings(page: Path) -> set[str]:
    """Return the headings of a page, as links write them."""
    lines = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", line).lower().replace(" ", "-") for line in lines}


def _pages() -> list[Path]:
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.glob("*.md")]


def _links(page: Path) -> list[str]:
    parts = page.read_text(encoding="utf-8").split("](")[1:]
    targets = [part.partition(")")[0] for part in parts]
    return [target for target in targets if "://" not in target]
