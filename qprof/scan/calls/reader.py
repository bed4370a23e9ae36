"""All statements that a file's functions build, with the loader options of each."""

import ast
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from qprof.scan.calls.evaluator import Evaluator
from qprof.scan.calls.expressions import Expressions
from qprof.scan.calls.flow import Flow
from qprof.scan.calls.scope import Scope, scope_of
from qprof.scan.calls.values import (
    Bound,
    ClassBody,
    EntityName,
    Env,
    Frame,
    Function,
    Sequence,
    Span,
    Statement,
    Value,
)
from qprof.scan.imports import dotted
from qprof.scan.models.catalogue import Catalogue
from qprof.scan.source_file import ModuleKey, SourceFile, Unreadable

_DEEPEST = 5
"""How many calls of a file's own functions are followed into each other."""
_MOST_CALLS = 200
"""How many calls of scanned functions are followed for one function; then they say nothing."""
_MOST_SUSPECTS = 8
"""How many classes of the same method are looked at, where only a run knows which it is."""
_KEPT = 16
"""How many other modules are kept at hand; more are read again."""


@dataclass(frozen=True)
class Built:
    """The statements that one function, or the body of a module or class, builds."""

    name: str
    owner: str
    """The class, else "" for the module itself."""
    file: str
    span: Span
    statements: tuple[Statement, ...]
    is_mapping: bool = False
    """It is no function, but what the mapping of a class loads by itself."""


