"""The documentation site: every question has its page, and every rule its own."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from qprof.runs.rules import RULES
from tests.generated import ROOT

DOCS = ROOT / "docs"


def test_each_question_has_its_answer_and_a_page() -> None:
    """Two clicks from the start: the page of questions, and the page with more."""
    text = (DOCS / "questions.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+\?) \| (.+) \| (.+) \|$", text, re.MULTILINE)
    assert len(rows) == 22
    assert all(answer and "](" in more for _, answer, more in rows)
    assert "questions.md" in (DOCS / "index.md").read_text(encoding="utf-8")


def test_the_example_of_a_signed_in_user_works(tmp_path: Path) -> None:
    """The page's own code, on a database of one table."""
    text = (DOCS / "requests.md").read_text(encoding="utf-8")
    for name, code in re.findall(r"```python\n# (shop/\w+\.py)\n(.*?)```", text, re.DOTALL):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(code)
    fill = (
        "import sqlite3; db = sqlite3.connect('shop.db')\n"
        "db.execute('CREATE TABLE orders (owner, title)')\n"
        "db.execute(\"INSERT INTO orders VALUES ('ada', 'A book')\"); db.commit(); db.close()"
    )
    subprocess.run([sys.executable, "-c", fill], cwd=tmp_path, check=True)
    for target, code in (("shop.signed_in:app", 0), ("shop.main:app", 3)):
        command = ["profile", "GET /orders", "--target", target, "-f", "csv", "-q"]
        done = subprocess.run(
            [sys.executable, "-m", "qprof", *command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
    assert "401" in done.stderr


@pytest.mark.skipif(not (ROOT / "mkdocs.yml").is_file(), reason="the repository is not here")
def test_a_program_finds_every_page(tmp_path: Path) -> None:
    """llms.txt has each page and each rule, by the address that the site gives it."""
    pytest.importorskip("mkdocs")
    found = importlib.util.spec_from_file_location("pages", DOCS / "hooks" / "generated_pages.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    names = {"site_name": "qprof", "site_description": "What it costs."}
    module.on_post_build({"docs_dir": str(DOCS), "site_dir": str(tmp_path), **names})
    text = (tmp_path / "llms.txt").read_text(encoding="utf-8")
    assert all(f"(rules/{rule.id}/)" in text for rule in RULES)
    pages = {each.stem for each in DOCS.glob("*.md")} - {"index"}
    assert {name for name in pages if f"]({name}/)" not in text} == set()
