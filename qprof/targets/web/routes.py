"""The routes of an application: from its router, and what its OpenAPI document says of them.

No framework is imported: each is known by the attributes that its users know it by.
"""

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from qprof.targets.web.schemas import example_of, resolved
from qprof.targets.web.web_request import METHODS, parameters_of

_INNER = ("app", "_app", "application", "_application", "wsgi_app", "wsgi_application", "asgi_app")
"""Where a middleware keeps what it stands around."""
_DOCUMENTATION = (
    "fastapi.",
    "starlette.",
    "litestar.",
    "quart_schema",
    "flask_smorest",
    "sanic_ext",
)
_DEEPEST = 12
_CONVERTER = re.compile(r":[^{}]*\}")
_CHANGES = ("POST", "PUT", "PATCH", "DELETE")
_FORMS = {"application/x-www-form-urlencoded": "form", "multipart/form-data": "form"}


@dataclass(frozen=True)
class WebRoute:
    """A method and a path that an application answers."""

    method: str
    path: str
    """With its parameters in brackets, as its framework writes them."""
    examples: Mapping[str, Any] = field(default_factory=dict)
    """Values of the parameters of its path, where the application gives some."""
    query: Mapping[str, Any] = field(default_factory=dict)
    """What its query has to have, with an example of each."""
    parts: Mapping[str, Any] = field(default_factory=dict)
    """Its body, and the headers and cookies that it has to have, as examples."""
    is_secured: bool = False
    """Whether its document says that it is for who is signed in."""

    @property
    def where(self) -> str:
        """The text that names it."""
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters of its path."""
        return parameters_of(self.where)


def routes_of(application: object) -> list[WebRoute]:
    """Return all that an application is known to answer, in the order of the paths."""
    found: dict[tuple[str, str], WebRoute] = {}
    for route in _routes(application, "", 0):
        key = (route.method, _plain(route.path))
        # A document comes last, and knows more, but not that a parameter may hold a slash.
        if key not in found or ":path" not in found[key].path:
            found[key] = route
    return sorted(found.values(), key=lambda each: (each.path, METHODS.index(each.method)))


def _plain(path: str) -> str:
    return _CONVERTER.sub("}", path)


def _routes(application: Any, prefix: str, depth: int) -> Iterator[WebRoute]:
    if depth > _DEEPEST or application is None:
        return
    found = [
        *_ruled(application, prefix),
        *_listed(getattr(application, "routes", None), prefix, depth),
        *_pyramid(application, prefix),
        *_sanic(application, prefix),
        *_mounted(application, prefix, depth),
        *_documented(application, prefix),
    ]
    if not found:
        for inner in _inner(application):
            found += _routes(inner, prefix, depth + 1)
    yield from found


def _each_method(methods: Iterable[str] | None, path: str) -> Iterator[WebRoute]:
    known = set(methods or ())
    for method in METHODS:
        if method in known and method not in ("HEAD", "OPTIONS"):
            yield WebRoute(method, path)


def _ruled(application: Any, prefix: str) -> Iterator[WebRoute]:
    """Yield the rules of werkzeug's map, which Flask and Quart have: blueprints' are among them."""
    rules = getattr(getattr(application, "url_map", None), "iter_rules", None)
    for rule in rules() if callable(rules) else ():
        is_static = str(rule.endpoint).rpartition(".")[2] == "static"
        if not is_static and not getattr(rule, "websocket", False):
            yield from _each_method(rule.methods, prefix + rule.rule)


def _listed(routes: Any, prefix: str, depth: int) -> Iterator[WebRoute]:
    """Yield what a list of routes holds: of Starlette, FastAPI, Litestar or Bottle."""
    for route in routes if isinstance(routes, (list, tuple)) else ():
        if _is_documentation(route):
            continue
        path = getattr(route, "path", None) or getattr(route, "rule", None)
        inner = getattr(route, "effective_candidates", None)
        if callable(inner):
            # FastAPI keeps a router that it includes, with what its routes become by that.
            yield from _listed([_effective(each) for each in inner()], prefix, depth)
        elif _is_mount(route):
            yield from _routes(_within(route), prefix + (path or ""), depth + 1)
        elif isinstance(path, str):
            yield from _each_method(_methods(route), prefix + path)


def _effective(route: Any) -> Any:
    return getattr(route, "starlette_route", None) or route


def _is_mount(route: Any) -> bool:
    """Return whether a route leads to an application or to routes, as Mount, Host and Router do."""
    return getattr(route, "methods", None) is None and (
        getattr(route, "routes", None) is not None or _is_asgi_class(route)
    )


def _is_asgi_class(route: Any) -> bool:
    return hasattr(route, "app") and not hasattr(route, "endpoint") and not hasattr(route, "rule")


def _within(route: Any) -> Any:
    inner = getattr(route, "app", None)
    return inner if inner is not None else route


def _methods(route: Any) -> Iterable[str]:
    """Return a route's methods; those of a class-based view are its methods' names."""
    found = getattr(route, "methods", None)
    if found:
        return [str(each).upper() for each in found]
    one = getattr(route, "method", None)  # Bottle's
    if isinstance(one, str):
        return [one]
    endpoint = getattr(route, "endpoint", None)
    if inspect.isclass(endpoint):
        return [each for each in METHODS if hasattr(endpoint, each.lower())]
    return ["GET"] if endpoint is not None and _is_http(route) else []


def _is_http(route: Any) -> bool:
    return "WebSocket" not in type(route).__name__


def _is_documentation(route: Any) -> bool:
    """Return whether a framework made the route itself, for the pages of its documentation."""
    if getattr(route, "include_in_schema", True) is True and not hasattr(route, "route_handlers"):
        return False
    handlers = getattr(route, "route_handlers", None) or [getattr(route, "endpoint", None)]
    modules = [getattr(getattr(each, "fn", each), "__module__", None) or "" for each in handlers]
    return all(each.startswith(_DOCUMENTATION) for each in modules)


def _pyramid(application: Any, prefix: str) -> Iterator[WebRoute]:
    introspector = getattr(getattr(application, "registry", None), "introspector", None)
    if introspector is None:
        return
    patterns = {
        each["introspectable"]["name"]: each["introspectable"]
        for each in introspector.get_category("routes") or ()
    }
    for each in introspector.get_category("views") or ():
        view = each["introspectable"]
        route = patterns.get(view.get("route_name"))
        if route is not None and not route["name"].startswith("__"):
            methods = view.get("request_methods") or route.get("request_methods") or "GET"
            methods = [methods] if isinstance(methods, str) else methods
            path = re.sub(r"\*(\w+)$", r"{\1:path}", route["pattern"])
            yield from _each_method(methods, f"{prefix}/{path.lstrip('/')}")


def _sanic(application: Any, prefix: str) -> Iterator[WebRoute]:
    if not type(application).__module__.startswith("sanic."):
        return
    for route in application.router.routes:
        handler = getattr(route, "handler", None)
        if not (getattr(handler, "__module__", "") or "").startswith("sanic"):
            yield from _each_method(route.methods, f"{prefix}/{route.path.lstrip('/')}")


def _mounted(application: Any, prefix: str, depth: int) -> Iterator[WebRoute]:
    """Yield the routes of werkzeug's DispatcherMiddleware."""
    mounts = getattr(application, "mounts", None)
    for path, each in mounts.items() if isinstance(mounts, dict) else ():
        yield from _routes(each, prefix + path, depth + 1)
    if isinstance(mounts, dict):
        yield from _routes(getattr(application, "app", None), prefix, depth + 1)


