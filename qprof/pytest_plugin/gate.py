"""The gate of a whole suite: each test against its entry in the baseline, and the file itself."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from qprof.domain.errors import QprofError
from qprof.domain.files import write_whole
from qprof.domain.report import Breach
from qprof.judge.budgets import (
    Suite,
    TestCost,
    baseline_text,
    has_calls,
    read_baseline,
    read_suite,
)
from qprof.pytest_plugin.options import baseline_file
from qprof.reporters.figures import counted
from qprof.reporters.grids import paragraph

COST = "qprof_cost"
"""Attribute of a test's report; xdist carries it along."""
SUITE = pytest.StashKey[Suite | None]()
_SKIPPED = {"node_modules", "site-packages", "build", "dist", "__pycache__"}


def sqlalchemy_line() -> str:
    """Return "2.1"; SQLAlchemy is not imported for it."""
    return ".".join(version("sqlalchemy").split(".")[:2])


def read_gate(config: pytest.Config) -> None:
    """Read the baseline once for each process. Raises UsageError where it cannot be used."""
    file = baseline_file(config)
    try:
        suite = read_suite(file)
    except QprofError as error:
        raise pytest.UsageError(str(error)) from None
    update = config.getoption("qprof_update")
    if config.getoption("qprof_baseline") and not file.exists() and not update:
        raise pytest.UsageError(f"There is no baseline {file}; --qprof-update writes it.")
    if suite is not None and not update and suite.sqlalchemy != sqlalchemy_line():
        raise pytest.UsageError(
            f"{file} is of SQLAlchemy {suite.sqlalchemy}, and this is {sqlalchemy_line()}: their "
            "figures cannot be compared. Keep one file for each with --qprof-baseline FILE."
        )
    config.stash[SUITE] = suite


def entry_of(config: pytest.Config, test: str, now: TestCost | None) -> TestCost | None:
    """Return the entry that a test is held against; None where there is none."""
    suite = config.stash.get(SUITE, None)
    if suite is None or now is None or config.getoption("qprof_update"):
        return None
    entry = suite.of(test, now)
    return entry if entry is not None and entry.dialect == now.dialect else None


def breaches_of(config: pytest.Config, test: str, now: TestCost | None) -> tuple[Breach, ...]:
    """Return in what a test is worse than its entry; nothing where the baseline is written."""
    entry = entry_of(config, test, now)
    if entry is None or now is None:
        return ()
    return tuple(
        Breach(test, metric, entry.limit(metric), getattr(now, metric), "baseline")
        for metric in entry.worse(now)
    )


class SuiteBaseline:
    """Collects what all tests cost, says what was not compared, and writes the file if asked."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._seen: dict[str, TestCost] = {}
        self._ran: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the figures of one test; of one that ran again, the last. Failed ones have none."""
        self._ran.add(report.nodeid)
        text = getattr(report, COST, None)
        if report.when == "call" and text is not None:
            self._seen[report.nodeid] = _cost(json.loads(text))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what became of the baseline."""
        if self._config.get_verbosity() > -2:
            for text in self._lines():
                for line in paragraph(f"qprof: {text}", 80):
                    terminalreporter.write_line(line)

    def _lines(self) -> Iterator[str]:
        file, suite = baseline_file(self._config), self._config.stash.get(SUITE, None)
        if self._config.getoption("qprof_update"):
            yield self._written(file, suite)
        elif suite is None:
            yield f"{file.name} has no tests, so none was compared; --qprof-update writes them."
        else:
            yield from self._compared(suite)

    def _compared(self, suite: Suite) -> Iterator[str]:
        entries = {name: suite.of(name, now) for name, now in self._seen.items()}
        known = {name: each for name, each in entries.items() if each is not None}
        other = [name for name, each in known.items() if each.dialect != self._seen[name].dialect]
        varying = [name for name, each in known.items() if each.varies]
        new = len(entries) - len(known)
        yield f"{counted(len(known) - len(other), 'test')} compared with the baseline."
        if new:
            yield f"{counted(new, 'test')} without an entry; --qprof-update adds them."
        if other:
            yield f"{counted(len(other), 'test')} not compared: entries of another dialect."
        if varying:
            yield (
                f"{counted(len(varying), 'test')} with figures left out, which differ between runs "
                f"of the same code: {', '.join(varying[:3])}{' …' if len(varying) > 3 else ''}"
            )

    def _written(self, file: Path, suite: Suite | None) -> str:
        before = suite or Suite(sqlalchemy_line(), "")
        if before.sqlalchemy != sqlalchemy_line():
            before = Suite(sqlalchemy_line(), "")
        after = before.updated(self._seen, _code(self._config.rootpath), self._gone(before))
        try:
            calls = read_baseline(file) if has_calls(file) else None
            write_whole(file, baseline_text(calls, after))
        except QprofError as error:
            return f"{error}"
        return f"{counted(len(after.tests), 'test')} in {file.name}."

    def _gone(self, suite: Suite) -> set[str]:
        """Return the entries whose test is no more: its file is gone, or ran whole without it."""
        root, option = self._config.rootpath, self._config.option
        chosen = (
            option.keyword or option.markexpr or any("::" in each for each in self._config.args)
        )
        chosen = chosen or getattr(option, "lf", False) or self._config.getoption("maxfail", 0)
        ran = set() if chosen else {name.partition("::")[0] for name in self._ran}
        return {
            name
            for name in suite.tests
            if name not in self._ran
            and (name.partition("::")[0] in ran or not (root / name.partition("::")[0]).exists())
        }


def _cost(value: dict[str, Any]) -> TestCost:
    needed = tuple(value.pop("needed")) if value.get("needed") else value.pop("needed", None)
    return TestCost(needed=needed, varies=tuple(value.pop("varies")), **value)


def cost_text(cost: TestCost) -> str:
    """Return a test's figures as they travel."""
    return json.dumps(asdict(cost))


def _code(root: Path) -> str:
    """Return a digest of the Python files below `root`, but for environments and what is built."""
    digest = sha256()
    for file in sorted(_files(root)):
        digest.update(file.relative_to(root).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _files(folder: Path) -> Iterator[Path]:
    for each in folder.iterdir():
        if each.is_dir() and not each.is_symlink():
            hidden = each.name.startswith(".") or each.name in _SKIPPED
            if not hidden and not (each / "pyvenv.cfg").exists():
                yield from _files(each)
        elif each.suffix == ".py":
            yield each
