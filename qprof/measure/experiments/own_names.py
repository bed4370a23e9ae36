"""How the user's code calls its classes and aliases, and how it writes what no object tells.

Read off the frames that send a statement: their variables, and the source of their files.
"""

import ast
import re
from collections.abc import Hashable, Iterator, Sequence
from functools import cache
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from sqlalchemy import inspect, orm

from qprof.domain.trace import Site
from qprof.domain.words import listed
from qprof.measure.capture.sites import shown
from qprof.measure.capture.stacks import is_users, stack
from qprof.measure.experiments.edits import Where
from qprof.measure.experiments.experiment import Options
from qprof.measure.orm.spelling import spelled

_CAPITALS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Spelling:
    """Spells the options of each statement that a plan rewrote, in the user's own words."""

    def __init__(self) -> None:
        self.found: dict[Hashable, Options] = {}

    def __call__(self, key: Hashable, statement: Any, lazy: frozenset[str]) -> None:
        """Take a statement that is about to be executed."""
        names = OwnNames()
        options = spelled(statement, names, quiet=lazy)
        remarks = [f"{name} stands for your alias of {of}." for name, of in names.unknown.items()]
        if options.kept:
            remarks.append(f"Keep the {listed(options.kept)}.")
        entities = [
            names.entity(inspect(each["entity"]))
            for each in statement.column_descriptions
            if each.get("entity") is not None
        ]
        self.found[key] = Options(
            options.code,
            tuple(names.import_lines(options.code)),
            tuple(remarks),
            names.place(entities),
            names.where(entities),
        )


class OwnNames:
    """The names that are in use where a statement is sent; those that are to be imported."""

    def __init__(self) -> None:
        self._frames = [each for each in stack() if is_users(each)]
        self._scopes = [scope for each in self._frames for scope in _scopes(each)]
        self._globals = self._frames[0].f_globals if self._frames else {}
        self.imports: dict[str, str] = {}
        """Names that the user's module lacks, to the module that has them."""
        self.unknown: dict[str, str] = {}
        """A name that stands for an alias whose own name is not known, to its class."""

    def function(self, name: str) -> str:
        """Return the code for a function of sqlalchemy.orm."""
        wanted = getattr(orm, name)
        known = self._found(wanted, name)
        if known is None:
            self.imports[name] = "sqlalchemy.orm"
        return known or name

    def entity(self, entity: Any) -> str:
        """Return the code for what SQLAlchemy knows of a mapped class or an alias."""
        wanted = entity.entity if entity.is_aliased_class else entity.class_
        name = entity.mapper.class_.__name__
        known = self._found(wanted, name, of_any=entity.is_aliased_class)
        if known is not None:
            return known
        if not entity.is_aliased_class:
            self.imports[name] = entity.class_.__module__
            return str(name)
        own = entity.name if entity.name and entity.name.isidentifier() else None
        made = own if own and own != name else f"{_CAPITALS.sub('_', name).lower()}_alias"
        self.unknown[made] = name
        return made

    def _found(self, wanted: Any, name: str, *, of_any: bool = False) -> str | None:
        """Return by which name a value is known; of the functions around first, then of the module.

        With `of_any`, a variable of any function that led here counts.
        """
        for scope in (*self._scopes, self._globals) if of_any else (self._globals,):
            for key in (name, *scope):
                if scope.get(key) is wanted and key.isidentifier():
                    return str(key)
        for key, each in self._globals.items():
            if isinstance(each, ModuleType) and getattr(each, name, None) is wanted:
                return f"{key}.{name}"
        return None

    def arguments(self, function: str, attribute: str) -> str | None:
        """Return the arguments of `function` with an attribute of this name; None if unknown.

        They are those of `x.attribute.and_(…)`, or those after the first of `function(x.attribute,
        …)`. They are not known where the user's files have several.
        """
        found = {text for each in self._sources() for text in each.arguments(function, attribute)}
        return found.pop() if len(found) == 1 else None

    def calls(self, function: str) -> Sequence[str]:
        """Return the different calls of `function` in the functions that led here."""
        return list(dict.fromkeys(t for each in self._sources() for t in each.calls(function)))

    def place(self, entities: Sequence[str]) -> Site | None:
        """Return the line of the loader options in the functions that led here.

        None where there are none, or several that may be the ones.
        """
        for frame in self._frames:
            source = source_of(frame.f_code.co_filename)
            lines = source.options_in(frame.f_code.co_firstlineno) if source is not None else []
            own = [line for line, text in lines if any(each in text for each in entities)]
            if len(own) == 1:
                return shown(Site(frame.f_code.co_filename, own[0], frame.f_code.co_name))
            if own:
                return None
        return None

    def where(self, entities: Sequence[str]) -> Where:
        """Return where options may be edited: the functions that led here, innermost first."""
        codes = ((each.f_code, each.f_globals.get("__name__", "")) for each in self._frames)
        return Where(
            tuple((code.co_filename, code.co_firstlineno, str(name)) for code, name in codes),
            tuple(entities),
        )

    def _sources(self) -> "Iterator[UserFile]":
        for file in dict.fromkeys(each.f_code.co_filename for each in self._frames):
            source = source_of(file)
            if source is not None:
                yield source

    def import_lines(self, code: str) -> list[str]:
        """Return the import statements that the user's module lacks for `code`."""
        modules: dict[str, list[str]] = {}
        used = {name: of for name, of in self.imports.items() if re.search(rf"\b{name}\b", code)}
        for name, module in used.items():
            modules.setdefault(module, []).append(name)
        return [f"from {module} import {', '.join(sorted(modules[module]))}" for module in modules]


