"""The address of the documentation: one, wherever it stands."""

import sys
from pathlib import Path

from qprof.domain.documentation import DOCUMENTATION, rule_page

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]


def test_the_package_and_the_site_name_the_same_address() -> None:
    """What is linked, what an index shows, and where the site says that it is."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["urls"]["Documentation"] == DOCUMENTATION
    assert f"site_url: {DOCUMENTATION}\n" in (ROOT / "mkdocs.yml").read_text(encoding="utf-8")


def test_a_rule_has_its_page_where_the_site_puts_it() -> None:
    """The hook of the site makes rules/QP101.md, which is served as rules/QP101/."""
    assert rule_page("QP101") == f"{DOCUMENTATION}rules/QP101/"
