"""The steps of the GitHub action, run with a `qprof` and a `gh` that write down what they get."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(
    not (ROOT / "action.yml").is_file(), reason="the repository is not here"
)

QPROF = """#!/bin/sh
printf '%s\\n' "$@" > "$RUNNER_TEMP/arguments"
echo '**FAILED**' > "$RUNNER_TEMP/qprof.md"
exit 1
"""
# GitHub's answer is what the filter of --jq leaves: the ids of the comments with the marker.
GH = """#!/bin/sh
echo "$*" >> "$RUNNER_TEMP/calls"
case "$*" in *--jq*) cat "$RUNNER_TEMP/ids" ;; esac
"""


@pytest.mark.parametrize(
    ("ids", "sent"),
    [
        ("", "api --silent repos/o/r/issues/7/comments -F body=@{}/comment.md"),
        (
            "41\n52\n",
            "api --silent --method PATCH repos/o/r/issues/comments/41 -F body=@{}/comment.md",
        ),
    ],
)
def test_one_comment_is_made_and_then_updated(tmp_path: Path, ids: str, sent: str) -> None:
    """The first run writes a comment that begins with the marker; the next one changes that."""
    (tmp_path / "ids").write_text(ids)
    check, comment = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"][
        "steps"
    ][1:]
    assert _step(tmp_path, check, QPROF_ARGUMENTS="--target 'a b' *.md") == 1
    arguments = (tmp_path / "arguments").read_text().splitlines()
    assert arguments[:7] == ["check", "--target", "'a", "b'", "*.md", "-f", "table"]
    assert (
        _step(tmp_path, comment, COMMENTS="repos/o/r/issues/7/comments", GITHUB_REPOSITORY="o/r")
        == 0
    )
    assert (tmp_path / "calls").read_text().splitlines()[-1] == sent.format(tmp_path)
    assert (tmp_path / "comment.md").read_text() == "<!-- qprof check -->\n**FAILED**\n"


def test_no_result_is_no_comment(tmp_path: Path) -> None:
    """Where qprof could not measure, the comment that is there stays."""
    comment = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"][2]
    assert _step(tmp_path, comment, COMMENTS="", GITHUB_REPOSITORY="o/r") == 0
    assert not (tmp_path / "calls").exists()


def _step(folder: Path, step: dict[str, str], **variables: str) -> int:
    """Run the step's script as the runner does; return its exit code."""
    for name, script in (("qprof", QPROF), ("gh", GH)):
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "RUNNER_TEMP": str(folder), **variables}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    return subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode
