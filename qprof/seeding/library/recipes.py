"""Seeding recipes as data: a TOML file that names no code, to a `Recipe`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from qprof.seeding.library.library_error import RecipeError
from qprof.seeding.library.recipe import TEN, TWO, Recipe, check, check_keys, others
from qprof.seeding.library.recipe_kinds import discographies, genre_tracks, tracklists
from qprof.seeding.library.recipe_values import distribution, nearest, number, text, whole

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DEFAULT_RECIPE = "chinook"

_MOST_ROOTS = 10_000_000
_READERS: dict[str, Callable[[object], object]] = {
    "description": text,
    "artists": whole(1, _MOST_ROOTS),
    "the_artists": number(0, 1),
    "albums_per_artist": distribution,
    "tracks_per_artist": distribution,
    "tracks_per_album": distribution,
    "guests_per_track": distribution,
    "genres": whole(0, 10_000),
    "genres_per_track": distribution,
    "children": number(0.001, 10_000),
    "genre_skew": number(0, 10),
    "playlists": whole(0, _MOST_ROOTS),
    "tracks_per_playlist": distribution,
    "track_skew": number(0, 10),
    "discographies": discographies,
    "genre_tracks": genre_tracks,
    "tracklists": tracklists,
}
_COUNTS_TRACKS = {"tracks_per_artist", "tracks_per_album", "discographies"}
_GROWING = ("albums_per_artist", "tracks_per_artist", "tracks_per_playlist")
"""What `children` multiplies. The tracks of an album are not among them: where an artist's tracks
are counted by its albums, they grow along, once."""


def recipe_names() -> list[str]:
    """List the recipes that come with qprof, in alphabetical order."""
    return sorted(path.stem for path in _folder().glob("*.toml"))


def load_recipe(name_or_path: str, overrides: Mapping[str, str] | None = None) -> Recipe:
    """Read a recipe by its name, or from a path that ends in `.toml`, with some values replaced.

    `overrides` maps a key to a TOML value as text, such as `3` or `{uniform = [1, 5]}`. Raises
    `RecipeError` for a recipe that cannot be found or read, or that makes no sense.
    """
    path = _find(name_or_path)
    stated = {key: value.strip() for key, value in sorted((overrides or {}).items())}
    return _made(path.stem, _with_overrides(_read(path), stated), tuple(stated.items()))


def recipe_text(name: str) -> str:
    """Return the text of a recipe that comes with qprof, unread. Raises `RecipeError`."""
    return _find(name).read_text(encoding="utf-8")


def parse_recipe(name: str, values: str) -> Recipe:
    """Read the text of a recipe file. Raises `RecipeError` where it makes no sense."""
    return _made(name, tomllib.loads(values), ())


def stated_values(name_or_path: str) -> dict[str, object]:
    """Return what a recipe states, key by key, as plain TOML values that were found in order.

    Raises `RecipeError` as `load_recipe` does.
    """
    load_recipe(name_or_path)
    return _read(_find(name_or_path))


def _made(name: str, table: Mapping[str, object], overrides: tuple[tuple[str, str], ...]) -> Recipe:
    where = f"recipe {name}"
    values = {key: _value(where, key, value) for key, value in table.items()}
    check_keys(where, values)
    if not _COUNTS_TRACKS & values.keys():
        values["tracks_per_album"] = TEN
    recipe = Recipe(name=name, overrides=overrides, **_grown(where, values))
    check(where, recipe)
    return recipe


def _grown(where: str, values: dict[str, Any]) -> dict[str, Any]:
    """Multiply what each parent has by `children`, where the recipe says so."""
    factor = values.pop("children", 1.0)
    if factor == 1:
        return values
    fixed = [key for key in ("discographies", "tracklists") if values.get(key)]
    if fixed:
        raise RecipeError(
            f"The {where}: children is {factor:g}, and {fixed[0]} say already what each one has; "
            "leave out one of the two, or grow the roots with --scale."
        )
    counts = {"albums_per_artist": TWO, **values}
    return {
        **values,
        **{key: counts[key].times(factor) for key in _GROWING if counts.get(key) is not None},
    }


def _folder() -> Path:
    """Inside the package in an installed wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parents[2]
    inside = package / "seeds"
    return inside if inside.is_dir() else package.parent / "seeds"


def _find(name_or_path: str) -> Path:
    if name_or_path.endswith(".toml"):
        return Path(name_or_path)
    names = recipe_names()
    if name_or_path in names:
        return _folder() / f"{name_or_path}.toml"
    advice = nearest(name_or_path, names)
    raise RecipeError(f'There is no recipe "{name_or_path}"; {advice}')


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        reason = problem.strerror or "it cannot be read"
        raise RecipeError(f"Cannot read the recipe {path} ({reason}); check the path.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise RecipeError(f"The recipe {path} is not valid TOML ({problem}); mend it.") from None


def _with_overrides(table: dict[str, object], overrides: Mapping[str, str]) -> dict[str, object]:
    """Put each override in its place; one way to count things ousts the others."""
    merged = dict(table)
    for key, stated in overrides.items():
        for other in others(key):
            if other not in overrides:
                merged.pop(other, None)
        merged[key] = _override(key, stated)
    return merged


def _override(key: str, stated: str) -> object:
    try:
        table = tomllib.loads(f"value = {stated}")
    except tomllib.TOMLDecodeError:
        table = {}
    if table.keys() == {"value"}:
        return table["value"]
    raise RecipeError(
        f"Cannot read {key}={stated}: the value is not one TOML value; "
        f"write for example {key}=3 or {key}={{uniform = [1, 5]}}."
    )


def _value(where: str, key: str, value: object) -> object:
    if key not in _READERS:
        raise RecipeError(f'The {where} has an unknown key "{key}"; {nearest(key, list(_READERS))}')
    try:
        return _READERS[key](value)
    except ValueError as problem:
        raise RecipeError(f"The {where}: {key} {problem}.") from None
