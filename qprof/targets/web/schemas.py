"""An example of what a JSON schema describes, as an OpenAPI document holds it."""

from collections.abc import Mapping
from typing import Any

_BY_FORMAT = {
    "date": "2030-12-31",
    "date-time": "2030-12-31T12:00:00Z",
    "time": "12:00:00",
    "uuid": "00000000-0000-0000-0000-000000000001",
    "email": "a@example.com",
    "uri": "https://example.com/",
    "ipv4": "127.0.0.1",
}
_BY_TYPE: Mapping[str, Any] = {"string": "a", "integer": 1, "number": 1.0, "boolean": True}
_DEEPEST = 6


def example_of(schema: Any, document: Mapping[str, Any], depth: int = 0) -> Any:
    """Return a value that fits `schema`, its own example or default where it has one; else None."""
    schema = resolved(schema, document)
    for key in ("example", "default", "const"):
        if schema.get(key) is not None:
            return schema[key]
    for key in ("examples", "enum"):
        if isinstance(schema.get(key), list) and schema[key]:
            return schema[key][0]
    for key in ("anyOf", "oneOf"):
        found = [resolved(each, document) for each in schema.get(key, ())]
        kept = [each for each in found if each.get("type") != "null"]
        if kept and depth < _DEEPEST:
            return example_of(kept[0], document, depth + 1)
    if "allOf" in schema and depth < _DEEPEST:
        return _all_of(schema["allOf"], document, depth + 1)
    return _of_type(schema, document, depth)


def resolved(schema: Any, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema, or what it refers to within its document."""
    for _ in range(_DEEPEST):
        reference = schema.get("$ref") if isinstance(schema, Mapping) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            break
        schema = document
        for step in reference[2:].split("/"):
            schema = schema.get(step.replace("~1", "/").replace("~0", "~"), {})
    return schema if isinstance(schema, Mapping) else {}


def _all_of(parts: Any, document: Mapping[str, Any], depth: int) -> Any:
    found = [example_of(each, document, depth) for each in parts]
    if all(isinstance(each, dict) for each in found):
        return {name: value for each in found for name, value in each.items()}
    return found[0] if found else None


def _of_type(schema: Mapping[str, Any], document: Mapping[str, Any], depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else None)
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), None)
    if kind == "object":
        return _object(schema, document, depth)
    if kind == "array":
        return (
            [] if depth > _DEEPEST else [example_of(schema.get("items", {}), document, depth + 1)]
        )
    if kind == "string":
        text = _BY_FORMAT.get(schema.get("format", ""), "a")
        return text.ljust(schema.get("minLength", 0), "a")
    if kind in ("integer", "number"):
        return max(schema.get("minimum", _BY_TYPE[kind]), _BY_TYPE[kind])
    return _BY_TYPE.get(str(kind))


def _object(schema: Mapping[str, Any], document: Mapping[str, Any], depth: int) -> dict[str, Any]:
    """Return what an object has to have; of one that has to have nothing, all that it may."""
    properties = schema.get("properties", {})
    required = schema.get("required") or list(properties)
    if depth > _DEEPEST:
        return {}
    return {
        name: example_of(properties[name], document, depth + 1)
        for name in required
        if name in properties
    }
