"""Where branches multiply each other."""

import pytest

from qprof.domain.join_tree import siblings
from qprof.domain.trace import Join


def joins(paths: str) -> list[Join]:
    """Read "A.b A.b.c A.one!": a path that ends in "!" is to-one."""
    names = paths.split()
    return [Join(name.rstrip("!"), (), to_many=not name.endswith("!")) for name in names]


@pytest.mark.parametrize(
    ("paths", "groups"),
    [
        ("", ()),
        ("A.b A.b.c A.b.c.d", ()),
        ("A.b!", ()),
        ("A.b A.c! A.d!", ()),
        ("A.b A.c A.d", (("A.b", "A.c", "A.d"),)),
        ("A.b A.b.c A.b.d", (("A.b.c", "A.b.d"),)),
        ("A.b A.c! A.c.d! A.c.d.e", (("A.b", "A.c.d.e"),)),
        ("A.b! A.b.c A.b.d", (("A.b.c", "A.b.d"),)),
        ("A.b B.c", (("A.b", "B.c"),)),
        ("A.x.b A.x.c", (("A.x.b", "A.x.c"),)),
        ("A.b A.b.c A.b.d A.e", (("A.b", "A.e"), ("A.b.c", "A.b.d"))),
    ],
)
def test_siblings(paths: str, groups: tuple[tuple[str, ...], ...]) -> None:
    assert siblings(joins(paths)) == groups
