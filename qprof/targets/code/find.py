"""The calls of what a user points at: a function, a class, an object, a module, or a mapping."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType

from sqlalchemy.orm import Mapper

from qprof.domain.errors import QprofError
from qprof.domain.registry import load
from qprof.targets.code.calls import TargetCall
from qprof.targets.code.makers import Maker, runs_async
from qprof.targets.code.needs import NAMES
from qprof.targets.code.objects import members, methods, sample
from qprof.targets.code.owners import Owner
from qprof.targets.code.requested import Requests, find_requests


def load_target(reference: str, requests: Requests | None = None) -> dict[str, TargetCall]:
    """Return the calls at "package.module:attribute" by name.

    Of an application, those that `requests` asks for. Raises QprofError where the reference is
    wrong or leads to nothing that can be called.
    """
    attribute = load(reference)
    asked = find_requests(attribute, reference, requests or Requests())
    return asked or find_calls(attribute, reference)


def find_calls(attribute: object, reference: str) -> dict[str, TargetCall]:
    """Return the calls of `attribute`, which `reference` leads to."""
    calls = {call.name: call for call in _calls(attribute, "")}
    if not calls:
        raise QprofError(
            f"{reference} is {_described(attribute)} and has no call that qprof can run. Name a "
            "function, a class or object with public methods, a WSGI or ASGI application, or a "
            f"module or mapping of these. A session is what is annotated so or named "
            f"{', '.join(NAMES)}."
        )
    return calls


def _described(attribute: object) -> str:
    return "None" if attribute is None else f"a {type(attribute).__name__}"


def _calls(attribute: object, prefix: str) -> Iterator[TargetCall]:
    if isinstance(attribute, Mapping):
        for name, each in attribute.items():
            yield from _calls(each, f"{prefix}{name}.")
    elif isinstance(attribute, ModuleType):
        yield from _module_calls(attribute)
    elif inspect.isclass(attribute):
        yield from _class_calls(attribute, prefix)
    elif inspect.isroutine(attribute) or _wraps(attribute):
        function: Callable[..., object] = attribute  # type: ignore[assignment]
        name = prefix.rstrip(".") or getattr(attribute, "__name__", "call")
        yield TargetCall(name, Maker(function))
    elif type(attribute).__module__ != "builtins":
        yield from _object_calls(attribute, prefix)


def _wraps(attribute: object) -> bool:
    """Return whether an object stands for a function: a partial, or what a decorator made."""
    return callable(attribute) and (
        hasattr(attribute, "__wrapped__") or type(attribute).__name__ == "partial"
    )


def _module_calls(module: ModuleType) -> Iterator[TargetCall]:
    for name, each in vars(module).items():
        own = getattr(each, "__module__", None) == module.__name__
        if own and not name.startswith("_") and (inspect.isclass(each) or inspect.isroutine(each)):
            yield from (call for call in _calls(each, "") if _is_query(each, call))


def _is_query(attribute: object, call: TargetCall) -> bool:
    """Return whether a member of a module is meant: a class without sessions rarely is one."""
    return call.supplied or inspect.isroutine(attribute)


def _class_calls(owner: type, prefix: str) -> Iterator[TargetCall]:
    bound = prefix or f"{owner.__name__}."
    for name, function in _class_methods(owner):
        yield TargetCall(f"{bound}{name}", Maker(function))
    if _is_mapped(owner):
        return
    maker = Maker(owner, is_async=any(runs_async(each) for _, each in methods(owner)))
    example = sample(maker) if maker.supplied else None
    held = members(owner, example, evaluate=True)
    yield from _of_object(owner, Owner(maker), bound, held.properties)
    for name, kind in held.repositories:
        yield from _of_object(kind, Owner(maker, reach=(name,)), f"{prefix}{name}.")


def _object_calls(value: object, prefix: str) -> Iterator[TargetCall]:
    bound = prefix or f"{type(value).__name__}."
    held = members(type(value), value, evaluate=False)
    yield from _of_object(type(value), Owner(there=value), bound, held.properties)
    for name, kind in held.repositories:
        part = Owner(there=value, reach=(name,))
        yield from _of_object(kind, part, f"{prefix}{name}.")


def _of_object(
    kind: type, owner: Owner, prefix: str, properties: Iterable[str] = ()
) -> Iterator[TargetCall]:
    is_async = owner.maker.is_async if owner.maker else False
    for name, function in methods(kind):
        maker = Maker(function, bound=True, is_async=is_async)
        yield TargetCall(f"{prefix}{name}", maker, name, owner)
    for name in properties:
        yield TargetCall(f"{prefix}{name}", None, name, owner)


def _class_methods(owner: type) -> Iterator[tuple[str, Callable[..., object]]]:
    """Yield the public class methods and static methods that take a session.

    Those of a mapped class may know their session by themselves, as `Model.query` does.
    """
    for name in dir(owner):
        static = inspect.getattr_static(owner, name)
        if name.startswith("_") or not isinstance(static, (classmethod, staticmethod)):
            continue
        function = getattr(owner, name)
        own = isinstance(static, classmethod) and _is_mapped(owner)
        if own or Maker(function).supplied:
            yield name, function


def _is_mapped(owner: type) -> bool:
    return isinstance(getattr(owner, "__mapper__", None), Mapper)
