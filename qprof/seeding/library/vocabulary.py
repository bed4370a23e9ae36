"""Words and names: Faker makes a few pools once, and everything is combined from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import faker

FAKER_VERSION: str = faker.VERSION

_GENRES = (
    "Rock", "Pop", "Jazz", "Electronic", "Hip-Hop", "Folk", "Metal", "Classical", "Blues", "Soul",
    "Reggae", "Country", "Punk", "Ambient", "Latin", "House", "Techno", "Indie", "Funk", "Gospel",
    "Disco", "Ska", "Opera", "Soundtrack", "Bossa Nova",
)  # fmt: skip
_TITLES = 4093
_MOMENTS = 1021


@dataclass(frozen=True)
class Vocabulary:
    """The pools. No word or name in them begins like the article "The"."""

    adjectives: list[str]
    nouns: list[str]
    first_names: list[str]
    last_names: list[str]
    labels: list[str]
    countries: list[str]
    biographies: list[str]
    titles: list[str]
    moments: list[str]


def make_vocabulary(seed: str) -> Vocabulary:
    """Make the pools, about 1,700 values of Faker's; the same seed makes the same pools."""
    fake = faker.Faker("en_US", use_weighting=False)
    fake.seed_instance(seed)
    chance = Random(seed)
    adjectives = _words(fake.get_words_list(part_of_speech="adjective"), 300, chance)
    nouns = _words(fake.get_words_list(part_of_speech="noun"), 500, chance)
    return Vocabulary(
        adjectives=adjectives,
        nouns=nouns,
        first_names=_pool(fake.first_name, 300),
        last_names=_pool(fake.last_name, 400),
        labels=[f"{name} Records" for name in _pool(fake.last_name, 60)],
        countries=_pool(fake.country_code, 60),
        biographies=_pool(lambda: str(fake.paragraph(nb_sentences=6)), 61),
        titles=_pairs(adjectives, nouns, _TITLES, chance),
        moments=[_moment(chance) for _ in range(_MOMENTS)],
    )


def genre_names(count: int, adjectives: Sequence[str]) -> list[str]:
    """Name that many genres, all different: the known ones first, then variations of them."""
    names = list(_GENRES)
    for adjective in adjectives:
        if len(names) >= count:
            break
        names.extend(f"{adjective} {genre}" for genre in _GENRES)
    names.extend(f"Genre {number}" for number in range(len(names) + 1, count + 1))
    return names[:count]


def _pool(make: Callable[[], str], size: int) -> list[str]:
    """Call Faker and keep what is new, in the order of the calls."""
    made = dict.fromkeys(make() for _ in range(size))
    return [each for each in made if not _begins_like_the(each)]


def _words(known: Sequence[str], size: int, chance: Random) -> list[str]:
    usable = sorted({word for word in known if word.isalpha() and not _begins_like_the(word)})
    return [word.title() for word in chance.sample(usable, min(size, len(usable)))]


def _pairs(firsts: Sequence[str], seconds: Sequence[str], size: int, chance: Random) -> list[str]:
    pairs = zip(chance.choices(firsts, k=size), chance.choices(seconds, k=size), strict=True)
    return [f"{first} {second}" for first, second in pairs]


def _moment(chance: Random) -> str:
    """Write a moment the way SQLAlchemy stores a DateTime in SQLite."""
    year, month, day = chance.randint(2008, 2024), chance.randint(1, 12), chance.randint(1, 28)
    hour, minute = chance.randint(0, 23), chance.randint(0, 59)
    return f"{year}-{month:02}-{day:02} {hour:02}:{minute:02}:00.000000"


def _begins_like_the(word: str) -> bool:
    return word.lower().startswith("the")
