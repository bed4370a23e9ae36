"""What holds for every test: an instrument leaves nothing behind."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from qprof.capture import listeners_installed
from qprof.capture.calls import current


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """No listener is registered, and no call is current, before and after each test."""
    assert _is_clean()
    yield
    assert _is_clean()


def _is_clean() -> bool:
    orm_listeners = list(Session().dispatch.do_orm_execute)
    return not listeners_installed() and current() is None and not orm_listeners