def _inner(application: Any) -> Iterator[Any]:
    for name in _INNER:
        found = getattr(application, name, None)
        # ProxyFix(app.wsgi_app) holds a method of the application.
        found = getattr(found, "__self__", found)
        if found is not None and found is not application:
            yield found


def document_of(application: Any) -> Mapping[str, Any]:
    """Return an application's OpenAPI document; an empty one where it has none."""
    with suppress(Exception):  # Its own code makes it.
        made = getattr(application, "openapi", None)
        found = made() if callable(made) else None
        if found is None and getattr(application, "openapi_config", None) is not None:
            found = application.openapi_schema.to_schema()
        if isinstance(found, Mapping) and isinstance(found.get("paths"), Mapping):
            return found
    return {}


def _documented(application: Any, prefix: str) -> Iterator[WebRoute]:
    yield from documented(document_of(application), prefix)


def documented(document: Mapping[str, Any], prefix: str = "") -> Iterator[WebRoute]:
    """Yield what an OpenAPI document lists."""
    for path, item in document.get("paths", {}).items():
        item = resolved(item, document)
        for method in METHODS:
            operation = item.get(method.lower())
            if isinstance(operation, Mapping) and method not in ("HEAD", "OPTIONS"):
                shared = [*item.get("parameters", ()), *operation.get("parameters", ())]
                yield _operation(method, prefix + path, operation, shared, document)


def _operation(
    method: str,
    path: str,
    operation: Mapping[str, Any],
    parameters: Iterable[Any],
    document: Mapping[str, Any],
) -> WebRoute:
    given: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
    for each in (resolved(each, document) for each in parameters):
        place, value = given.get(str(each.get("in"))), _given(each, document)
        own = each.get("schema", {})
        if each.get("in") == "path" and not (
            "example" in each or "examples" in each or "example" in own or "examples" in own
        ):
            continue
        if place is not None and (each.get("required") or "example" in each):
            place[str(each.get("name"))] = value
    parts = _body(operation.get("requestBody"), document)
    for name, key in (("headers", "header"), ("cookies", "cookie")):
        if given[key]:
            parts[name] = given[key]
    secured = operation.get("security", document.get("security"))
    return WebRoute(method, path, given["path"], given["query"], parts, bool(secured))


def _given(parameter: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    """Return a parameter's own example, or one of its schema."""
    examples = parameter.get("examples")
    if "example" in parameter:
        return parameter["example"]
    if isinstance(examples, Mapping) and examples:
        return resolved(next(iter(examples.values())), document).get("value")
    return example_of(parameter.get("schema", {}), document)


def _body(body: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    content = resolved(body or {}, document).get("content", {})
    for kind, each in content.items():
        name = "json" if "json" in kind else _FORMS.get(kind)
        if name is not None:
            return {name: _given(each, document)}
    return {}
