"""What the values of a recipe, each in order by itself, may not be together."""

from collections.abc import Mapping

from qprof.seeding.library.problems import RecipeError
from qprof.seeding.library.recipe import Recipe

_EXCLUSIVE = (
    ("tracks_per_artist", "tracks_per_album", "both count the tracks"),
    ("tracks_per_artist", "discographies", "both count the tracks"),
    ("albums_per_artist", "discographies", "both count the albums"),
    ("tracks_per_playlist", "tracklists", "both count the entries of playlists"),
    ("genre_skew", "genre_tracks", "both say how large the genres are"),
)


def others(key: str) -> set[str]:
    """Return the keys that say in another way what `key` says."""
    return {each for *pair, _ in _EXCLUSIVE if key in pair for each in pair if each != key}


def check_keys(where: str, values: Mapping[str, object]) -> None:
    """Refuse two keys that say the same."""
    for one, other, what in _EXCLUSIVE:
        if one in values and other in values:
            raise RecipeError(f"The {where}: {one} and {other} {what}; keep one of them.")


def check(where: str, recipe: Recipe) -> None:
    """Refuse values that are each in order but contradict each other."""
    for wrong, sentence in _contradictions(recipe):
        if wrong:
            raise RecipeError(f"The {where}: {sentence}.")


def _contradictions(recipe: Recipe) -> list[tuple[bool, str]]:
    guests, genres = recipe.guests_per_track.most, recipe.genres_per_track.most
    return [
        (
            recipe.tracks_per_album is not None
            and recipe.tracks_per_album.most > 0
            and recipe.mean_albums == 0
            and recipe.discographies is None,
            "tracks_per_album needs albums, and albums_per_artist is 0; use tracks_per_artist",
        ),
        (
            genres > recipe.genres,
            f"genres_per_track goes up to {genres}, and genres is {recipe.genres}; "
            f"set genres to {genres} or more",
        ),
        (
            guests >= recipe.artists,
            f"guests_per_track goes up to {guests} other artists, and artists is "
            f"{recipe.artists}; set artists to {guests + 1} or more",
        ),
        (
            recipe.playlists > 0 and recipe.mean_entries > 0 and not recipe.mean_tracks,
            "tracks_per_playlist needs tracks, and there are none; set tracks_per_playlist to 0",
        ),
        *_genre_contradictions(recipe),
    ]


def _genre_contradictions(recipe: Recipe) -> list[tuple[bool, str]]:
    ranks, sizes = recipe.most_genres, len(recipe.genre_tracks)
    return [
        (
            ranks > recipe.genres,
            f"discographies or tracklists go up to genre {ranks}, and genres is {recipe.genres}; "
            f"set genres to {ranks} or more",
        ),
        (
            sizes not in (0, recipe.genres),
            f"genre_tracks has {sizes} genres, and genres is {recipe.genres}; "
            f"set genres to {sizes}",
        ),
    ]
