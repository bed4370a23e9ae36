"""The JSON Schema of what `to_json` writes, read off the dataclasses: no second contract."""

import ast
import dataclasses
import inspect
import sys
import types
import typing
from collections.abc import Iterator
from inspect import cleandoc
from itertools import pairwise
from typing import Any

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_SCALARS = {str: "string", int: "integer", bool: "boolean", types.NoneType: "null"}


def json_schema(kind: type[Any], name: str) -> dict[str, Any]:
    """Return the schema of the JSON of a frozen dataclass, as the contract `name`.

    Every key is required. A key that is not listed is allowed: later versions add some.
    """
    definitions: dict[str, Any] = {}
    _define(kind, definitions)
    root = definitions.pop(kind.__name__)
    properties = {**root["properties"], "schema": {"const": name}}
    return {
        "$schema": DRAFT,
        "title": name,
        **root,
        "properties": properties,
        "$defs": dict(sorted(definitions.items())),
    }


def _define(kind: type[Any], definitions: dict[str, Any]) -> None:
    if kind.__name__ in definitions:
        return
    definitions[kind.__name__] = {}
    hints, told = typing.get_type_hints(kind), dict(_descriptions(kind))
    properties = {}
    for each in dataclasses.fields(kind):
        described = {"description": told[each.name]} if each.name in told else {}
        properties[each.name] = {**_schema(hints[each.name], definitions), **described}
    definitions[kind.__name__] = {
        "description": cleandoc(kind.__doc__ or ""),
        "type": "object",
        "required": list(properties),
        "properties": properties,
    }


def _schema(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        _define(kind, definitions)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    if typing.get_origin(kind) is not None or isinstance(kind, types.UnionType):
        return _generic(typing.get_origin(kind), typing.get_args(kind), definitions)
    # A float that JSON cannot hold is null.
    return {"type": ["number", "null"]} if kind is float else {"type": _SCALARS[kind]}


def _generic(origin: Any, arms: tuple[Any, ...], definitions: dict[str, Any]) -> dict[str, Any]:
    if origin in (types.UnionType, typing.Union):
        return _either([_schema(arm, definitions) for arm in arms])
    if origin is typing.Literal:
        return {"enum": list(arms)}
    if origin is tuple:
        return _array(arms, definitions)
    return {"type": "object", "additionalProperties": _schema(arms[1], definitions)}


def _array(arms: tuple[Any, ...], definitions: dict[str, Any]) -> dict[str, Any]:
    if len(arms) == 2 and arms[1] is Ellipsis:
        return {"type": "array", "items": _schema(arms[0], definitions)}
    items = [_schema(arm, definitions) for arm in arms]
    return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}


def _either(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what one of several schemas allows; of plain types, one list of types."""
    if any(set(each) != {"type"} for each in schemas):
        return {"anyOf": schemas}
    listed = ([each["type"]] if isinstance(each["type"], str) else each["type"] for each in schemas)
    return {"type": list(dict.fromkeys(each for some in listed for each in some))}


def _descriptions(kind: type[Any]) -> Iterator[tuple[str, str]]:
    """Yield each field with the text below it in the source."""
    body = _bodies(sys.modules[kind.__module__]).get(kind.__name__, [])
    for field, text in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            yield field.target.id, " ".join(str(text.value.value).split())


def _bodies(module: types.ModuleType) -> dict[str, list[ast.stmt]]:
    classes = ast.parse(inspect.getsource(module)).body
    return {each.name: each.body for each in classes if isinstance(each, ast.ClassDef)}
