"""The plans of a call: by name, path by path, and every combination that a search considers."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations as subsets
from itertools import product
from math import prod
from typing import Literal

from qprof.domain.errors import QprofError
from qprof.domain.loaders import LOADERS, OWN_JOIN
from qprof.domain.registry import unknown
from qprof.domain.trace import Path

PlanName = Literal["as-written", "joined", "selectin", "subquery", "lazy", "balanced"]
AS_WRITTEN: PlanName = "as-written"
BALANCED: PlanName = "balanced"
FIXED = "fixed"
"""The name of a plan that fixes what was found: what it makes lazy needs no option for that."""

PLANS: Mapping[str, Callable[[Path], str]] = {
    AS_WRITTEN: lambda path: path.strategy,
    "joined": lambda _: "joined",
    "selectin": lambda _: "selectin",
    "subquery": lambda _: "subquery",
    "lazy": lambda _: "lazy",
    BALANCED: lambda path: "selectin" if path.to_many else "joined",
}
"""The plans that `compare` always runs, in order; each gives a path its strategy."""


@dataclass(frozen=True)
class Plan:
    """A strategy for some paths of a call; a path that is not named stays as it is written."""

    name: str
    strategies: Mapping[str, str]
    inner: Mapping[str, bool] = field(default_factory=dict)
    """Whether a joined path is joined by an INNER JOIN; others as they are."""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The columns that are loaded along with the objects of a path, "" for those of the root."""
    subclasses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The subclasses whose columns are, likewise."""
    sealed: bool = False
    """Whether every other relationship raises when it is read: raiseload("*")."""

    @property
    def rewrites(self) -> bool:
        """Whether it changes anything."""
        return self.name != AS_WRITTEN

    @property
    def key(self) -> Hashable:
        """What is equal for plans that do the same."""
        parts = (self.strategies, self.inner, self.columns, self.subclasses)
        return (self.rewrites, self.sealed, *(frozenset(each.items()) for each in parts))


def named_plan(name: str, paths: Iterable[Path]) -> Plan:
    """Return one of `PLANS` for `paths`; what contains_eager loads stays as it is."""
    movable = [path for path in paths if path.strategy != OWN_JOIN]
    return Plan(name, {path.name: _strategy(name, path) for path in movable})


def _strategy(plan: PlanName | str, path: Path) -> str:
    """Return how `plan` loads a path: what goes on below itself does so by selectin alone."""
    strategy = PLANS[plan](path)
    if plan == BALANCED and path.recursive:
        return "selectin"
    return path.strategy if path.recursive and strategy != "selectin" else strategy


def parse_mix(text: str) -> Mapping[str, str]:
    """Return "Artist.tracks=selectin,Artist.albums=joined" as path to strategy.

    Raises QprofError where the form or a strategy is wrong, or a path has two.
    """
    found: dict[str, str] = {}
    for path, strategy in (_choice(part.strip()) for part in text.split(",")):
        if path in found:
            raise QprofError(
                f"--plan {text} gives {path} twice: {found[path]} and {strategy}. Write it once, "
                f"as {path}={found[path]} or {path}={strategy}."
            )
        found[path] = strategy
    return found


def _choice(part: str) -> tuple[str, str]:
    path, equals, strategy = (each.strip() for each in part.partition("="))
    if not equals or not path or not strategy:
        if not equals:
            raise unknown("plan", part, PLANS)
        raise QprofError(
            f"A plan is written PATH=STRATEGY,… but this part is {part!r}; "
            'for example --plan "Artist.tracks=selectin,Artist.albums=joined".'
        )
    if strategy not in LOADERS:
        raise unknown("strategy", strategy, LOADERS, f"for {path}")
    return path, strategy


def mixed_plan(text: str, call: str, paths: Iterable[Path]) -> Plan:
    """Return the plan that `text` writes path by path.

    Raises QprofError where a path is not one that `call` loads, or cannot be moved.
    """
    known = {path.name: path for path in paths}
    strategies = parse_mix(text)
    for name in strategies:
        if name not in known:
            raise unknown("path", name, known, f"of {call}")
        if known[name].strategy == OWN_JOIN:
            raise QprofError(
                f"{name} is read by contains_eager from a JOIN that {call} writes itself, "
                "so it has no strategy to exchange; leave it out of --plan."
            )
        if known[name].recursive and strategies[name] not in choices(known[name]):
            raise QprofError(
                f"{name} is loaded with a recursion_depth by {call}, which "
                f"{LOADERS[strategies[name]]} does not take; leave it out of --plan."
            )
    return Plan(text, strategies)


SEARCHED = ("joined", "selectin", "subquery", "lazy")
"""The strategies that each path is tried with, and the one that it is written with."""


def choices(path: Path) -> tuple[str, ...]:
    """Return the strategies that a search tries for a path."""
    if path.recursive:
        return tuple(dict.fromkeys(["selectin", path.strategy]))
    return tuple(dict.fromkeys([*SEARCHED, path.strategy]))


def movable(paths: Sequence[Path]) -> list[Path]:
    """Return the paths that have a strategy to exchange."""
    return [path for path in paths if path.strategy != OWN_JOIN]


def how_many(paths: Sequence[Path]) -> int:
    """Return how many combinations there are."""
    return prod(len(choices(path)) for path in movable(paths))


def combinations(paths: Sequence[Path]) -> Iterator[Mapping[str, str]]:
    """Yield path to strategy, in an order that never changes: the nearest to balanced first.

    Near is what differs from it in few paths. Nothing is yielded twice.
    """
    balanced = named_plan(BALANCED, paths).strategies
    others = {
        path.name: [each for each in choices(path) if each != balanced[path.name]]
        for path in movable(paths)
    }
    for distance in range(len(others) + 1):
        for moved in subsets(others, distance):
            for chosen in product(*(others[name] for name in moved)):
                yield {**balanced, **dict(zip(moved, chosen, strict=True))}
