"""A fix as a diff of the user's source, at the line of the loader options.

The source is read, never imported. Loader calls are renamed where they stand: in the function that
sends the statement, in a constant, or in a helper of another file. If that is not enough, the
`.options(…)` of the function is replaced. No diff is made where the place is not certain.
"""

import ast
import difflib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from qprof.domain.loaders import LOADERS, OPTION_WORDS
from qprof.domain.trace import OptionChange, Site
from qprof.domain.trace import Path as LoaderPath
from qprof.measure.capture.sites import shown

_WIDTH = 88
_DEEPEST = 3
"""How many names are followed into each other: a constant that is built of others."""
_FILES = 256
"""How many files are held in memory: more than the modules that a function imports."""
_Edit = tuple[int, int, str]
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Where:
    """The functions that led to a statement, innermost first, and what it selects."""

    functions: tuple[tuple[str, int, str], ...] = ()
    """File, first line and module of each."""
    entities: tuple[str, ...] = ()
    """The names of what is selected, as the innermost function writes them."""


def diff_of(
    where: Where,
    paths: Mapping[str, LoaderPath],
    change: OptionChange,
    code: str,
    imports: Sequence[str] = (),
) -> str:
    """Return the change as a unified diff; "" where its place is not known.

    `paths` are those of the statement as written, `code` are its options with the change, and
    `imports` what the innermost module lacks for them.
    """
    wanted = {
        p: s for p, s in change.strategies.items() if p not in paths or paths[p].strategy != s
    }
    for file, line, module in where.functions:
        source = _read(file, module)
        function = source.function(line) if source else None
        if source is None or function is None:
            continue
        edits = {} if _beyond(change) else _renames(source, function, paths, wanted)
        if not edits and any(each in ast.unparse(function) for each in where.entities):
            made = _replaced(source, function, where.entities, code)
            edits = {source: [*made, *_lines_added(source, imports if made else ())]}
        found = "".join(each.diff(made) for each, made in edits.items())
        if found:
            return found
    return ""


def _beyond(change: OptionChange) -> bool:
    """Return whether more is changed than the functions of loader calls."""
    return bool(change.columns or change.subclasses or change.inner) or (
        "lazy" in change.strategies.values()
    )


@dataclass(frozen=True)
class _Source:
    """A file of the user's."""

    file: str
    module: str
    text: str = field(compare=False)
    tree: ast.Module = field(compare=False)

    def function(self, first: int) -> _Function | None:
        """Return the function whose first line, decorators included, is `first`."""
        for each in ast.walk(self.tree):
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                start = min([each.lineno, *(one.lineno for one in each.decorator_list)])
                if start == first:
                    return each
        return None

    @cached_property
    def definitions(self) -> Mapping[str, Sequence[ast.AST]]:
        """The functions and values at the top level and in classes, by name."""
        found: dict[str, list[ast.AST]] = {}
        for each in self._body():
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                found.setdefault(each.name, []).append(each)
            elif isinstance(each, ast.Assign | ast.AnnAssign) and each.value is not None:
                targets = each.targets if isinstance(each, ast.Assign) else [each.target]
                for name in dict.fromkeys(map(_name, targets)):
                    found.setdefault(name, []).append(each.value)
        return found

    @cached_property
    def imported(self) -> Sequence[tuple[str, str, str]]:
        """What is imported from elsewhere than SQLAlchemy: module, name there, and name here."""
        nodes = [each for each in self._body() if isinstance(each, ast.ImportFrom)]
        return [
            (module, each.name, each.asname or each.name)
            for module, node in zip(map(self._absolute, nodes), nodes, strict=True)
            for each in node.names
            if module.partition(".")[0] != "sqlalchemy"
        ]

    def _body(self) -> Sequence[ast.stmt]:
        """Return what stands at the top level and in its classes."""
        classes = [each for each in self.tree.body if isinstance(each, ast.ClassDef)]
        return [*self.tree.body, *(one for made in classes for one in made.body)]

    def _absolute(self, node: ast.ImportFrom) -> str:
        parts = self.module.split(".")
        up = node.level - (Path(self.file).stem == "__init__")
        base = parts[: len(parts) - up] if node.level else []
        return ".".join([*base, *([node.module] if node.module else [])])

    def offset(self, line: int, column: int) -> int:
        """Return the place of a line, from 1, and a column in bytes, from 0."""
        lines = self.text.split("\n")
        before = sum(len(each) + 1 for each in lines[: line - 1])
        return before + len(lines[line - 1].encode()[:column].decode(errors="ignore"))

    def start(self, node: ast.alias) -> int:
        """Return the place of a name in an import."""
        return self.offset(node.lineno, node.col_offset)

    def end(self, node: ast.alias | ast.expr | ast.stmt | ast.keyword) -> int:
        """Return the place after `node`."""
        return self.offset(node.end_lineno or 1, node.end_col_offset or 0)

    def original(self, name: str) -> str:
        """Return the name in sqlalchemy.orm of what the file calls `name`."""
        for node in self.imports():
            for each in node.names:
                if (each.asname or each.name) == name:
                    return each.name
        return name

    def local(self, name: str) -> str:
        """Return what the file calls a function of sqlalchemy.orm; "" where it does not have it."""
        for node in self.imports():
            for each in node.names:
                if each.name in (name, "*"):
                    return each.asname or name
        return ""

    def imports(self) -> list[ast.ImportFrom]:
        """Return the imports from sqlalchemy.orm at the top level."""
        found = [each for each in self.tree.body if isinstance(each, ast.ImportFrom)]
        return [each for each in found if each.module in ("sqlalchemy.orm", "sqlalchemy")]

    def diff(self, edits: Sequence[_Edit]) -> str:
        """Return the file with `edits` made as a diff; "" where it would not parse."""
        new, at = [], 0
        for start, end, text in sorted(edits):
            new += [self.text[at:start], text]
            at = end
        changed = "".join([*new, self.text[at:]])
        try:
            ast.parse(changed)
        except SyntaxError:
            return ""
        site = shown(Site(self.file, 1, ""))
        name = site.file if site else self.file
        old = self.text.splitlines(keepends=True)
        lines = difflib.unified_diff(
            old, changed.splitlines(keepends=True), f"a/{name}", f"b/{name}", n=3
        )
        return "".join(each if each.endswith("\n") else f"{each}\n" for each in lines)


