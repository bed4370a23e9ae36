"""Calls: of loader functions, of what builds a statement, and of the file's own functions."""

import ast
from collections.abc import Iterator
from collections.abc import Sequence as Items
from dataclasses import replace

from qprof.domain.loaders import COLUMN_OPTIONS, OPTION_WORDS
from qprof.domain.words import listed
from qprof.scan.calls.chains import (
    LoaderCall,
    lead,
    loaded,
    options_in,
    roots_of,
    with_options,
)
from qprof.scan.calls.evaluator import Evaluator
from qprof.scan.calls.values import (
    Attribute,
    Bound,
    ClassBody,
    EntityName,
    Env,
    Function,
    Option,
    Sequence,
    Statement,
    Value,
)
from qprof.scan.imports import dotted

_SAME = {"list", "tuple", "set", "sorted", "reversed", "frozenset"}
_SELECTS = {"select", "Query"}
_LIMITS = {"limit", "offset", "fetch", "slice", "paginate"}
_GETTERS = {"get", "get_one", "get_or_404", "merge", "refresh"}
_SINGLE = {"one", "one_or_none"}
_CALLABLE = (Function, Bound, ClassBody)
_ENDS = {"all", "one", "one_or_none", "scalar", "scalars", "first", "subquery", "count", "exists"}


def call_values(reader: Evaluator, node: ast.Call, env: Env) -> list[Value]:
    """Return what a call may give."""
    name = _name(node)
    receivers = _receivers(reader, node, env)
    keywords = {each.arg: reader.values(each.value, env)[0] for each in node.keywords}
    found: list[Value] = []
    for arguments in reader.combinations(_positional(node), env):
        for receiver in receivers:
            found += _called(reader, node, name, receiver, arguments, keywords, env)
    return found


_Keywords = dict[str | None, Value]


