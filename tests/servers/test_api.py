"""The Python API on the servers: the same figures, and nothing of a transaction is changed."""

import pytest
from sqlalchemy import URL
from sqlalchemy.orm import Session

import qprof
from tests.api.shop import Artist, count, get_all, search, shop, write
from tests.api.test_flat import more, one_by_one, there

pytestmark = pytest.mark.server


def test_an_open_transaction_is_seen_and_left(empty: URL) -> None:
    """Each run is in a savepoint, and what `flat` makes in another."""
    for engine in shop(empty.render_as_string(hide_password=False)):
        with Session(engine) as session:
            session.add(Artist(name="mine"))
            session.flush()
            assert qprof.profile(search, session).rows == 1001
            with pytest.raises(qprof.QprofError, match="qprof only reads"):
                qprof.profile(write, session)
            assert qprof.flat(get_all, session, over=more).growth["queries"] == "constant"
            assert there(session) == 11
            session.rollback()
        with pytest.raises(qprof.NotFlat, match="queries are linear"):
            qprof.flat(one_by_one, engine, over=more)
        assert count(engine) == 10
