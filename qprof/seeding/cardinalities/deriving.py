"""From counts to the values of a recipe."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from qprof.seeding.cardinalities.counts import Counts, Histogram
from qprof.seeding.cardinalities.merging import MOST_KINDS, merged
from qprof.seeding.library.recipe import Discography, Kind
from qprof.seeding.library.recipe_kinds import MOST_GENRES
from qprof.seeding.library.recipe_values import MOST_CHILDREN

_MOST_VALUES = 1_000
_KEPT = ("the_artists",)
_KEPT_GENRES = ("genres", "genres_per_track", "genre_skew", "genre_tracks")


@dataclass(frozen=True)
class DerivedRecipe:
    """The values of a recipe by key, and a sentence for each thing that they do not keep."""

    values: dict[str, object]
    notes: tuple[str, ...]


def derive(counts: Counts, base: Mapping[str, object]) -> DerivedRecipe:
    """Return the recipe of the shape that was counted; what has no counts is the base recipe's."""
    notes: list[str] = []
    values: dict[str, object] = {"artists": counts.artists}
    values |= {key: base[key] for key in _KEPT if key in base}
    values["discographies"] = _tables("artists", counts.discographies, notes)
    for key in ("tracks_per_album", "guests_per_track"):
        histogram = getattr(counts, key)
        if histogram:
            values[key] = _distribution(key, histogram, notes)
    values |= _genres(counts, base, notes)
    values |= _playlists(counts, notes)
    lost = counts.tracks - counts.owned_tracks
    if lost:
        notes.append(f"{lost:,} of {counts.tracks:,} tracks hang on no artist and are left out.")
    return DerivedRecipe(values, tuple(notes))


def _genres(counts: Counts, base: Mapping[str, object], notes: list[str]) -> dict[str, object]:
    if counts.genres_per_track is None:
        return {key: base[key] for key in _KEPT_GENRES if key in base}
    sizes = counts.genre_tracks[:MOST_GENRES]
    if not any(sizes):
        return {"genres": len(sizes), "genres_per_track": 0}
    if len(sizes) < len(counts.genre_tracks):
        notes.append(
            f"Of {len(counts.genre_tracks):,} genres the {MOST_GENRES:,} largest are kept."
        )
    per_track = _distribution("genres_per_track", _unexplained(counts), notes)
    return {"genres": len(sizes), "genres_per_track": per_track, "genre_tracks": list(sizes)}


def _unexplained(counts: Counts) -> Histogram:
    """Leave out the tracks without a genre of which the kinds of artists tell already.

    Those are all that are not of the main genre of an artist who has no other.
    """
    told = sum(
        (kind.tracks - kind.of_genre) * many
        for kind, many in counts.discographies.items()
        if kind.genres <= 1
    )
    histogram = dict(counts.genres_per_track or {})
    histogram[0] = histogram.get(0, 0) - told - (counts.tracks - counts.owned_tracks)
    left = {value: many for value, many in histogram.items() if many > 0}
    return left or {0: 1}


def _playlists(counts: Counts, notes: list[str]) -> dict[str, object]:
    total = sum(counts.tracklists.values())
    if not total:
        return {"playlists": 0}
    return {"playlists": total, "tracklists": _tables("playlists", counts.tracklists, notes)}


def _tables(parents: str, counted: Mapping[Kind, int], notes: list[str]) -> list[dict[str, int]]:
    """Return the kinds as tables, the largest first, without what the recipe takes for granted."""
    clipped: dict[Kind, int] = {}
    for kind, many in counted.items():
        small = _clipped(kind)
        clipped[small] = clipped.get(small, 0) + many
    if clipped.keys() != counted.keys():
        notes.append(f"More than {MOST_CHILDREN:,} of anything are counted as {MOST_CHILDREN:,}.")
    kinds = merged(clipped)
    if len(kinds) < len(clipped):
        notes.append(
            f"{len(clipped):,} kinds of {parents} were put together to {len(kinds):,}: the "
            f"{MOST_KINDS // 2:,} that multiply most as they are, the others with those like them."
        )
    inorder = sorted(kinds, reverse=True)
    return [{parents: kinds[kind], **_stated(kind)} for kind in inorder]


def _clipped(kind: Kind) -> Kind:
    limits = {part: min(value, MOST_CHILDREN) for part, value in asdict(kind).items()}
    if isinstance(kind, Discography) and limits["genre"] > MOST_GENRES:
        limits["genre"] = MOST_GENRES
    if "genres" in limits:
        limits["genres"] = min(limits["genres"], MOST_GENRES)
    return replace(kind, **limits)


def _stated(kind: Kind) -> dict[str, int]:
    parts = asdict(kind)
    order = ("albums", "tracks", "genre", "of_genre", "genres")
    granted = {"of_genre": parts["tracks"], "genres": int("genre" in parts and parts["genre"] > 0)}
    return {
        part: parts[part]
        for part in order
        if part in parts and parts[part] and parts[part] != granted.get(part)
    }


def _distribution(key: str, histogram: Histogram, notes: list[str]) -> object:
    """Return a whole number where all are alike, else the counts."""
    clipped: dict[int, int] = {}
    for value, many in histogram.items():
        small = min(value, MOST_CHILDREN)
        clipped[small] = clipped.get(small, 0) + many
    if len(clipped) > _MOST_VALUES:
        clipped = _coarse(clipped)
        notes.append(f"The values of {key} are rounded to {len(clipped):,} different ones.")
    if len(clipped) == 1:
        return next(iter(clipped))
    return {"counts": [[value, clipped[value]] for value in sorted(clipped)]}


def _coarse(histogram: Histogram) -> dict[int, int]:
    """Round to three digits, then to two: at most 1,000 values up to the limit of a recipe."""
    rounded: dict[int, int] = {}
    for value, many in histogram.items():
        digits = 10 ** max(0, len(str(value)) - 2)
        small = (value + digits // 2) // digits * digits
        rounded[small] = rounded.get(small, 0) + many
    return rounded
