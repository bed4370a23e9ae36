"""What the documents show is what the commands print, and nothing is left undocumented."""

import re
from pathlib import Path

import pytest
import sqlalchemy

from qprof.cli.app import app
from qprof.detectors import DETECTORS
from tests.generated import ROOT, files, outdated

DOCS = ROOT / "docs"


@pytest.mark.skipif(sqlalchemy.__version__ < "2.1", reason="the pages are of the newest line")
@pytest.mark.parametrize("page", files(), ids=lambda page: page.name)
def test_generated_blocks_are_up_to_date(page: Path) -> None:
    """Every block says what its command prints, times apart; make docs writes them anew."""
    assert not outdated(page)


def test_every_rule_has_its_page() -> None:
    """docs/rules.md is made from the registry."""
    text = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert [rule.id for rule in DETECTORS if f"begin: qprof rule {rule.id} " not in text] == []


def test_every_command_has_its_help() -> None:
    """docs/commands.md shows the help of each command."""
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    names = [command.callback.__name__ for command in app.registered_commands if command.callback]
    assert [name for name in names if f"begin: qprof {name} --help " not in text] == []


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
    return [ROOT / "README.md", *DOCS.glob("*.md")]


def _links(page: Path) -> list[str]:
    parts = page.read_text(encoding="utf-8").split("](")[1:]
    targets = [part.partition(")")[0] for part in parts]
    return [target for target in targets if "://" not in target]
