"""The recipe file: what it was read from, how true it is, and its values as TOML."""

import shlex
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import TextWrapper, fill
from typing import Any

from qprof.seeding.cardinalities.counts import GENRE, Joint, amplification
from qprof.seeding.cardinalities.deriving import derive
from qprof.seeding.cardinalities.reading import Read
from qprof.seeding.cardinalities.rehearsal import rehearse, scale_for
from qprof.seeding.library.recipe import Recipe
from qprof.seeding.library.recipes import DEFAULT_RECIPE, parse_recipe, stated_values

_WIDTH = 100


def toml_text(values: Mapping[str, Any]) -> str:
    """Write whole numbers, numbers, texts, lists and tables of these, key by key."""
    return "".join(f"{key} = {_top(value)}\n" for key, value in values.items())


def _top(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + "".join(f"  {_inline(each)},\n" for each in value) + "]"
    text = _inline(value)
    if not isinstance(value, list) or len(text) < _WIDTH - 20:
        return text
    inner = fill(text[1:-1], _WIDTH, initial_indent="  ", subsequent_indent="  ")
    return f"[\n{inner},\n]"


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_item(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return _quoted(value) if isinstance(value, str) else repr(value).lower()


def _item(value: Any) -> str:
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
