"""docs/pytest.md shows what the plugin prints, and its code runs."""

import re
from pathlib import Path

from tests.generated import ROOT, masked
from tests.pytest_plugin.conftest import Project

PAGE = ROOT / "docs" / "pytest.md"
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)
BLOCKS = CODE.findall(PAGE.read_text(encoding="utf-8"))
EXAMPLES = "\n".join(each for each in BLOCKS if "flat=" not in each)


def block(command: str) -> str:
    """Return what the page shows for `command`."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(
        rf"<!-- begin: {command} -->\n```text\n(.*?)```\n<!-- end -->", text, re.DOTALL
    )
    assert found, command
    return found.group(1)


def between(text: str, start: str, end: str) -> str:
    """Return the lines after the one with `start`, up to the one with `end`."""
    lines = text.splitlines()
    first = next(place for place, line in enumerate(lines) if start in line) + 1
    last = next(place for place, line in enumerate(lines) if end in line and place > first)
    return "\n".join(lines[first:last])


def test_the_failure_is_as_shown(project: Project) -> None:
    """And the other example passes."""
    result = project.run(EXAMPLES)
    result.assert_outcomes(passed=1, failed=1)
    shown = between(result.stdout.str(), "_ test_search _", "short test summary")
    assert shown.strip() == block("pytest test_search").strip()


def test_the_summary_is_as_shown(project: Project) -> None:
    """Times apart."""
    result = project.run(EXAMPLES, "--qprof")
    shown = between(result.stdout.str(), "= qprof =", "short test summary")
    assert masked(shown) == masked(block("pytest --qprof"))


def test_the_example_of_growth_passes(project: Project) -> None:
    """The factory makes its data in the test's own session."""
    growth = "\n".join(each for each in BLOCKS if "flat=" in each)
    project.run(growth).assert_outcomes(passed=1)


def test_every_option_and_key_is_documented() -> None:
    """The page names them all."""
    from qprof.pytest_plugin.limits import KEYS

    text = PAGE.read_text(encoding="utf-8")
    options = ["--qprof`", "--qprof-top", "--qprof-report", "--qprof-update", "--qprof-baseline"]
    assert [each for each in (*KEYS, *options) if each not in text] == []


def test_the_plugin_is_no_dependency() -> None:
    """Pytest is not among what qprof needs to run."""
    project = (Path(ROOT) / "pyproject.toml").read_text(encoding="utf-8")
    needed = project.partition("\ndependencies = [")[2].partition("]")[0]
    assert "sqlalchemy" in needed
    assert "pytest" not in needed
