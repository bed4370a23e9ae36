"""What holds for every test: an instrument leaves nothing behind."""

import gc
import os
from collections.abc import Generator, Iterator
from typing import Any

import hypothesis
import pytest
from sqlalchemy.orm import Session

from qprof.measure.capture import listeners_installed
from qprof.measure.capture.calls import current

# The same examples in each run, so that what is green stays green. `--hypothesis-profile=default`
# draws others: an example that fails there is kept as an @example.
hypothesis.settings.register_profile("repeatable", derandomize=True)
hypothesis.settings.load_profile("repeatable")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Where the database servers are not optional, as in CI, a skipped server test is a failure."""
    report = yield
    if report.skipped and "server" in item.keywords and os.environ.get("QPROF_REQUIRE_SERVERS"):
        report.outcome = "failed"
        report.longrepr = f"A server is required here, but: {report.longrepr}"
    return report


def pytest_collection_finish() -> None:
    """Keep pytest's own objects out of the collection that every measurement begins with."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """No listener is registered, and no call is current, before and after each test."""
    assert _is_clean()
    yield
    assert _is_clean()


def _is_clean() -> bool:
    orm_listeners = list(Session().dispatch.do_orm_execute)
    return not listeners_installed() and current() is None and not orm_listeners
