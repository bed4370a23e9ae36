"""A small project of a user's, with a database that counts by itself."""

import json
from pathlib import Path
from typing import Any

import pytest

# pytester forgets what a run imported; what is here before stays, and is not compiled anew.
import qprof.pytest_plugin.recorder
import qprof.pytest_plugin.summary
import qprof.pytest_plugin.watching  # noqa: F401

QUICK = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:faker", "--assert=plain")
"""What other plugins would do is no part of these tests."""
PROJECT = Path(__file__).parent / "project"


class Project:
    """The project in a folder of its own."""

    def __init__(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pytester = pytester
        self.counts = pytester.path / "counts.txt"
        # A folder above has settings of its own; COLUMNS is what people have.
        monkeypatch.setenv("COLUMNS", "80")
        monkeypatch.setenv("SHOP_COUNTS", str(self.counts))
        for name in ("PYTEST_XDIST_WORKER", "CI", "BUILD_NUMBER"):  # CI: pytest cuts no line
            monkeypatch.delenv(name, raising=False)
        for file in PROJECT.glob("*.py.txt"):
            (pytester.path / file.stem).write_text(file.read_text())
        pytester.makepyprojecttoml('[tool.pytest.ini_options]\naddopts = "--strict-markers"\n')

    def run(self, tests: str, *options: str, apart: bool = False) -> pytest.RunResult:
        """Run `tests`, with xdist in processes of their own."""
        head = "import pytest\nfrom shop import *\n"
        self.pytester.makepyfile(test_shop=head + tests)
        apart = apart or "-n" in options
        run = self.pytester.runpytest_subprocess if apart else self.pytester.runpytest_inprocess
        loops = ["-o", "asyncio_default_fixture_loop_scope=function"]
        plugins = loops if "asyncio" in tests else ["-p", "no:asyncio"]
        return run(*QUICK, *plugins, *options)

    def run_apart(self, tests: str, *options: str) -> pytest.RunResult:
        """Do the same in a process of its own: the code under test was changed."""
        return self.run(tests, "-p", "no:xdist", *options, apart=True)

    def counted(self) -> tuple[int, int, int]:
        """Return queries, rows and cells, by the cursors of the project itself."""
        lines = [json.loads(line) for line in self.counts.read_text().splitlines()]
        return tuple(sum(column) for column in zip(*lines, strict=True))  # type: ignore[return-value]

    def report(self, name: str = "report.json") -> dict[str, Any]:
        """Return what --qprof-report wrote."""
        return dict(json.loads((self.pytester.path / name).read_text()))


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(pytester, monkeypatch)
