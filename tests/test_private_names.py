"""Private names of SQLAlchemy: measure/orm reads them, and each file's docstring names its own."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "qprof"
HOME = "measure/orm/"
EXCEPTIONS = (
    "forecast/predict/base.py",
    "forecast/predict/census.py",
    "forecast/predict/count_rows.py",
    "forecast/predict/doubts.py",
    "forecast/predict/figures.py",
    "forecast/predict/root.py",
    "forecast/predict/tree.py",
    "forecast/predict/widths.py",
    "measure/capture/bounded.py",
    "measure/capture/listen.py",
    "measure/capture/recording.py",
    "measure/capture/sent.py",
    "measure/experiments/ahead.py",
    "measure/experiments/lengths.py",
    "measure/experiments/statements.py",
    "measure/experiments/unlimited.py",
    "targets/code/guard.py",
)
"""Files elsewhere that read them still. No file is to be added; one that reads none is removed."""
OF_DRIVERS = ("targets/autocommit.py",)
"""Reads private names of psycopg and asyncpg, which is no matter of the home."""
OF_PYTEST = ("pytest_plugin/proving.py",)
"""Begins a test anew, as pytest does itself."""
OURS = ("_stated",)
"""And whatever begins with _qprof_: attributes that are hung on objects of SQLAlchemy."""
PYTHONS = ("_getframe", "_initializing", "_is_protocol")
"""Read of `sys`, and of classes made by `typing`."""

pytestmark = pytest.mark.skipif(not ROOT.is_dir(), reason="the source is not here")


def test_private_names_have_one_home() -> None:
    """Every other file that reads one is a known exception, and every exception still reads one."""
    files = {name for name, names in read_names().items() if names}
    assert {name for name in files if not name.startswith(HOME)} == {
        *EXCEPTIONS,
        *OF_DRIVERS,
        *OF_PYTEST,
    }


def test_each_file_names_the_private_names_that_it_reads() -> None:
    """Whoever moves to a new SQLAlchemy looks for them there."""
    unnamed = {
        file: missing
        for file, names in read_names().items()
        if (missing := {name for name in names if f"{name}`" not in docstring(file)})
    }
    assert unnamed == {}


@pytest.mark.parametrize(
    "source",
    [
        "statement._with_options",
        "self.statement._with_options",
        "getattr(statement, '_with_options', ())",
        "vars(statement)['_with_options']",
        "attrgetter('compile_state._with_options')",
        "from sqlalchemy.sql.elements import _with_options",
    ],
)
def test_a_private_name_is_seen(source: str) -> None:
    """The tests above can fail, however a name is read."""
    assert set(private_names(ast.parse(source))) == {"_with_options"}


def test_own_attributes_are_no_private_names_of_others() -> None:
    """What an object reads of itself is its own."""
    assert (
        set(
            private_names(
                ast.parse("self._rows + cls._known + sys._getframe() + getattr(self, '_x')")
            )
        )
        == set()
    )


def read_names() -> dict[str, set[str]]:
    """Return the private names that each file reads."""
    files = sorted(ROOT.rglob("*.py"))
    assert files
    return {
        file.relative_to(ROOT).as_posix(): set(
            private_names(ast.parse(file.read_text(encoding="utf-8")))
        )
        for file in files
    }


def docstring(file: str) -> str:
    """Return what `file` says of itself."""
    return ast.get_docstring(ast.parse((ROOT / file).read_text(encoding="utf-8"))) or ""


def private_names(tree: ast.AST) -> Iterator[str]:
    """Yield each private name that is read of something else than `self` and `cls`."""
    for node in ast.walk(tree):
        for name in candidates(node):
            is_private = name.startswith("_") and not name.startswith(("__", "_qprof_"))
            if is_private and name not in (*OURS, *PYTHONS):
                yield name


def candidates(node: ast.AST) -> Iterator[str]:
    """Yield the names that `node` reads or imports: as attributes, or as texts."""
    if isinstance(node, ast.Attribute):
        if not is_own(node.value):
            yield node.attr
    elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
        yield from (node.module or "").split(".")
        yield from (each.name for each in node.names)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        reads = node.func.id in ("getattr", "setattr", "hasattr", "attrgetter", "methodcaller")
        if reads and not is_own(node.args[0]):
            yield from (part for text in map(constant, node.args) for part in text.split("."))
    elif isinstance(node, ast.Subscript) and ast.unparse(node.value).startswith("vars("):
        yield constant(node.slice)


def is_own(node: ast.expr) -> bool:
    """Return whether an object reads of itself."""
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def constant(node: ast.expr) -> str:
    """Return the text that stands there; "" where there is none."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