def _read(file: str, module: str) -> _Source | None:
    try:
        changed = Path(file).stat().st_mtime_ns
    except OSError:
        return None
    return _parsed(file, module, changed)


@lru_cache(_FILES)
def _parsed(file: str, module: str, changed: int) -> _Source | None:
    """Return a file, which last changed at `changed`: a name is looked for in many files."""
    try:
        text = Path(file).read_text(encoding="utf-8")
        return _Source(file, module, text, ast.parse(text))
    except (OSError, SyntaxError, ValueError):
        return None


def _renames(
    source: _Source,
    function: _Function,
    paths: Mapping[str, LoaderPath],
    wanted: Mapping[str, str],
) -> dict[_Source, list[_Edit]]:
    """Return the new names of the loader calls of all that is `wanted`; {} where one is unknown."""
    found = _calls(source, function, 0, set())
    # Two imports may lead to the same file, which is then read twice.
    calls = {(s.file, c.func.end_lineno, c.func.end_col_offset): (s, c) for s, c in found}.values()
    edits: dict[_Source, list[_Edit]] = {}
    for name, strategy in wanted.items():
        path = paths.get(name)
        option = LOADERS.get(path.strategy, "") if path else ""
        owner, _, key = (path.hops[-1] if path else name).rpartition(".")
        able = [each for each in calls if _loads(*each, option, key)]
        own = [each for each in able if _owner(each[1]) == owner]
        if len(own or able) != 1:
            return {}
        where, call = (own or able)[0]
        edits.setdefault(where, []).extend(_renamed(where, call, LOADERS[strategy]))
    for where, made in edits.items():
        made += _imported(where, {LOADERS[each] for each in wanted.values()}, made)
    return edits


def _calls(
    source: _Source, node: ast.AST, depth: int, seen: set[ast.AST]
) -> Iterator[tuple[_Source, ast.Call]]:
    """Yield the loader calls in `node`, and in the constants and helpers that it names."""
    if node in seen:
        return
    seen.add(node)
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and source.original(_name(each.func)) in OPTION_WORDS:
            yield source, each
    if depth < _DEEPEST:
        for name in _named(node, depth):
            for where, found in _defined(source, name):
                yield from _calls(where, found, depth + 1, seen)


def _named(node: ast.AST, depth: int) -> Iterator[str]:
    """Yield the names within the options of a function; within a constant or helper, all."""
    options = [] if depth else _options_in(node)
    # A function without options of its own may send a statement that is a constant.
    within = [each for call in options for each in call.args] if options else [node]
    for one in within:
        for each in ast.walk(one):
            if isinstance(each, ast.Name | ast.Attribute):
                yield _name(each)


def _options_in(node: ast.AST) -> list[ast.Call]:
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    return [each for each in calls if _name(each.func) == "options"]


