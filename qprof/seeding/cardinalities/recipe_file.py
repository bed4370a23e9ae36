"""The recipe file: what it was read from, how true it is, and its values as TOML.

A recipe is seeded in memory and counted, to say how far it is from what was read.
"""

import shlex
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import TextWrapper, fill

from qprof.seeding.cardinalities.counts import ARTIST, GENRE, PLAYLIST, TRACK, Joint, amplification
from qprof.seeding.cardinalities.deriving import derive
from qprof.seeding.cardinalities.reading import Read
from qprof.seeding.library.content import Content
from qprof.seeding.library.recipe import Recipe, scaled
from qprof.seeding.library.recipes import DEFAULT_RECIPE, parse_recipe, stated_values

MOST_ROWS = 200_000
"""A recipe of more rows is tried at a smaller scale."""


def scale_for(recipe: Recipe) -> float:
    """Return the scale to try `recipe` at: 1, or less where it makes more than `MOST_ROWS`."""
    rows = scaled(recipe, 1.0).expected_rows
    return 1.0 if rows <= MOST_ROWS else MOST_ROWS / rows


def rehearse(recipe: Recipe, scale: float, seed: int) -> Mapping[str, Joint]:
    """Return the pairs of counts of the library that `seed` and `scale` would make."""
    seeded = _Seeded()
    sizes = scaled(recipe, scale)
    for block in Content(recipe, sizes, seed).blocks():
        seeded.take(block.table, block.columns)
    return seeded.pairs(sizes.artists, recipe.genres, sizes.playlists)


class _Seeded:
    """Counts the rows as they come; of a row only its keys are looked at."""

    def __init__(self) -> None:
        self._tracks = 0
        self._artists_of: dict[object, list[object]] = defaultdict(list)
        self._genres_of: dict[object, list[object]] = defaultdict(list)
        self._albums: Counter[object] = Counter()
        self._lists: Counter[object] = Counter()
        self._entries: dict[object, list[object]] = defaultdict(list)

    def take(self, table: str, columns: tuple[object, ...]) -> None:
        keys: list[list[object]] = [list(each) for each in columns[:2]]  # type: ignore[call-overload]
        if table == "albums":
            self._albums.update(keys[1])
        elif table == "tracks":
            self._tracks += len(keys[0])
        elif table in ("track_artists", "track_genres", "playlist_tracks"):
            for one, other in zip(*keys, strict=True):
                self._pairs_of(table)[one].append(other)

    def _pairs_of(self, table: str) -> dict[object, list[object]]:
        named = {"track_artists": self._artists_of, "track_genres": self._genres_of}
        return named.get(table, self._entries)

    def pairs(self, artists: int, genres: int, playlists: int) -> dict[str, Joint]:
        return {
            ARTIST: self._of_artists(artists),
            GENRE: self._of_genres(genres),
            PLAYLIST: self._of_playlists(playlists),
            TRACK: self._of_tracks(),
        }

    def _of_artists(self, artists: int) -> Joint:
        tracks = Counter(artist for own in self._artists_of.values() for artist in own)
        return Counter((self._albums[each], tracks[each]) for each in range(1, artists + 1))

    def _of_genres(self, genres: int) -> Joint:
        tracks: Counter[object] = Counter()
        artists: dict[object, set[object]] = defaultdict(set)
        for track, own in self._genres_of.items():
            tracks.update(own)
            for genre in own:
                artists[genre].update(self._artists_of[track])
        return Counter((tracks[each], len(artists[each])) for each in range(1, genres + 1))

    def _of_playlists(self, playlists: int) -> Joint:
        return Counter(
            (len(own), len({genre for track in own for genre in self._genres_of[track]}))
            for own in (self._entries.get(each, []) for each in range(1, playlists + 1))
        )

    def _of_tracks(self) -> Joint:
        lists = Counter(track for own in self._entries.values() for track in own)
        return Counter(
            (lists[each], len(self._genres_of.get(each, ()))) for each in range(1, self._tracks + 1)
        )


_WIDTH = 100


def toml_text(values: Mapping[str, object]) -> str:
    """Write whole numbers, numbers, texts, lists and tables of these, key by key."""
    return "".join(f"{key} = {_top(value)}\n" for key, value in values.items())