class Reader:
    """Reads files one after another; what a file imports from others is read on demand."""

    def __init__(
        self, catalogue: Catalogue, read: Callable[[ModuleKey], SourceFile | None]
    ) -> None:
        self._catalogue = catalogue
        self._read = read
        self._others: OrderedDict[ModuleKey, Env] = OrderedDict()
        self._scopes: dict[ModuleKey, Scope] = {}
        self._functions: list[tuple[Function, Scope]] = []
        self._consumed: dict[int, None] = {}
        self._running: list[ast.AST] = []
        self._collecting = False
        self._known: dict[object, list[Value]] = {}
        self._names: dict[ast.AST, set[str]] = {}
        self._calls = 0

    def built(self, source: SourceFile) -> Iterator[Built]:
        """Yield what each function of `source` builds, those inside of others included."""
        self._functions, self._consumed, self._known, self._names = [], {}, {}, {}
        scope = self._scope(source)
        frame = Frame()
        self._collecting = True
        Flow(Expressions(self, scope, frame)).run(source.tree.body, [{}])
        found = [Built(source.file.stem, "", source.shown, (1, 1), tuple(frame.finished()))]
        returned: list[tuple[Function, Built, list[Value]]] = []
        while self._functions:
            function, its_scope = self._functions.pop(0)
            inner, self._calls = Frame(), 0
            self._follow(function, inner, its_scope, {})
            returned.append((function, _built(function, source.shown, inner), inner.returned))
        self._collecting = False
        if source.key not in self._others:
            self._scopes.pop(source.key, None)
        yield from found
        for function, each, values in returned:
            yield self._without_passed_on(function, each, values)

    def _without_passed_on(self, function: Function, each: Built, values: list[Value]) -> Built:
        """Drop statements that a helper returns to a caller in this file, which reports them."""
        if id(function.node) not in self._consumed:
            return each
        passed = {value.serial for value in values if isinstance(value, Statement)}
        kept = tuple(one for one in each.statements if one.serial not in passed)
        return Built(each.name, each.owner, each.file, each.span, kept)

    def defined(self, function: Function, reader: Evaluator) -> None:
        """Take note of a function that is to be read."""
        if self._collecting and all(one.node is not function.node for one, _ in self._functions):
            self._functions.append((function, reader.scope))

    def member(self, holder: ClassBody, name: str) -> Value:
        """Return an attribute or method of a class or of an instance; inherited ones, too."""
        found = self._inherited(holder, name, 0)
        return Bound(found, holder) if isinstance(found, Function) else found

    def _inherited(self, holder: ClassBody, name: str, depth: int) -> Value:
        if name in holder.attributes or depth > _DEEPEST:
            return holder.attributes.get(name)
        scope = self._scope_of(holder.key)
        for base in holder.bases:
            around = self._others.get(holder.key, {})
            found = around.get(base) or (scope.imported(base) if scope else None)
            if found is None and scope is not None:
                found = self.foreign(holder.key, base, holder.key)
            if isinstance(found, ClassBody) and found is not holder:
                value = self._inherited(found, name, depth + 1)
                if value is not None:
                    return value
        return None

    def overridden(self, holder: ClassBody, name: str) -> list[Value]:
        """Return the mapped classes that subclasses of `holder` have by that name."""
        return [
            EntityName(found.name, found)
            for each, named in self._catalogue.overridden(name, holder.name, holder.key)
            if (found := self._catalogue.find(named, each.key)) is not None
        ]

    def having(self, method: str) -> list[tuple[ClassBody, Function]]:
        """Return the classes of scanned files that define `method`, the first few."""
        pairs = []
        for each in self._catalogue.having(method)[:_MOST_SUSPECTS]:
            body = self._env(each.key).get(each.name)
            function = body.attributes.get(method) if isinstance(body, ClassBody) else None
            if isinstance(body, ClassBody) and isinstance(function, Function):
                pairs.append((body, function))
        return pairs

    def run(
        self,
        called: Function | Bound,
        arguments: tuple[Value, ...],
        keywords: dict[str | None, Value],
        reader: Evaluator,
    ) -> list[Value]:
        """Return what a call of a scanned function may give."""
        function = called.function if isinstance(called, Bound) else called
        instance = called.instance if isinstance(called, Bound) else None
        if function.node in self._running or len(self._running) >= _DEEPEST:
            return [None]
        given = (arguments, tuple(sorted(keywords.items(), key=lambda each: str(each[0]))))
        key = (function.node, id(instance), given)
        if key not in self._known:
            bound = _parameters(function, arguments, keywords, instance)
            self._known[key] = self._returned(function, bound)
        self._consumed[id(function.node)] = None
        for value in self._known[key]:
            reader.frame.adopt(value)
        return self._known[key]

    def _returned(self, function: Function, bound: Env) -> list[Value]:
        self._calls += 1
        if self._calls > _MOST_CALLS:
            return [None]
        frame = Frame()
        scope = self._scope_of(function.key)
        if scope is None:
            return [None]
        collecting, self._collecting = self._collecting, False
        self._follow(function, frame, scope, bound)
        self._collecting = collecting
        return frame.returned or [None]

    def _follow(self, function: Function, frame: Frame, scope: Scope, bound: Env) -> None:
        owner = function.owner
        own = self._own_names(function, scope)
        env = {**function.around, **own, **_parameters(function, (), {}, owner), **bound}
        self._running.append(function.node)
        try:
            Flow(Expressions(self, scope, frame)).run(function.node.body, [env])
        finally:
            self._running.pop()

    def _own_names(self, function: Function, scope: Scope) -> Env:
        """Return the names that the body binds: of nobody else's, whichever way is taken.

        Bound from the start, two ways that differ in what has nothing to do with loading are one.
        """
        if function.node not in self._names:
            self._names[function.node] = assigned(function.node) - scope.imports.names.keys()
        return dict.fromkeys(self._names[function.node])

    def foreign(self, module: ModuleKey, name: str, near: ModuleKey) -> Value:
        """Return what `name` of another module is; None where that says nothing of loading."""
        found = self._catalogue.imported(module, near) if module else None
        if found is None:
            return None
        env = self._env(found.key) if "options" in found.mentions else {}
        if name in env:
            return env[name]
        bound = found.imports.names.get(name)
        if bound is not None and bound.name and (bound.module, bound.name) != (module, name):
            return self.foreign(bound.module, bound.name, found.key)
        return None

    def _env(self, key: ModuleKey) -> Env:
        if key not in self._others:
            self._others[key] = {}  # Modules may import each other.
            self._others[key] = self._read_other(key)
            while len(self._others) > _KEPT:
                self._scopes.pop(self._others.popitem(last=False)[0], None)
        self._others.move_to_end(key)
        return self._others[key]

    def _read_other(self, key: ModuleKey) -> Env:
        try:
            source = self._read(key)
        except Unreadable:
            source = None
        if source is None:
            return {}
        collecting, self._collecting = self._collecting, False
        scope = self._scope(source)
        worlds = Flow(Expressions(self, scope, Frame())).run(source.tree.body, [{}])
        self._collecting = collecting
        return worlds[0] if worlds else {}

    def _scope_of(self, key: ModuleKey) -> Scope | None:
        """Return the scope of a module, read again where it was let go."""
        if key not in self._scopes:
            self._env(key)
        return self._scopes.get(key)

    def _scope(self, source: SourceFile) -> Scope:
        facts = self._catalogue.module(source.key)
        assert facts is not None
        scope = scope_of(source, facts.imports, self._catalogue, self.foreign)
        self._scopes[source.key] = scope
        return scope


def _built(function: Function, file: str, frame: Frame) -> Built:
    node = function.node
    owner = function.owner.name if function.owner else ""
    span = (node.lineno, node.end_lineno or node.lineno)
    return Built(function.name, owner, file, span, tuple(frame.finished()))


def _parameters(
    function: Function,
    arguments: tuple[Value, ...],
    keywords: dict[str | None, Value],
    instance: ClassBody | None,
) -> Env:
    """Return what the parameters are bound to; a name without a value hides that of outside."""
    spec = function.node.args
    names = [each.arg for each in (*spec.posonlyargs, *spec.args)]
    given = (instance, *arguments) if instance and not _is_static(function) else arguments
    env: Env = dict.fromkeys([*names, *(each.arg for each in spec.kwonlyargs)])
    env.update(zip(names, given, strict=False))
    if spec.vararg is not None:
        env[spec.vararg.arg] = Sequence(tuple(given[len(names) :])) if given else None
    env.update({key: value for key, value in keywords.items() if key in env and key})
    return env


def assigned(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Return the names that the statements of `function` bind, those inside of it left out."""
    found: set[str] = set()
    waiting: list[ast.AST] = [*function.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if not isinstance(node, _INNER):
            waiting += ast.iter_child_nodes(node)
    return found


_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def _is_static(function: Function) -> bool:
    return any("staticmethod" in dotted(each) for each in function.node.decorator_list)
