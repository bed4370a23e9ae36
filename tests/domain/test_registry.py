"""A wrong module is answered with the nearest one that is there."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from qprof.domain.errors import QprofError
from qprof.domain.registry import load


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Go to a folder with a package and a module, which are forgotten afterwards."""
    (tmp_path / "bookshop").mkdir()
    (tmp_path / "bookshop" / "__init__.py").touch()
    (tmp_path / "bookshop" / "repositories.py").touch()
    (tmp_path / "bookshop" / "shelves.py").write_text("HIGHEST = 7\n")
    (tmp_path / "bookshelf.py").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in [each for each in sys.modules if each.startswith("book")]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("bookshop.repositorys", " Did you mean 'bookshop.repositories'?"),
        ("bokshop.repositories", " Did you mean 'bookshop.repositories'?"),
        ("bookshelv", " Did you mean 'bookshelf'?"),
        ("bookshop.nothing_like_it", ""),
        ("bookshelf.inner", ""),
        ("zzz", ""),
    ],
)
def test_a_wrong_module_names_the_nearest(wrong: str, meant: str, here: Path) -> None:
    """Of the same package, or of this folder."""
    with pytest.raises(QprofError) as refused:
        load(f"{wrong}:it")
    assert str(refused.value).startswith(
        f"There is no module {wrong!r} on the Python path.{meant} Run qprof from"
    )


def test_a_module_of_a_package_is_an_attribute(here: Path) -> None:
    """Whether it was imported before or not."""
    with pytest.raises(QprofError, match="Did you mean 'shelves'"):
        load("bookshop:shelve")
    assert load("bookshop:shelves.HIGHEST") == 7
