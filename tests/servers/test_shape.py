"""The shape of a database on a server is that of the same rows in a file."""

from __future__ import annotations

import pytest

from qprof.library.recipes import load_recipe
from qprof.library.seeding import seed
from qprof.runs.whatif import derive_recipe
from tests.servers.conftest import dump, shown

pytestmark = pytest.mark.server


def body(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "://" not in line)


def test_the_recipe_is_the_same_on_every_server(tiny, tmp_path):
    """Every count, and every ratio of the header; the server's rows are what they were."""
    file = f"sqlite:///{tmp_path / 'tiny.db'}"
    seed(file, load_recipe("tiny"))
    before = dump(tiny)
    found = derive_recipe(shown(tiny), {}, base="chinook")
    assert found.ratios == derive_recipe(file, {}, base="chinook").ratios
    assert body(found.text) == body(derive_recipe(file, {}, base="chinook").text)
    assert dump(tiny) == before


def test_no_password_is_in_the_recipe(tiny):
    """Where the URL has one, the header has three asterisks."""
    url = tiny.update_query_dict({"application_name": "qprof"}) if "psycopg" in str(tiny) else tiny
    url = url.set(password="sesame") if url.get_backend_name() == "postgresql" else url
    text = derive_recipe(shown(url), {}, base="chinook").text
    assert "sesame" not in text
    if url.password:
        assert "***" in text
