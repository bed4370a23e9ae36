"""What `qprof rule` shows."""

import re

import pytest

from qprof.judge.detectors import DETECTORS, Detector
from qprof.judge.rules.pages import index, page


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.id)
def test_a_page_has_its_sections_in_order(detector: Detector) -> None:
    text = page(detector)
    assert text.startswith(f"{detector.id} {detector.name} ({detector.level})\n\n")
    assert re.findall(r"^(.+)\n-+$", text, re.MULTILINE) == ["Why", "How to fix", "When to ignore"]
    assert "# bad" in text
    assert "# good" in text


def test_the_index_fits_80_columns_and_cuts_no_sentence() -> None:
    lines = index(DETECTORS).splitlines()
    assert [line.split()[0] for line in lines] == [each.id for each in DETECTORS]
    assert all(len(line) <= 80 and line.endswith(".") for line in lines)