def _scopes(frame: FrameType) -> Iterator[dict[str, Any]]:
    yield dict(frame.f_locals)
    yield frame.f_globals


class UserFile:
    """A file of the user's."""

    def __init__(self, text: str) -> None:
        self._tree = ast.parse(text)
        self._calls = [each for each in ast.walk(self._tree) if isinstance(each, ast.Call)]
        self._options: dict[int, list[tuple[int, str]]] = {}
        """By the first line of a function. Each run of a call asks again."""

    def arguments(self, function: str, attribute: str) -> Iterator[str]:
        """Yield the arguments of each call that is of `attribute`."""
        for each in self._calls:
            if _called(each) != function:
                continue
            owner = each.func.value if isinstance(each.func, ast.Attribute) else None
            if function == "and_" and _is_attribute(owner, attribute):
                yield _unparsed(each, 0)
            elif each.args and _is_attribute(each.args[0], attribute):
                text = _unparsed(each, 1)
                if text:
                    yield text

    def calls(self, function: str) -> Iterator[str]:
        """Yield each call of `function`."""
        return (ast.unparse(each) for each in self._calls if _called(each) == function)

    def options_in(self, first: int) -> list[tuple[int, str]]:
        """Return the line and the code of each `.options(…)` in the function at line `first`."""
        if first not in self._options:
            self._options[first] = self._find_options(first)
        return self._options[first]

    def _find_options(self, first: int) -> list[tuple[int, str]]:
        for each in ast.walk(self._tree):
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                start = min([each.lineno, *(one.lineno for one in each.decorator_list)])
                if start == first:
                    return [
                        (call.func.end_lineno or call.lineno, ast.unparse(call))
                        for call in ast.walk(each)
                        if isinstance(call, ast.Call) and _called(call) == "options" and call.args
                    ]
        return []


@cache
def source_of(file: str) -> UserFile | None:
    """Return a file of the user's; None where it is no Python file that can be read."""
    try:
        return UserFile(Path(file).read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return None


def _called(call: ast.Call) -> str:
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def _is_attribute(node: ast.AST | None, name: str) -> bool:
    # of_type() may stand between the attribute and what is done with it.
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    return isinstance(node, ast.Attribute) and node.attr == name


def _unparsed(call: ast.Call, start: int) -> str:
    given = [ast.unparse(each) for each in call.args[start:]]
    given += [f"{each.arg}={ast.unparse(each.value)}" for each in call.keywords if each.arg]
    return ", ".join(given)
