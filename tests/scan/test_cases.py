"""Code that the scan must find fault with, and code that it must leave alone, as data."""

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

from qprof.domain.report import LEVELS, Finding
from qprof.scan.fixing.patches import patches
from tests.scan.trees import IMPORTS, MODELS, found, scanned

FOLDER = Path(__file__).parent / "cases"
CASES = [
    pytest.param(case, id=f"{file.stem}: {case['name']}")
    for file in sorted(FOLDER.glob("*.yml"))
    for case in yaml.safe_load(file.read_text(encoding="utf-8"))
]


def written(code: str) -> dict[str, str]:
    return {"models.py": MODELS, "repo.py": IMPORTS + code}


def is_fit_to_show(finding: Finding) -> bool:
    """Return True, or fail: sentences end, code parses, and the place is known."""
    assert finding.message.endswith(".")
    assert "  " not in finding.message
    assert finding.location is not None
    assert finding.location.file.endswith("repo.py")
    assert len(finding.fingerprint) == 16
    if finding.fix.startswith(".options("):
        return bool(ast.parse(f"statement{finding.fix}", mode="eval"))
    return finding.fix.endswith(".")


@pytest.mark.parametrize("case", CASES)
def test_finds_what_the_case_says(case: dict[str, Any], tmp_path: Path) -> None:
    result = scanned(tmp_path, written(case["code"]))
    leveled = [level in LEVELS for level in (each.split()[0] for each in case["finds"])]
    assert found(result, levels=any(leveled)) == sorted(case["finds"])
    messages = " ".join(each.finding.message for each in result.suspects)
    assert all(words in messages for words in case.get("says", []))
    notices = " ".join(result.notices)
    assert all(words in notices for words in case.get("notices", []))
    assert bool(notices) == ("notices" in case)
    for each in result.suspects:
        assert is_fit_to_show(each.finding)


@pytest.mark.parametrize("case", [each for each in CASES if each.values[0]["finds"]])
def test_fix_makes_what_the_case_says_and_leaves_nothing_to_do(
    case: dict[str, Any], tmp_path: Path
) -> None:
    """Its second run changes nothing, and what it wrote parses."""
    result = scanned(tmp_path, written(case["code"]))
    made = patches(result.suspects)
    for each in made.files:
        ast.parse(each.new)
        each.file.write_bytes(each.new)
    if "fixed" in case:
        body = (tmp_path / "repo.py").read_text(encoding="utf-8")
        assert body.partition("Label, Track\n")[2].lstrip("\n") == case["fixed"]
    again = scanned(tmp_path)
    assert patches(again.suspects).files == ()
    left = any(word in made.kept[0] for word in ("innerjoin", '("*")')) if made.kept else False
    assert bool(again.suspects) == left