def _top(value: object) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + "".join(f"  {_inline(each)},\n" for each in value) + "]"
    text = _inline(value)
    if not isinstance(value, list) or len(text) < _WIDTH - 20:
        return text
    inner = fill(text[1:-1], _WIDTH, initial_indent="  ", subsequent_indent="  ")
    return f"[\n{inner},\n]"


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_item(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return _quoted(value) if isinstance(value, str) else repr(value).lower()


def _item(value: object) -> str:
    """Break a long list inside of a table; TOML 1.0 lets an array, not a table, span lines."""
    text = _inline(value)
    if not isinstance(value, list) or len(text) < _WIDTH - 30:
        return text
    pairs = text[1:-1].replace(", [", ",\0[").replace(" ", "\1").replace("\0", " ")
    inner = fill(pairs, _WIDTH, initial_indent="  ", subsequent_indent="  ").replace("\1", " ")
    return f"[\n{inner},\n]"


def _quoted(text: str) -> str:
    """Write a text as TOML's basic string; control characters are spelled out."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'


SEEDS = (1, 2, 3)
WITHIN = 0.25
"""The error up to which a ratio counts as reproduced."""
_wrap = TextWrapper(98, break_on_hyphens=False, break_long_words=False).wrap


@dataclass(frozen=True)
class Ratio:
    """Rows joined ÷ rows needed of two siblings: as read, and as seeded where farthest off."""

    pair: str
    read: float
    seeded: float

    @property
    def error(self) -> float:
        """The difference as a share of what was read."""
        return self.seeded / self.read - 1

    @property
    def is_kept(self) -> bool:
        """Whether the error is within the bound."""
        return abs(self.error) <= WITHIN


@dataclass(frozen=True)
class RecipeFile:
    """The text of a recipe that was derived, and how true it is."""

    text: str
    ratios: tuple[Ratio, ...]
    artists: int


def recipe_file(read: Read, url: str, mapping: Mapping[str, str], base: str) -> RecipeFile:
    """Derive a recipe from what was read of the database shown as `url`, and try it.

    What the database has nothing of is taken from the recipe `base`, a name or a file. Raises
    the library's `RecipeError` for a base that cannot be read.
    """
    derived = derive(read.counts, stated_values(base))
    values = {"description": f"The shape of {url}, read by qprof", **derived.values}
    body = toml_text(values)
    recipe = parse_recipe("derived", body)
    scale = scale_for(recipe)
    ratios = _ratios(read, recipe, scale)
    command = _command(url, mapping, base)
    notes = [*read.relations.notes, *derived.notes]
    lines = [
        *_about(url, command),
        "",
        *_table(ratios, scale),
        "",
        *_tables(read),
        *(line for note in notes for line in _wrap(note)),
    ]
    head = "".join(f"# {line}".rstrip() + "\n" for line in lines)
    return RecipeFile(head + body, ratios, read.counts.artists)


def _ratios(read: Read, recipe: Recipe, scale: float) -> tuple[Ratio, ...]:
    tried = [rehearse(recipe, scale, seed) for seed in SEEDS]
    found = []
    for pair, joint in read.counts.pairs.items():
        real = amplification(joint)
        if real:
            # Of a part of the artists a genre has only a part, and the ratio is smaller.
            part = _part(joint, scale) if pair == GENRE else joint
            at_scale = real / amplification(part)
            seeded = [amplification(each[pair]) * at_scale for each in tried]
            found.append(Ratio(pair, real, max(seeded, key=lambda each: abs(each / real - 1))))
    return tuple(found)


def _part(joint: Joint, scale: float) -> dict[tuple[float, float], int]:
    """Return what each parent has where there is a part of the children."""
    part: dict[tuple[float, float], int] = defaultdict(int)
    for (one, other), many in joint.items():
        part[one * scale, other * scale] += many
    return part


def _command(url: str, mapping: Mapping[str, str], base: str) -> str:
    given = [f"--map={thing}={table}" for thing, table in sorted(mapping.items())]
    if base != DEFAULT_RECIPE:
        given += ["--recipe", base]
    return shlex.join(["qprof", "seed", "--profile-from", url, *given])


def _about(url: str, command: str) -> Iterator[str]:
    yield "Numbers of rows, no content and no keys, read by qprof from"
    yield f"  {_one_line(url)}"
    yield "The file does not follow the database. Read it again when the data have changed:"
    yield f"  {_one_line(command)}"
    yield "Make a library of this shape; --scale makes more artists and playlists, each as here:"
    yield "  qprof seed --recipe THIS_FILE.toml --database URL"


def _table(ratios: Sequence[Ratio], scale: float) -> Iterator[str]:
    yield f"{'rows joined ÷ rows needed':28}{'read':>9}{'seeded':>9}{'error':>9}"
    for each in ratios:
        mark = "" if each.is_kept else "  not kept"
        yield f"{each.pair:28}{each.read:>9.2f}{each.seeded:>9.2f}{each.error:>+9.1%}{mark}"
    yield f"Seeded: the farthest off of seeds 1, 2 and 3 at scale {scale:g}."


def _tables(read: Read) -> Iterator[str]:
    named = [f"{thing} = {keyed.table}" for thing, keyed in read.relations.things.items()]
    relations = read.relations
    links = {
        "track_artists": relations.track_artist,
        "track_genres": relations.track_genre,
        "playlist_tracks": relations.playlist_track,
    }
    named += [f"{name} = {pairs.table}" for name, pairs in links.items() if pairs and pairs.is_link]
    yield from _wrap(_one_line(f"Tables: {', '.join(named)}."))


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
