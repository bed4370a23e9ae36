"""The contracts of pyproject.toml: what may import what; and no circle, however it is hidden."""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
needs_source = pytest.mark.skipif(not (ROOT / "qprof").is_dir(), reason="the source is not here")


@pytest.mark.skipif(find_spec("importlinter") is None, reason="import-linter is not installed")
@needs_source
def test_the_layers_hold() -> None:
    """Every contract is kept, and every module has its layer."""
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@needs_source
def test_no_import_leads_back() -> None:
    """Neither below TYPE_CHECKING, nor within a function, nor by way of a package's own file."""
    assert circle(imports()) == []


@needs_source
def test_every_import_leads_downwards() -> None:
    """In each pile of layers, counting the imports below TYPE_CHECKING and within functions."""
    found = imports()
    piles = [each for each in contracts() if each["type"] == "layers"]
    assert len(piles) > 1
    assert [arrow for pile in piles for arrow in upwards(found, pile)] == []


def test_a_circle_is_seen() -> None:
    """The test above can fail: two modules that import each other are a circle."""
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})) == {"a", "b", "c"}


def test_an_import_upwards_is_seen() -> None:
    """So can the other: an import of a higher layer, or of a neighbour, is named."""
    pile = {"containers": ["q"], "layers": ["high", "left | right"]}
    graph = {"q.high.a": {"q.left"}, "q.left": {"q.high.a", "q.right"}, "q.right": {"q.right.a"}}
    assert list(upwards(graph, pile)) == ["q.left -> q.high.a", "q.left -> q.right"]


MIRRORED = {"InconsistentSiblings"}
"""QP501 on a trace, and on source code."""
DOUBLE_CLASSES = {
    "Change", "Entity", "Execution", "Figures", "Limits", "Place", "Planned", "Sent",
    "SeveralForOne", "Trial", "Verdict", "_Asked",
}  # fmt: skip
"""Names of two classes still. No name is to be added; one that is unique by now is removed."""
MIRRORED_FILES = {
    "baseline", "bench", "check", "compare", "predict", "profile", "report", "rule", "scan",
    "inconsistent_siblings", "needed", "postgresql", "several_for_one",
}  # fmt: skip
"""A command and its use case or its noun, a rule on two things, a question and its arithmetic."""
DOUBLE_FILES = {
    "calls", "counts", "figures", "limits", "merging", "options", "pages", "plans", "reading",
    "scanning", "seeding", "statements", "values",
}  # fmt: skip
"""Other names of several files; a reader has to guess. To shrink, as the classes."""


@needs_source
def test_a_class_name_means_one_thing() -> None:
    """Each is defined once in qprof; a reader who looks for it finds what was meant."""
    double = {name for name, count in Counter(class_names()).items() if count > 1}
    assert double == MIRRORED | DOUBLE_CLASSES


@needs_source
def test_a_file_name_stands_twice_only_where_folders_mirror_each_other() -> None:
    """cli/compare.py is the door of runs/compare.py; any other pair makes a reader guess."""
    names = Counter(file.stem for file in (ROOT / "qprof").rglob("*.py"))
    double = {name for name, count in names.items() if count > 1 and not name.startswith("__")}
    assert double == MIRRORED_FILES | DOUBLE_FILES


def class_names() -> Iterator[str]:
    """Yield the name of every class, once for each definition."""
    for file in (ROOT / "qprof").rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        yield from (node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


Graph = dict[str, set[str]]


def circle(graph: Graph) -> list[str]:
    """Return the modules of a circle, or nothing where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def upwards(graph: Graph, pile: dict[str, Any]) -> Iterator[str]:
    """Yield the imports that do not lead to a lower layer of `pile`."""
    levels = [each.split(" | ") for each in pile["layers"]]
    for container in pile["containers"]:
        place = {f"{container}.{name}": at for at, names in enumerate(levels) for name in names}
        for module, others in graph.items():
            own = room(module, container)
            for other in sorted(others):
                there = room(other, container)
                if own != there and {own, there} <= place.keys() and place[own] >= place[there]:
                    yield f"{module} -> {other}"


def room(module: str, container: str) -> str:
    """Return the folder or file of `container` that `module` is of."""
    return ".".join(module.split(".")[: container.count(".") + 2])


def contracts() -> list[dict[str, Any]]:
    """Return the contracts of pyproject.toml."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    return found


def imports() -> Graph:
    """Return what each module imports of qprof, wherever in the file it says so."""
    files = {module(file): file for file in (ROOT / "qprof").rglob("*.py")}
    return {name: set(imported(name, file, files)) for name, file in files.items()}


def module(file: Path) -> str:
    """Return the name that a file is imported by."""
    name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def imported(own: str, file: Path, files: dict[str, Path]) -> Iterator[str]:
    """Yield what a module imports, and the packages whose own files run before that."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        for name in named(node, files):
            parts = name.split(".")
            above = [".".join(parts[:end]) for end in range(2, len(parts) + 1)]
            yield from (
                each for each in above if each in files and not f"{own}.".startswith(f"{each}.")
            )


def named(node: ast.AST, files: dict[str, Path]) -> Iterator[str]:
    """Yield the modules that an import names: from a package, each name may be one."""
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        for each in node.names:
            whole = f"{node.module}.{each.name}"
            yield whole if whole in files else node.module
