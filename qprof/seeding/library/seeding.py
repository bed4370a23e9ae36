"""Making a library from a recipe: the whole of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from qprof.seeding.library.content import Content
from qprof.seeding.library.library_error import RecipeError
from qprof.seeding.library.provenance import Provenance
from qprof.seeding.library.recipe import Recipe, Sizes, scaled
from qprof.seeding.library.servers import SERVERS
from qprof.seeding.library.servers.staging import Job
from qprof.seeding.library.target_file import (
    Wrote,
    new_file,
    parsed_url,
    target_path,
    write_library,
)
from qprof.seeding.library.vocabulary import FAKER_VERSION

Progress = Callable[[str, int, int], None]
"""Told a table, how many of its rows are written, and how many there will be."""


@dataclass(frozen=True)
class SeededLibrary:
    """A library that was made: where, its rows in each table, and what it was made from."""

    place: str
    """The file, or the URL without password and options."""
    counts: Mapping[str, int]
    provenance: Provenance
    path: Path | None = None
    """The file, where it is one."""

    @property
    def rows(self) -> int:
        """Rows in all tables together."""
        return sum(self.counts.values())


def seed(
    url: str | URL,
    recipe: Recipe,
    *,
    scale: float = 1.0,
    seed: int = 1,
    replace: bool = False,
    progress: Progress | None = None,
) -> SeededLibrary:
    """Write a library into the SQLite file, PostgreSQL, MariaDB or MySQL that `url` names.

    The same recipe, scale, seed and Faker version make the same content. `progress` hears of
    artists and playlists; whatever it raises stops the seeding and leaves the target as it was.
    Raises `UsageProblem` for what makes no sense, and `SeedFailed` for what cannot be written.
    """
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise RecipeError(f"The seed must be a whole number, not {seed!r}; write for example 1.")
    sizes = scaled(recipe, scale)
    provenance = Provenance(recipe.name, float(scale), seed, FAKER_VERSION, dict(recipe.overrides))
    blocks = Content(recipe, sizes, seed).blocks()
    job = Job(parsed_url(url), blocks, provenance, _wrote(sizes, progress), replace)
    write = SERVERS.get(job.url.get_backend_name())
    if write is not None:
        return SeededLibrary(job.place, write(job), provenance)
    return _into_file(job)


def _into_file(job: Job) -> SeededLibrary:
    target = target_path(job.url)
    with new_file(target, job.replace) as path:
        counts = write_library(path, job.blocks, job.provenance, job.wrote)
    return SeededLibrary(str(target), counts, job.provenance, target)


def _wrote(sizes: Sizes, progress: Progress | None) -> Wrote:
    """Pass on only the tables whose final size is known."""
    totals = {"artists": sizes.artists, "playlists": sizes.playlists}

    def wrote(table: str, rows: int) -> None:
        if progress is not None and table in totals:
            progress(table, rows, totals[table])

    return wrote
