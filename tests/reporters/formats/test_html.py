"""The page as text: what needs no browser. See tests/reporters/test_browser.py for the rest."""

from dataclasses import replace

from qprof.domain.report import Tried
from qprof.domain.trace import Site
from qprof.reporters.canvas import Canvas
from qprof.reporters.formats.html import render
from tests.reporters.samples import PROFILE

DIFF = """--- a/shop/<b>.py
+++ b/shop/<b>.py
@@ -7 +7 @@
-    options(joinedload(A.bs))
+    options(selectinload(A.bs))
"""


def page(diff: str) -> str:
    """Return the page of a report whose first finding has that fix, tried and measured."""
    tried = Tried("measured", None, queries=2, rows=30, cells=90, same=True)
    place = Site("shop/<b>.py", 7, "search")
    first, *rest = PROFILE.findings
    found = replace(first, diff=diff, tried=tried, fix="options(selectinload(A.bs))", place=place)
    return render(replace(PROFILE, findings=(found, *rest)), Canvas())


def test_a_fix_is_a_diff_at_its_place() -> None:
    """As in the terminal; a button copies what git applies, and nothing of it is markup."""
    html = page(DIFF)
    assert '<span class="del">- options(joinedload(A.bs))</span>' in html
    assert '<span class="add">+ options(selectinload(A.bs))</span>' in html
    assert "<code>shop/&lt;b&gt;.py:7</code>" in html
    assert 'data-copy="--- a/shop/&lt;b&gt;.py\n+++ b/' in html
    assert "2 queries, 30 rows, 90 cells, and the same result" in html


def test_a_fix_without_a_place_is_code() -> None:
    """As it is pasted."""
    html = page("")
    assert "<span>options(selectinload(A.bs))</span>" in html
    assert "data-copy" not in html
