"""The block of one finding, in its parts."""

from dataclasses import replace

from qprof.domain.report import Finding, Tried
from qprof.reporters.canvas import Canvas
from qprof.reporters.defects import block

FINDING = Finding(
    rule="QP201",
    name="n-plus-one",
    level="error",
    call="artists.search",
    paths=(),
    message="N+1 on Artist.albums.",
    fix="No fix is printed: with it the call raised KeyError.",
    evidence={},
    location=None,
    fingerprint="",
    tried=Tried("refused", "with it the call raised KeyError"),
)


def test_a_refused_fix_is_not_labelled_as_one() -> None:
    """A newcomer read "fix: No fix is printed"; advice that was not tried keeps its label."""
    refused = block(FINDING, None, Canvas())
    assert refused[-1] == "   = No fix is printed: with it the call raised KeyError."
    advice = replace(FINDING, fix="Send it once.", tried=None)
    assert block(advice, None, Canvas())[-1] == "   = fix: Send it once."


def test_an_import_that_gets_longer_is_one_line() -> None:
    """Its new text holds the old one; a changed line has both."""
    diff = "\n".join(
        [
            "--- a/shop.py",
            "+++ b/shop.py",
            "@@ -8 +8 @@",
            "-from sqlalchemy.orm import Session",
            "+from sqlalchemy.orm import Session, selectinload",
            "@@ -20 +20 @@",
            "-lazy()",
            "+eager()",
            "",
        ]
    )
    lines = block(replace(FINDING, fix="eager()", diff=diff, tried=None), None, Canvas())
    changed = [line.strip() for line in lines if " - " in line or " + " in line]
    assert changed == [
        "+ from sqlalchemy.orm import Session, selectinload",
        "- lazy()",
        "+ eager()",
    ]
