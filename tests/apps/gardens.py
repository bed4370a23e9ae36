"""Calls whose product nobody can run, nor count: 20 ** 25 rows with 20 rows in each collection."""

from sqlalchemy.orm import joinedload, selectinload

from tests.forecast.predict.gardens import with_kinds

GARDENS = with_kinds(25)
CALLS = {"apart": GARDENS.load(selectinload), "at_once": GARDENS.load(joinedload)}
