"""Calls a user's callable with what it needs of qprof and with the user's own arguments."""

import inspect
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial

from qprof.targets.code.entering import entered
from qprof.targets.code.makers import Maker, dependency_of
from qprof.targets.code.needs import Kind, Need
from qprof.targets.code.source import Source


def supplied(maker: Maker, source: Source, stack: ExitStack) -> dict[str, object]:
    """Return what `maker` needs, by parameter; `stack` closes it."""
    given = {
        name: _given(need, maker.signature[name], source, stack)
        for name, need in maker.needs.items()
        if not _left_alone(maker, name, source)
    }
    for name, dependency in maker.dependencies.items():
        given[name] = made(dependency, source, stack)
    return given


def made(maker: Maker, source: Source, stack: ExitStack) -> object:
    """Return what a dependency gives."""
    values = supplied(maker, source, stack)
    return entered(bound(maker, values)(), stack, source.loop)


def bound(maker: Maker, given: Mapping[str, object]) -> Callable[..., object]:
    """Return `maker`'s function with the `given` values in place."""
    first = [
        given[name]
        for name, each in maker.signature.items()
        if each.kind is inspect.Parameter.POSITIONAL_ONLY and name in given
    ]
    rest = {
        name: value
        for name, value in given.items()
        if maker.signature[name].kind is not inspect.Parameter.POSITIONAL_ONLY
    }
    return partial(maker.function, *first, **rest)


def _given(need: Need, parameter: inspect.Parameter, source: Source, stack: ExitStack) -> object:
    dependency = dependency_of(parameter)
    if dependency is not None and not source.supplies() and need.kind is Kind.SESSION:
        return made(Maker(dependency), source, stack)
    return source.give(need, stack)


def _left_alone(maker: Maker, name: str, source: Source) -> bool:
    """Return whether the user's code does without: it then makes a session of its own."""
    parameter = maker.signature[name]
    own = parameter.default is not parameter.empty or maker.is_decorated
    return own and dependency_of(parameter) is None and not source.supplies()
