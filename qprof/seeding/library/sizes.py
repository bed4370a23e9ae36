"""How large a library becomes: the roots of a recipe, scaled."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from qprof.seeding.library.library_error import RecipeError
from qprof.seeding.library.recipe import Recipe

MOST_ROWS = 200_000_000


@dataclass(frozen=True)
class Sizes:
    """How many artists and playlists there will be, and about how many rows in all."""

    artists: int
    playlists: int
    expected_rows: int


def scaled(recipe: Recipe, scale: float) -> Sizes:
    """Multiply the artists and playlists; what belongs to each of them, and genres, stay.

    Raises `RecipeError` if the scale is no number above 0, or leaves too few or too many rows.
    """
    if isinstance(scale, bool) or not isfinite(scale) or scale <= 0:
        raise RecipeError(
            f"The scale must be a number above 0, not {scale}; write for example 0.5."
        )
    if recipe.artists * scale > MOST_ROWS or recipe.playlists * scale > MOST_ROWS:
        raise RecipeError(_too_large(recipe, scale, recipe.artists * scale))
    artists = int(recipe.artists * scale + 0.5)
    playlists = max(int(recipe.playlists * scale + 0.5), min(1, recipe.playlists))
    rows = artists * _rows_per_artist(recipe)
    rows += playlists * (1 + recipe.mean_entries) + recipe.genres
    _check(recipe, scale, artists, rows)
    return Sizes(artists, playlists, int(rows))


def _rows_per_artist(recipe: Recipe) -> float:
    per_track = 2 + recipe.guests_per_track.mean + recipe.genres_per_track.mean
    return 1 + recipe.mean_albums + recipe.mean_tracks * per_track


def _check(recipe: Recipe, scale: float, artists: int, rows: float) -> None:
    needed = recipe.guests_per_track.most + 1
    if artists < needed:
        raise RecipeError(
            f"Scale {scale:g} leaves {artists} of the {recipe.artists} artists of recipe "
            f"{recipe.name}, which needs {needed}; use {needed / recipe.artists:.2g} or more."
        )
    if rows > MOST_ROWS:
        raise RecipeError(_too_large(recipe, scale, rows))


def _too_large(recipe: Recipe, scale: float, rows: float) -> str:
    return (
        f"Recipe {recipe.name} at scale {scale:g} makes about {rows:,.0f} rows, over the limit of "
        f"{MOST_ROWS:,}; use a scale below {scale * MOST_ROWS / rows:.2g}."
    )
