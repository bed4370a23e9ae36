"""docs/api.md: every example runs, in order, and type checkers accept it."""

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import qprof
from tests.generated import ROOT

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_every_example_runs(tmp_path: Path) -> None:
    """As one script: what a reader pastes from top to bottom."""
    script = tmp_path / "page.py"
    script.write_text("\n".join(BLOCKS))
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{ROOT}", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "error[QP101]: " in done.stdout
    assert len(BLOCKS) >= 9


@pytest.mark.skipif(find_spec("mypy") is None, reason="mypy is not installed")
@pytest.mark.skipif(not (ROOT / "qprof").is_dir(), reason="the source is not here")
def test_type_checkers_accept_every_example(tmp_path: Path) -> None:
    """Under --strict, with the cache of the project."""
    script = tmp_path / "page.py"
    script.write_text("\n".join(BLOCKS))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(script)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("Success"), done.stdout


def test_all_that_is_public_is_on_the_page() -> None:
    """And nothing is listed that is not there."""
    names = [name for name in qprof.__all__ if name != "__version__"]
    assert [name for name in names if f"`{name}" not in PAGE and f"qprof.{name}" not in PAGE] == []
    assert all(getattr(qprof, name) is not None for name in qprof.__all__)
    assert dir(qprof) == qprof.__all__
    stub = (Path(qprof.__file__).parent / "__init__.pyi").read_text(encoding="utf-8")
    typed = re.findall(r" as (\w+)$", stub, re.MULTILINE)
    assert [*typed, "__version__"] == sorted(qprof.__all__, key="__version__".__eq__)


@pytest.mark.skipif(find_spec("nbclient") is None, reason="nbclient is not installed")
def test_the_notebook_runs(tmp_path: Path) -> None:
    """In a kernel of Jupyter; every result is shown as HTML."""
    notebook = tmp_path / "api.ipynb"
    notebook.write_text((ROOT / "docs" / "api.ipynb").read_text(encoding="utf-8"))
    run = "from nbclient.cli import main; main()"
    subprocess.run(
        [sys.executable, "-c", run, "--inplace", str(notebook)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
    )
    cells = json.loads(notebook.read_text())["cells"]
    shown = [
        "".join(output["data"]["text/html"])
        for cell in cells
        for output in cell.get("outputs", ())
        if "text/html" in output.get("data", {})
    ]
    assert len(shown) == 5
    assert all("<table>" in each for each in shown)
    assert "1,000" in shown[0]