def _defined(
    source: _Source, name: str, depth: int = 0, seen: set[tuple[str, str]] | None = None
) -> Iterator[tuple[_Source, ast.AST]]:
    """Yield what defines a name: a function or an assignment, here or in an imported file."""
    seen = set() if seen is None else seen
    if (source.file, name) in seen:
        return
    seen.add((source.file, name))
    for each in source.definitions.get(name, ()):
        yield source, each
    if depth < _DEEPEST:
        for module, key, bound in source.imported:
            # A module of a package, whose names are read as its attributes.
            inner = sys.modules.get(f"{module}.{key}")
            found = inner or (sys.modules.get(module) if bound == name else None)
            file = getattr(found, "__file__", None)
            other = _read(file, found.__name__) if found is not None and file else None
            if other is not None and other != source:
                yield from _defined(other, name if inner else key, depth + 1, seen)


def _loads(source: _Source, call: ast.Call, option: str, key: str) -> bool:
    return source.original(_name(call.func)) == option and _key(call) == key


def _attribute(call: ast.Call) -> ast.Attribute | None:
    """Return the attribute that a loader call names, without .and_() and .of_type()."""
    node: ast.AST | None = call.args[-1] if call.args else None
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    return node if isinstance(node, ast.Attribute) else None


def _key(call: ast.Call) -> str:
    found = _attribute(call)
    return found.attr if found else ""


def _owner(call: ast.Call) -> str:
    found = _attribute(call)
    return _name(found.value) if found else ""


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _renamed(source: _Source, call: ast.Call, to: str) -> Iterator[_Edit]:
    end, old = source.end(call.func), _name(call.func)
    bare = isinstance(call.func, ast.Name)
    yield end - len(old), end, (source.local(to) or to) if bare else to
    before: ast.expr | ast.keyword | None = call.args[-1] if call.args else None
    for each in call.keywords:
        if each.arg == "innerjoin" and before is not None:
            yield source.end(before), source.end(each), ""
        before = each


def _imported(source: _Source, wanted: set[str], made: Sequence[_Edit]) -> Iterator[_Edit]:
    """Yield what the imports need for the names that were written."""
    written = {text for _, _, text in made}
    lacking = sorted(each for each in wanted if each in written and not source.local(each))
    able = [each for each in source.imports() if each.module == "sqlalchemy.orm"]
    if lacking and able:
        yield _lengthened(source, able[-1], lacking)


def _lengthened(source: _Source, node: ast.ImportFrom, names: Sequence[str]) -> _Edit:
    """Return an import with more names: each on a line of its own where the last one is."""
    last = node.names[-1]
    before = source.text[: source.start(last)].rpartition("\n")[2]
    between = f",\n{before}" if last.lineno > node.lineno and not before.strip() else ", "
    end = source.end(last)
    return end, end, "".join(f"{between}{each}" for each in names)


def _lines_added(source: _Source, imports: Sequence[str]) -> Iterator[_Edit]:
    """Yield import statements: in one that the file has of the module, else after the last one."""
    own = [each for each in source.tree.body if isinstance(each, ast.Import | ast.ImportFrom)]
    of = {each.module: each for each in own if isinstance(each, ast.ImportFrom) and not each.level}
    new: list[str] = []
    for line in imports:
        module, names = line.removeprefix("from ").split(" import ")
        node = of.get(module)
        if node is None or node.names[0].name == "*":
            new.append(line)
        else:
            yield _lengthened(source, node, names.split(", "))
    if new and own:
        end = source.end(own[-1])
        yield end, end, "".join(f"\n{each}" for each in new)


def _replaced(
    source: _Source, function: _Function, entities: Sequence[str], code: str
) -> list[_Edit]:
    """Return the options of the function's one statement replaced; [] where it has several."""
    calls = [each for each in ast.walk(function) if isinstance(each, ast.Call)]
    options = _options_in(function)
    selects = [
        each
        for each in calls
        if _name(each.func) in ("select", "query")
        and any(ast.unparse(one) in entities for one in each.args)
    ]
    if len(selects) != 1 or len(options) > 1:
        return []
    if not options:
        end = source.end(selects[0])
        return [(end, end, code)]
    call = options[0]
    if not isinstance(call.func, ast.Attribute) or selects[0] not in [*ast.walk(call.func)]:
        return []
    start = source.end(call.func.value)
    text = source.text[start : source.end(call.func)]
    lead = text[: len(text) - len(text.lstrip())]
    return [(start, source.end(call), lead + _laid_out(source, start + len(lead), code))]


def _laid_out(source: _Source, start: int, code: str) -> str:
    """Return ".options(…)" with a line for each option if it is long and begins its line."""
    line = source.text[source.text.rfind("\n", 0, start) + 1 : start]
    if not code or line.strip() or len(line) + len(code) <= _WIDTH:
        return code
    indent = line[: len(line) - len(line.lstrip())]
    call = ast.parse(f"_{code}", mode="eval").body
    assert isinstance(call, ast.Call)
    parts = [ast.get_source_segment(f"_{code}", each) for each in call.args]
    inside = "".join(f"{indent}    {each},\n" for each in parts)
    return f".options(\n{inside}{indent})"
