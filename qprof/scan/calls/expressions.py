"""Expressions to the values that they may have."""

import ast
from collections.abc import Iterable, Iterator
from itertools import islice, product

from qprof.scan.calls.calling import call_values
from qprof.scan.calls.evaluator import Functions
from qprof.scan.calls.scope import Scope
from qprof.scan.calls.values import (
    Attribute,
    Bound,
    ClassBody,
    EntityName,
    Env,
    Frame,
    NamePlace,
    Sequence,
    Span,
    Statement,
    Value,
)
from qprof.scan.imports import dotted

MOST = 8
"""How many values of one expression are followed; the rest are let go."""


class Expressions:
    """Reads the expressions of one function body."""

    def __init__(self, reading: Functions, scope: Scope, frame: Frame) -> None:
        self.reading = reading
        self.scope = scope
        self.frame = frame
        self.span: Span = (1, 1)
        """The statement of Python at hand."""

    def values(self, node: ast.expr | None, env: Env) -> list[Value]:
        """Return what `node` may be; [None] where that has nothing to do with loading."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        found = method(node, env) if method is not None else self._other(node, env)
        return _few(found) or [None]

    def place(self, node: ast.expr) -> NamePlace:
        """Return where `node` stands."""
        return self.scope.place(node, self.span)

    def combinations(self, nodes: Iterable[ast.expr], env: Env) -> Iterator[tuple[Value, ...]]:
        """Yield the values of `nodes` together; what is starred is spliced."""
        arms = [self.values(node, env) for node in nodes]
        for values in islice(product(*arms), MOST):
            yield tuple(_spliced(values))

    def _other(self, node: ast.expr | None, env: Env) -> list[Value]:
        """Look through an expression of another kind for statements that it builds."""
        if node is not None and not isinstance(node, (ast.Lambda, ast.Constant)):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.values(child, env)
        return [None]

    def _constant(self, node: ast.Constant, env: Env) -> list[Value]:
        return [node.value if isinstance(node.value, str) else None]

    def _name(self, node: ast.Name, env: Env) -> list[Value]:
        if node.id in env:
            return [env[node.id]]
        return [self.scope.entity(node.id) or self.scope.imported(node.id)]

    def _attribute(self, node: ast.Attribute, env: Env) -> list[Value]:
        found: list[Value] = []
        for base in self.values(node.value, env):
            found += self._member(base, node)
        if found == [None]:
            parts = dotted(node)
            is_name = bool(parts) and parts[0] not in env
            entity = self.scope.entity(".".join(parts)) if is_name else None
            return [entity or (self.scope.within(node) if is_name else None)]
        return found

    def _member(self, base: Value, node: ast.Attribute) -> list[Value]:
        if isinstance(base, Attribute):
            found = self.scope.subclass(base)
            return [None if found is None else Attribute(found, node.attr)]
        entity = self.entity(base)
        if isinstance(base, ClassBody) and not self.scope.relates(entity, node.attr):
            held = self._held(base, node.attr)
            if held:
                return held
        if entity is None:
            return [None]
        if node.attr == "query":
            return [self.frame.start([entity], self.place(node), legacy=True)]
        return [Attribute(entity, node.attr)]

    def _held(self, base: ClassBody, name: str) -> list[Value]:
        """Return what a class or its instance has by that name, and its subclasses instead."""
        known = self.reading.member(base, name)
        if isinstance(known, Bound) and known.function.is_property:
            return self.reading.run(known, (), {}, self)
        # What an attribute of self holds is up to each subclass.
        others = self.reading.overridden(base, name) if _may_be_class(known) else []
        return [each for each in (known, *others) if each is not None]

    def entity(self, value: Value) -> EntityName | None:
        """Return the mapped class that `value` is."""
        if isinstance(value, ClassBody):
            found = self.scope.catalogue.find(value.name, value.key)
            is_mapped = found is not None and self.scope.is_mapped(found)
            return EntityName(value.name, found) if is_mapped else None
        return value if isinstance(value, EntityName) else None

    def _call(self, node: ast.Call, env: Env) -> list[Value]:
        return call_values(self, node, env)

    def _starred(self, node: ast.Starred, env: Env) -> list[Value]:
        return [
            each if isinstance(each, Sequence) else None for each in self.values(node.value, env)
        ]

    def _list(self, node: ast.List | ast.Tuple | ast.Set, env: Env) -> list[Value]:
        return [Sequence(values) for values in self.combinations(node.elts, env)]

    _tuple = _list
    _set = _list

    def _ifexp(self, node: ast.IfExp, env: Env) -> list[Value]:
        self.values(node.test, env)
        return [*self.values(node.body, env), *self.values(node.orelse, env)]

    def _boolop(self, node: ast.BoolOp, env: Env) -> list[Value]:
        return [value for each in node.values for value in self.values(each, env)]

    def _namedexpr(self, node: ast.NamedExpr, env: Env) -> list[Value]:
        found = self.values(node.value, env)
        if isinstance(node.target, ast.Name):
            env[node.target.id] = found[0]
        return found

    def _await(self, node: ast.Await, env: Env) -> list[Value]:
        return self.values(node.value, env)

    def _binop(self, node: ast.BinOp, env: Env) -> list[Value]:
        pairs = product(self.values(node.left, env), self.values(node.right, env))
        return [_added(left, right) for left, right in pairs]

    def _subscript(self, node: ast.Subscript, env: Env) -> list[Value]:
        self.values(node.slice, env)
        found: list[Value] = []
        for base in self.values(node.value, env):
            if isinstance(base, Statement) and base.legacy:
                found.append(self.frame.limit(base, self.place(node.value)))
            else:
                found.append(base if isinstance(node.slice, ast.Slice) else None)
        return found

    def _listcomp(
        self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp, env: Env
    ) -> list[Value]:
        first = node.generators[0]
        inner = dict(env)
        items = self.values(first.iter, inner)[0]
        if len(node.generators) > 1 or not isinstance(first.target, ast.Name):
            return [None]
        if not isinstance(items, Sequence):
            self.values(node.elt, {**inner, first.target.id: None})
            return [None]
        each = [self.values(node.elt, {**inner, first.target.id: one})[0] for one in items.items]
        return [Sequence(tuple(each))]

    _generatorexp = _listcomp
    _setcomp = _listcomp


def _may_be_class(value: Value) -> bool:
    return value is None or isinstance(value, (EntityName, ClassBody))


def _few(values: list[Value]) -> list[Value]:
    kept: list[Value] = []
    for each in values:
        if each not in kept and len(kept) < MOST:
            kept.append(each)
    return kept


def _spliced(values: Iterable[Value]) -> Iterator[Value]:
    for each in values:
        if isinstance(each, Sequence):
            yield from each.items
        else:
            yield each


def _added(left: Value, right: Value) -> Value:
    if isinstance(left, Sequence) or isinstance(right, Sequence):
        items = [each for one in (left, right) if isinstance(one, Sequence) for each in one.items]
        return Sequence(tuple(items))
    return None


__all__ = ["MOST", "Expressions"]
