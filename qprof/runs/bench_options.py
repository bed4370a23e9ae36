"""What a user asked `bench` for: checked, before anything is seeded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from sqlalchemy import URL

from qprof.domain.errors import QprofError
from qprof.domain.plans import AS_WRITTEN, BALANCED, PLANS, parse_mix
from qprof.domain.registry import lookup
from qprof.seeding.library.library_error import LibraryError
from qprof.seeding.library.recipe import Recipe
from qprof.seeding.library.recipes import DEFAULT_RECIPE, load_recipe
from qprof.targets.database import parse_url, shown_url

AXES = ("library", "roots", "children")
DATABASES = "databases"
"""The axis of databases that the user names."""
ALL = "all"


@dataclass(frozen=True)
class BenchRequest:
    """Sizes, what they are sizes of, and the size to extrapolate to."""

    recipe: Recipe
    source: str
    """The recipe as it was named: its name, or a path."""
    sizes: tuple[float, ...]
    """Ascending; none where databases are named."""
    axes: tuple[str, ...]
    plans: tuple[str, ...]
    to: Mapping[str, float]
    """By axis; empty where nothing is extrapolated."""
    named: str | None
    """The recipe of whose size `to` is."""
    check: bool
    repeats: int
    seed: int
    databases: Mapping[float, str]
    """URLs by size, ascending."""


def asked(
    *,
    target: str | None,
    recipe: str | None,
    sizes: str | None,
    axes: Sequence[str],
    plans: Sequence[str],
    to: str | None,
    check: bool,
    repeats: int,
    seed: int,
    at: Sequence[str],
) -> BenchRequest:
    """Return what the options ask for.

    Raises QprofError for a size, axis, plan, recipe or URL that is wrong, and where there is
    nothing to measure at.
    """
    if repeats < 1:
        raise QprofError(f"--repeat is {repeats}; at least 1 run is needed to time a plan.")
    if check and to is None:
        raise QprofError("--check measures where --to points; add for example --to 8.")
    databases = _databases(at)
    _refuse_mixed(target, recipe, sizes, axes, databases)
    found = _recipe(recipe or DEFAULT_RECIPE)
    wanted = (DATABASES,) if databases else _axes(axes)
    goals, named = _goals(to, wanted, found, at_databases=bool(databases))
    measured = _databases_to_fit(databases, goals, check=check)
    return BenchRequest(
        recipe=found,
        source=recipe or DEFAULT_RECIPE,
        sizes=() if databases else _sizes(sizes or "1,2,4", "--sizes"),
        axes=wanted,
        plans=_plans(plans),
        to=goals,
        named=named,
        check=check,
        repeats=repeats,
        seed=seed,
        databases=measured,
    )


def _refuse_mixed(
    target: str | None,
    recipe: str | None,
    sizes: str | None,
    axes: Sequence[str],
    databases: Mapping[float, str],
) -> None:
    if databases and (recipe or sizes or axes):
        raise QprofError(
            "--at names databases that are there; --recipe, --sizes and --axis seed libraries. "
            "Leave out the one or the other."
        )
    if target is not None and not databases and recipe is None:
        raise QprofError(
            f"qprof can seed its own music library, but not the tables of {target}. Name databases "
            "of known sizes: --at 1=URL --at 2=URL --at 4=URL. If it uses the music library's "
            "models, say so with --recipe chinook."
        )


def _sizes(text: str, option: str) -> tuple[float, ...]:
    sizes = [_size(each, f"{option} {text}") for each in text.split(",")]
    if len(set(sizes)) < 2:
        raise QprofError(
            f"{option} {text} is one size, which shows no growth; write for example --sizes 1,2,4."
        )
    return tuple(sorted(set(sizes)))


def _size(text: str, where: str) -> float:
    try:
        size = float(text)
    except ValueError:
        size = 0.0
    if not isfinite(size) or size <= 0:
        raise QprofError(
            f"{where}: {text.strip()!r} is no size; a size is a number above 0, such as 2 or 0.5."
        )
    return size


def _axes(axes: Sequence[str]) -> tuple[str, ...]:
    if ALL in axes:
        return AXES
    known = {name: name for name in (*AXES, ALL)}
    return tuple(dict.fromkeys(lookup("axis", each, known) for each in axes)) or AXES[:1]


def _plans(plans: Sequence[str]) -> tuple[str, ...]:
    """Return the plans by name or path by path; where none is, as written and balanced."""
    if not plans:
        return (AS_WRITTEN, BALANCED)
    for text in plans:
        if text not in (*PLANS, ALL):
            parse_mix(text)
    named = [each for text in plans for each in (PLANS if text == ALL else (text,))]
    return tuple(dict.fromkeys(named))


def _recipe(name: str) -> Recipe:
    try:
        return load_recipe(name)
    except LibraryError as problem:
        raise QprofError(str(problem)) from None


def _goals(
    to: str | None, axes: Sequence[str], recipe: Recipe, *, at_databases: bool
) -> tuple[Mapping[str, float], str | None]:
    """Return the size to extrapolate to along each axis, and the recipe that it was read off."""
    if to is None:
        return {}, None
    if to.replace(".", "").replace("-", "").isdigit() or at_databases:
        return dict.fromkeys(axes, _size(to, "--to")), None
    goal = _recipe(to)
    artists, tracks = goal.artists / recipe.artists, goal.mean_tracks / (recipe.mean_tracks or 1.0)
    return {axis: tracks if axis == "children" else artists for axis in axes}, goal.name


def _databases(at: Sequence[str]) -> dict[float, str]:
    found: dict[float, str] = {}
    for text in at:
        size, equals, url = text.partition("=")
        if not equals or not url:
            raise QprofError(
                f"--at {text} is not of the form SIZE=URL, for example --at 2=sqlite:///two.db."
            )
        found[_unused(_size(size, "--at"), found)] = url
    _refuse_same(found)
    return dict(sorted(found.items()))


def _refuse_same(databases: Mapping[float, str]) -> None:
    """Raise where one database stands for two sizes: it would show that nothing grows."""
    sizes: dict[URL, float] = {}
    for size, text in databases.items():
        url = parse_url(text)
        if url.get_backend_name() == "sqlite" and url.database:
            url = url.set(database=str(Path(url.database).resolve()))
        if url in sizes:
            raise QprofError(
                f"--at gives {shown_url(url)} for size {sizes[url]:g} and for size {size:g}, and "
                "one database has one size. Name another one for each."
            )
        sizes[url] = size


def _unused(size: float, found: Mapping[float, str]) -> float:
    if size in found:
        raise QprofError(f"--at gives size {size:g} twice; each size is one database.")
    return size


def _databases_to_fit(
    databases: Mapping[float, str], goals: Mapping[str, float], *, check: bool
) -> Mapping[float, str]:
    """Return the databases. Raises where fewer than two are left to fit, or none to check by."""
    goal = goals.get(DATABASES)
    if databases and check and goal not in databases:
        raise QprofError(f"--check needs the database of that size, too: --at {goal:g}=URL.")
    to_fit = [size for size in databases if not (check and size == goal)]
    if databases and len(to_fit) < 2:
        raise QprofError(
            "--at names one size to fit, which shows no growth; name at least two: "
            "--at 1=URL --at 2=URL."
        )
    return databases
