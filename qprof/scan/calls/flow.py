"""Statements of Python, followed through every branch: one environment for each way taken."""

import ast
from collections.abc import Iterable
from dataclasses import replace

from qprof.scan.calls.evaluator import Evaluator
from qprof.scan.calls.values import ClassBody, EntityName, Env, Function, Sequence, Value

WORLDS = 16
"""How many ways through one function are followed; of more, the first ones."""
ITEMS = 32
"""How many different items of a loop over a known list are followed."""


class Flow:
    """Follows one body."""

    def __init__(self, reader: Evaluator, owner: ClassBody | None = None) -> None:
        self._reader = reader
        self._owner = owner

    def run(self, body: Iterable[ast.stmt], worlds: list[Env]) -> list[Env]:
        """Return the environments that may hold after `body`; those that returned are gone."""
        for node in body:
            if not worlds:
                break
            worlds = _distinct([new for env in worlds for new in self._one(node, env)])
        return worlds

    def _one(self, node: ast.stmt, env: Env) -> list[Env]:
        # A block has no expression of its own beyond its head.
        body = getattr(node, "body", None)
        last = body[0].lineno - 1 if body else node.end_lineno
        self._reader.span = (node.lineno, max(last or node.lineno, node.lineno))
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is not None:
            worlds: list[Env] = method(node, env)
            return worlds
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self._reader.values(child, env)
        return [env]

    def _bind(self, env: Env, target: ast.expr, values: list[Value]) -> list[Env]:
        if isinstance(target, ast.Name):
            return [{**env, target.id: _called(value, target.id)} for value in values]
        is_own = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
        if is_own and isinstance(holder := env.get(target.value.id), ClassBody):  # type: ignore[attr-defined]
            if values[0] is not None:
                held = _called(values[0], ast.unparse(target))
                holder.attributes.setdefault(target.attr, held)  # type: ignore[attr-defined]
        elif isinstance(target, (ast.Tuple, ast.List)):
            return self._unpack(env, target, values[0])
        return [env]

    def _unpack(self, env: Env, target: ast.Tuple | ast.List, value: Value) -> list[Env]:
        items = value.items if isinstance(value, Sequence) else ()
        same = len(items) == len(target.elts)
        new = dict(env)
        for number, each in enumerate(target.elts):
            if isinstance(each, ast.Name):
                new[each.id] = items[number] if same else None
        return [new]

    def _assign(self, node: ast.Assign, env: Env) -> list[Env]:
        worlds = [env]
        values = self._reader.values(node.value, env)
        for target in node.targets:
            worlds = [new for each in worlds for new in self._bind(each, target, values)]
        return worlds

    def _annassign(self, node: ast.AnnAssign, env: Env) -> list[Env]:
        if node.value is None:
            return [env]
        return self._bind(env, node.target, self._reader.values(node.value, env))

    def _augassign(self, node: ast.AugAssign, env: Env) -> list[Env]:
        added = ast.BinOp(left=_loaded(node.target), op=node.op, right=node.value)
        return self._bind(env, node.target, self._reader.values(added, env))

    def _return(self, node: ast.Return, env: Env) -> list[Env]:
        self._reader.frame.returned += self._reader.values(node.value, env)
        return []

    def _raise(self, node: ast.Raise, env: Env) -> list[Env]:
        return []

    def _expr(self, node: ast.Expr, env: Env) -> list[Env]:
        call = node.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            holder = call.func.value
            old = env.get(holder.id) if isinstance(holder, ast.Name) else None
            if isinstance(old, Sequence) and call.func.attr in ("append", "extend", "add"):
                assert isinstance(holder, ast.Name)
                return [
                    {**env, holder.id: Sequence((*old.items, *values))}
                    for values in self._reader.combinations(call.args, env)
                ]
        self._reader.values(call, env)
        return [env]

    def _if(self, node: ast.If, env: Env) -> list[Env]:
        self._reader.values(node.test, env)
        return [*self.run(node.body, [dict(env)]), *self.run(node.orelse, [dict(env)])]

    def _for(self, node: ast.For | ast.AsyncFor, env: Env) -> list[Env]:
        items = self._reader.values(node.iter, env)[0]
        worlds = [dict(env)]
        if isinstance(items, Sequence):
            for each in list(dict.fromkeys(items.items))[:ITEMS]:
                worlds = [new for one in worlds for new in self._bind(one, node.target, [each])]
                worlds = self.run(node.body, worlds)
        else:
            bound = self._bind(env, node.target, [None])
            worlds = [*self.run(node.body, bound), dict(env)]
        return self.run(node.orelse, worlds)

    _asyncfor = _for

    def _while(self, node: ast.While, env: Env) -> list[Env]:
        self._reader.values(node.test, env)
        return [*self.run(node.body, [dict(env)]), dict(env)]

    def _with(self, node: ast.With | ast.AsyncWith, env: Env) -> list[Env]:
        for each in node.items:
            self._reader.values(each.context_expr, env)
        return self.run(node.body, [env])

    _asyncwith = _with

    def _try(self, node: ast.Try, env: Env) -> list[Env]:
        worlds = self.run(node.orelse, self.run(node.body, [dict(env)]))
        for handler in node.handlers:
            worlds += self.run(handler.body, [dict(env)])
        return self.run(node.finalbody, _distinct(worlds))

    _trystar = _try

    def _match(self, node: ast.Match, env: Env) -> list[Env]:
        self._reader.values(node.subject, env)
        ways = [new for case in node.cases for new in self.run(case.body, [dict(env)])]
        return [*ways, env]

    def _functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, env: Env) -> list[Env]:
        names = [each.id for each in node.decorator_list if isinstance(each, ast.Name)]
        made = Function(
            node=node,
            key=self._reader.scope.key,
            name=f"{self._owner.name}.{node.name}" if self._owner else node.name,
            around=env,
            owner=self._owner,
            is_property=bool({"property", "cached_property", "hybrid_property"} & {*names}),
        )
        self._reader.reading.defined(made, self._reader)
        if self._owner is None:
            env[node.name] = made
        else:
            self._owner.attributes[node.name] = made
        return [env]

    _asyncfunctiondef = _functiondef

    def _classdef(self, node: ast.ClassDef, env: Env) -> list[Env]:
        bases = tuple(ast.unparse(each) for each in node.bases)
        made = ClassBody(node.name, self._reader.scope.key, {}, bases)
        env[node.name] = made
        for world in Flow(self._reader, made).run(node.body, [dict(env)])[:1]:
            new = {key: value for key, value in world.items() if env.get(key) is not value}
            made.attributes.update({k: v for k, v in new.items() if v is not None})
        return [env]


def _called(value: Value, name: str) -> Value:
    """Return `value`; an alias takes the name of the first variable that holds it."""
    is_new = isinstance(value, EntityName) and value.alias and not value.called
    return replace(value, called=name) if is_new else value  # type: ignore[type-var]


def _loaded(target: ast.expr) -> ast.expr:
    """Return what is assigned to as an expression that is read."""
    return ast.copy_location(ast.parse(ast.unparse(target), mode="eval").body, target)


def _distinct(worlds: list[Env]) -> list[Env]:
    kept: list[Env] = []
    for each in worlds:
        if each not in kept:
            kept.append(each)
    return kept[:WORLDS]


__all__ = ["WORLDS", "Flow"]