def _name(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _positional(node: ast.Call) -> list[ast.expr]:
    return list(node.args)


def _receivers(reader: Evaluator, node: ast.Call, env: Env) -> list[Value]:
    """Return what the method is called on, else the function itself."""
    if isinstance(node.func, ast.Name):
        return reader.values(node.func, env)
    if isinstance(node.func, ast.Attribute):
        bases = reader.values(node.func.value, env)
        if bases == [None] and dotted(node.func):
            return reader.values(node.func, env)
        # What a class or its instance is not known to have may give anything: a session, say.
        return [
            reader.reading.member(base, node.func.attr) if isinstance(base, ClassBody) else base
            for base in bases
        ]
    return reader.values(node.func, env)


def _called(
    reader: Evaluator,
    node: ast.Call,
    name: str,
    receiver: Value,
    arguments: Items[Value],
    keywords: _Keywords,
    env: Env,
) -> list[Value]:
    if isinstance(receiver, _CALLABLE):
        return _own(reader, node, name, receiver, arguments, keywords)
    if isinstance(receiver, Option):
        return [_on_option(reader, node, name, receiver, arguments)]
    if isinstance(receiver, Attribute):
        return [_on_attribute(name, receiver, arguments)]
    if isinstance(receiver, Statement):
        return [_on_statement(reader, node, name, receiver, arguments, env)]
    is_list = isinstance(receiver, Sequence)
    return [None if is_list else _free(reader, node, name, arguments, keywords)]


def _own(
    reader: Evaluator,
    node: ast.Call,
    name: str,
    receiver: Function | Bound | ClassBody,
    arguments: Items[Value],
    keywords: _Keywords,
) -> list[Value]:
    if isinstance(receiver, ClassBody):
        if name in _GETTERS or any(options_in(each) for each in keywords.values()):
            _free(reader, node, name, arguments, keywords)
        return [receiver]
    return reader.reading.run(receiver, tuple(arguments), keywords, reader)


def _on_option(
    reader: Evaluator, node: ast.Call, name: str, option: Option, arguments: Items[Value]
) -> Value:
    if name in OPTION_WORDS or name in COLUMN_OPTIONS:
        return _loaded(reader, node, name, option, arguments)
    if name == "options":
        return with_options(option, [each for one in arguments for each in options_in(one)])
    return None


def _loaded(
    reader: Evaluator, node: ast.Call, name: str, before: Option, arguments: Items[Value]
) -> Option:
    parts = dotted(node.func)
    # Not the variable of an option on which a method is called.
    is_named = len(parts) == 1 or (len(parts) > 1 and parts[0] in reader.scope.imports.names)
    call = LoaderCall(
        place=reader.place(node.func),
        function=".".join(parts) if is_named else name,
        arguments=tuple(map(_source, node.args)),
        keywords=tuple(ast.unparse(each) for each in node.keywords),
    )
    return loaded(name, arguments, before, call)


def _source(node: ast.expr) -> str:
    """Return the code of an argument; a text in the quotes that most people write."""
    text = node.value if isinstance(node, ast.Constant) else None
    if isinstance(text, str) and text.isprintable() and not {'"', "\\"} & {*text}:
        return f'"{text}"'
    return ast.unparse(node)


def _on_attribute(name: str, attribute: Attribute, arguments: Items[Value]) -> Value:
    if name == "and_":
        return replace(attribute, narrowed=True)
    if name == "of_type":
        subclass = arguments[0] if arguments and isinstance(arguments[0], EntityName) else None
        return replace(attribute, narrowed=True, subclass=subclass)
    return None


def _on_statement(
    reader: Evaluator,
    node: ast.Call,
    name: str,
    statement: Statement,
    arguments: Items[Value],
    env: Env,
) -> Value:
    place = reader.place(node.func)
    if name == "options":
        given = [each for one in arguments for each in options_in(one)]
        said = tuple(_unknown_lists(reader, node, env, statement))
        others = tuple(((), each) for each in _unknown(reader, node, arguments, env))
        more = [Option((), unsupported=said, leaves=others)] if said or others else []
        return reader.frame.extend(statement, place, *given, *more)
    if name in _LIMITS:
        # limit(None) and offset(None) take a limit away.
        is_one = name == "limit" and _constant(node) == 1
        has_limit = not node.args or _constant(node) is not None
        return reader.frame.limit(statement, place, is_single=is_one) if has_limit else statement
    if name == "first" and statement.legacy:
        reader.frame.limit(statement, place, is_single=True)
    if name in _SINGLE and statement.legacy:
        reader.frame.single(statement, place)
    if name in ("get", "get_or_404") and statement.legacy:
        return None
    return None if name in _ENDS else statement


def _unknown(reader: Evaluator, node: ast.Call, arguments: Items[Value], env: Env) -> Iterator[str]:
    """Yield the code of each argument of .options() of which nothing is known."""
    if None in arguments:
        for each in node.args:
            value = each.value if isinstance(each, ast.Starred) else each
            if reader.values(value, dict(env)) == [None]:
                yield ast.unparse(each)


def _unknown_lists(
    reader: Evaluator, node: ast.Call, env: Env, statement: Statement
) -> Iterator[str]:
    """Yield a sentence for each list of options that only a run knows, and who may give it.

    `*schema.loader_options()` of a parameter is what some class of that method says. Named are
    those that join several paths of what the statement selects.
    """
    for each in node.args:
        called = each.value if isinstance(each, ast.Starred) else None
        if not (isinstance(called, ast.Call) and isinstance(called.func, ast.Attribute)):
            continue
        if reader.values(called, env) != [None]:
            continue
        roots = [root.name for root in roots_of(statement)]
        suspects = [
            f"{holder.name}.{function.node.name} (line {function.node.lineno})"
            for holder, function in reader.reading.having(called.func.attr)
            if _joins_several(reader, Bound(function, holder), roots)
        ]
        if suspects:
            them = "is a suspect, and joins" if len(suspects) == 1 else "are suspects, and join"
            yield (
                f"{reader.place(node.func).text}: which options {ast.unparse(called)} gives is "
                f"only known when it runs; {listed(suspects)} {them} several paths of "
                f"{listed(roots)} in one SELECT."
            )


def _joins_several(reader: Evaluator, method: Bound, roots: Items[str]) -> bool:
    values = reader.reading.run(method, (), {}, reader)
    chains = [chain for value in values for one in options_in(value) for chain in one.chains]
    joined = {chain[0].attribute.name for chain in chains if chain[0].strategy == "joined"}
    return len(joined) > 1 and any(lead(chain).name in roots for chain in chains)


def _constant(node: ast.Call) -> object:
    """Return the first argument where it is a literal, () for anything else."""
    first = node.args[0] if node.args else None
    return first.value if isinstance(first, ast.Constant) else ()


def _free(
    reader: Evaluator,
    node: ast.Call,
    name: str,
    arguments: Items[Value],
    keywords: _Keywords,
) -> Value:
    """Return what a call of a function that is not the file's own gives."""
    called = reader.scope.imports.canonical(node.func).rpartition(".")[2] or name
    entities = [each for each in map(reader.entity, arguments) if each is not None]
    if called in OPTION_WORDS or called in COLUMN_OPTIONS:
        return _loaded(reader, node, called, Option(()), arguments)
    if called == "Load" and entities:
        return Option((), root=entities[0])
    if called in ("aliased", "with_polymorphic") and entities:
        return replace(entities[0], alias=f"{node.lineno}:{node.col_offset}", called="")
    if called in _SAME:
        return Sequence(tuple(arguments))
    return _statement(reader, node, called, entities, arguments, keywords)


def _statement(
    reader: Evaluator,
    node: ast.Call,
    called: str,
    entities: Items[EntityName],
    arguments: Items[Value],
    keywords: _Keywords,
) -> Value:
    place = reader.place(node.func)
    if called in _SELECTS or (called == "query" and isinstance(node.func, ast.Attribute)):
        owners = [each.owner for each in arguments if isinstance(each, Attribute)]
        if entities or owners:
            return reader.frame.start(entities, place, legacy=called != "select")
        return reader.frame.start((), place, legacy=called != "select")
    statements = [each for each in arguments if isinstance(each, Statement)]
    if "paginate" in called:
        for each in statements:
            reader.frame.limit(each, place)
        return None
    given = [each for one in (*arguments, *keywords.values()) for each in options_in(one)]
    if given and called not in ("append", "extend", "insert"):
        is_get = called in _GETTERS
        started = reader.frame.start(entities[:1] if is_get else (), place, of=given)
        return reader.frame.single(started, place) if is_get else started
    return None
