"""Models of packages that are not scanned: found by the import, read as source, never imported.

They say where relationships lead. Nothing else of their files is read, and nothing is said of them.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from qprof.scan.models.declarations import declared
from qprof.scan.models.facts import Module
from qprof.scan.source_file import ModuleKey, Unreadable, read

_MOST = 60
"""How many files are read for it; a package imports others without end."""


def installed_models(modules: Iterable[Module], files: Iterable[Path]) -> list[Module]:
    """Return the modules of installed packages whose classes `modules` may put into statements.

    `files` are those that were scanned: what lies beside their packages is importable, too.
    """
    known = {each.key for each in modules}
    scanned = {each.key[-1] for each in modules}
    finding = _Finding(files)
    waiting = [(name, each.key) for each in modules for name in _wanted(each)]
    found: dict[Path, Module] = {}
    asked: set[ModuleKey] = set()
    while waiting and len(found) < _MOST:
        name, _ = waiting.pop(0)
        if not name or name in asked or name[0] in _UNRELATED:
            continue
        asked.add(name)
        file = None if _is_scanned(name, scanned, known) else finding.file(name)
        module = _module(file) if file is not None and file not in found else None
        if file is not None and module is not None and module.key not in known:
            found[file] = replace(module, mentions=frozenset())
            # A relative import is named by its whole path.
            beside = {name[0], file.anchor}
            waiting += [(each, module.key) for each in _named(module) if each and each[0] in beside]
    return list(found.values())


_UNRELATED = sys.stdlib_module_names | {"sqlalchemy", "typing_extensions"}


def _wanted(module: Module) -> Iterator[ModuleKey]:
    """Yield the modules from which a module imports what its loader calls load."""
    for name in module.loaded:
        each = module.imports.names.get(name)
        if each is not None:
            yield (
                each.module
                if each.name is None or name[:1].isupper()
                else (
                    *each.module,
                    each.name,
                )
            )


def _named(module: Module) -> Iterator[ModuleKey]:
    for each in module.imports.names.values():
        if each.name is None or each.name[:1].isupper():
            yield each.module
        elif each.name:
            # A module of a package: from app import models.
            yield (*each.module, each.name)
    yield from module.imports.stars


def _is_scanned(name: ModuleKey, scanned: set[str], known: set[ModuleKey]) -> bool:
    return name[-1] in scanned and any(key[-len(name) :] == name for key in known)


class _Finding:
    """Where Python would look: beside what is scanned, in its environment, in qprof's own."""

    def __init__(self, files: Iterable[Path]) -> None:
        roots = dict.fromkeys(map(_root, {each.parent for each in files}))
        here = os.environ.get("VIRTUAL_ENV") or ".venv"
        roots.update(dict.fromkeys(sorted(Path(here).glob("lib/python*/site-packages"))))
        roots.update(dict.fromkeys(Path(each) for each in sys.path if each))
        self._roots = [each for each in roots if each.is_dir()]
        self._packages: dict[str, Path | None] = {}

    def file(self, name: ModuleKey) -> Path | None:
        """Return the source of a module; None where there is none."""
        if not name:
            return None
        if name[0] not in self._packages:
            self._packages[name[0]] = next((each for each in self._roots if _has(each, name)), None)
        root = self._packages[name[0]]
        if root is None:
            return None
        path = root.joinpath(*name)
        tried = (path / "__init__.py", path.with_name(f"{path.name}.py"))
        return next((each for each in tried if each.is_file()), None)


def _has(root: Path, name: ModuleKey) -> bool:
    return (root / name[0]).is_dir() or (root / f"{name[0]}.py").is_file()


def _root(folder: Path) -> Path:
    """Return the folder from which a file's package is imported."""
    folder = folder.absolute()
    while (folder / "__init__.py").is_file() and folder.parent != folder:
        folder = folder.parent
    return folder


def _module(file: Path) -> Module | None:
    """Return the facts of a file that declares relationships, or passes on what others do."""
    try:
        return declared(read(file))
    except (Unreadable, RecursionError):
        return None
