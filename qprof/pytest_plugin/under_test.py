"""What the code under test sends in a test, apart from what the test and its factories send."""

import re
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from inspect import CO_COROUTINE
from os import sep
from pathlib import PurePath
from typing import Any

from qprof.api.recorded import RecordResult
from qprof.domain.trace import Execution
from qprof.judge.budgets.suite import TestCost
from qprof.measure.capture.executions import fold
from qprof.measure.capture.sent import Sent
from qprof.measure.capture.stacks import stack, verdict
from qprof.measure.derived.nested import NestedRecording

_FILES = re.compile(r"(test_\w*|\w*_test|tests?|conftest|factor(y|ies))\.py$")
_FOLDERS = {"tests", "test", "testing", "factories"}
_FACTORIES = ("factory", "polyfactory", "mixer", "model_bakery", "pytest_factoryboy")
"""Packages that make a test's data."""
_STANDARD = tuple(f"{sysconfig.get_path(name)}{sep}" for name in ("stdlib", "platstdlib"))
_OF_SCHEMA = re.compile(
    r"\s*(PRAGMA|SHOW|DESCRIBE|CREATE|DROP|ALTER|SAVEPOINT|RELEASE|ROLLBACK)\b"
    r"|.*\b(sqlite_master|sqlite_schema|information_schema|pg_catalog|pg_class)\b",
    re.IGNORECASE | re.DOTALL,
)
"""Asked once, by whoever comes first."""


class TestRecording(NestedRecording):
    """A recording that knows which executions are the test's own."""

    __test__ = False

    def __init__(self, *, sizes: bool = False) -> None:
        super().__init__(sizes=sizes)
        self.own: set[int] = set()
        """The ids of what the test itself, or a factory, sent."""
        self._only_code = False

    def begin(self, sent: Sent, context: Any) -> None:
        """Take `sent`, and look at who sends it."""
        super().begin(sent, context)
        if _OF_SCHEMA.match(sent.text) or (sent.shape.path is None and _by_test()):
            self.own.add(id(sent))

    def executed(self, sent: Sent) -> None:
        """Leave alone what a coroutine of the test calls: it chose that loop, and not the code."""
        super().executed(sent)
        if sent.blocks_loop and _by_coroutine_of_test():
            sent.blocks_loop = False

    @contextmanager
    def without_own(self) -> Iterator[None]:
        """Leave out of all figures, in this block, what the test itself sent."""
        self._only_code = True
        try:
            yield
        finally:
            self._only_code = False

    def snapshots(self) -> list[Sent]:
        """Return what was sent so far, as it stands."""
        return self.of_code() if self._only_code else super().snapshots()

    def of_code(self) -> list[Sent]:
        """Return what the code under test sent; what a test reads lazily is of it, too."""
        return [self._snapshot(each) for each in list(self.sent) if id(each) not in self.own]


def _by_coroutine_of_test() -> bool:
    kinds = (
        _kind(frame.f_code.co_filename) for frame in stack() if frame.f_code.co_flags & CO_COROUTINE
    )
    return next((kind for kind in kinds if kind is not None), False)


def _by_test() -> bool:
    """Return whether a test's file, or a factory, calls SQLAlchemy."""
    for frame in stack():
        kind = _kind(frame.f_code.co_filename)
        if kind is not None:
            return kind
    return False


@lru_cache(maxsize=4096)
def _kind(file: str) -> bool | None:
    """Return whether a file is of tests; None for what lies between a caller and the driver."""
    if verdict(file) == 2:
        return None
    parts = PurePath(file).parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1] in _FACTORIES
    if file.startswith(_STANDARD):
        return None
    return bool(_FILES.search(file)) or bool(_FOLDERS & set(parts[:-1]))


def cost_of(seen: RecordResult) -> TestCost | None:
    """Return what the code under test cost; None where it sent nothing."""
    recording = seen.recording
    sent = recording.of_code() if isinstance(recording, TestRecording) else []
    if not sent or recording.errors:
        return None
    from qprof.measure.derived.needed import derived_needed

    executions = fold(sent)
    needed = derived_needed(sent).cost
    dialects = sorted({each.engine.dialect.name for each in sent if each.engine is not None})
    return TestCost(
        ", ".join(dialects),
        sum(each.loads for each in executions),
        sum(each.rows for each in executions),
        sum(each.cells for each in executions),
        (needed.queries, needed.rows, needed.cells) if needed is not None else None,
        _digest(executions),
    )


def _digest(executions: tuple[Execution, ...]) -> str:
    lines = sorted(f"{each.sql}\n{each.strategy}" for each in executions)
    return sha256("\n\n".join(lines).encode()).hexdigest()[:12]
