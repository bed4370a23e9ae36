"""The contracts of pyproject.toml: what may import what."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.skipif(find_spec("importlinter") is None, reason="import-linter is not installed")
@pytest.mark.skipif(not (ROOT / "qprof").is_dir(), reason="the source is not here")
def test_the_layers_hold() -> None:
    """Every contract is kept, and every module has its layer."""
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
