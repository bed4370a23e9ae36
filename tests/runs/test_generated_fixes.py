"""Fixes of random calls, pasted: for many of them, see `generated_fixes`.

QPROF_WORLDS is the number of schemas, each with two calls of every form.
"""

import os

import pytest

from tests.runs.generated_fixes import Checked

WORLDS = int(os.environ.get("QPROF_WORLDS", "1"))


@pytest.mark.parametrize("seed", range(WORLDS))
@pytest.mark.filterwarnings("ignore:Multiple rows returned with uselist=False")
def test_a_pasted_fix_does_what_was_printed(seed: int) -> None:
    """Its counts by a cursor, and the same objects or values where it is said."""
    checked = Checked(seed).run()
    assert checked.wrong == []
    assert checked.outcomes["pasted"] > 9, "of so many random calls, some fix is printed"
