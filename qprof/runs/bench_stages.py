"""The libraries that `bench` measures on, one after the other, small ones first."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from qprof.domain.errors import MeasureError, QprofError
from qprof.runs.bench_options import DATABASES, Asked
from qprof.seeding.library.problems import LibraryError, UsageProblem
from qprof.seeding.library.recipe import Recipe
from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import seed


@dataclass(frozen=True)
class Stage:
    """One database, and the size that it stands for."""

    size: float
    axes: tuple[str, ...]
    """Along which it is one of the sizes; size 1 is the same library along all."""
    apart: bool
    """Whether it is only measured to check what was extrapolated."""
    url: str | None = None
    """A database that is there; None where a library is seeded."""
    overrides: tuple[tuple[str, str], ...] = ()
    scale: float = 1.0


def stages(asked: Asked) -> list[Stage]:
    """Return the stages; those that are apart come last."""
    found: dict[object, Stage] = {}
    for stage in _each(asked):
        key = (stage.url, stage.overrides, stage.scale, stage.apart)
        known = found.get(key)
        found[key] = replace(known, axes=known.axes + stage.axes) if known else stage
    return sorted(found.values(), key=lambda each: (each.apart, each.size))


def _each(asked: Asked) -> Iterator[Stage]:
    for size, url in asked.databases.items():
        apart = asked.check and size == asked.to[DATABASES]
        yield Stage(size, (DATABASES,), apart, url)
    for axis in asked.axes if asked.sizes else ():
        for size in asked.sizes:
            yield _grown(asked.recipe, axis, size, apart=False)
        if asked.check:
            yield _grown(asked.recipe, axis, asked.to[axis], apart=True)


def _grown(recipe: Recipe, axis: str, size: float, *, apart: bool) -> Stage:
    """Return the library in which `axis` is `size` times the recipe's."""
    if axis == "library" or size == 1:
        return Stage(size, (axis,), apart, scale=size)
    overrides: Mapping[str, str] = {
        "roots": {"artists": str(max(1, round(recipe.artists * size)))},
        "children": {"children": repr(size)},
    }[axis]
    return Stage(size, (axis,), apart, overrides=tuple(overrides.items()))


@contextmanager
def opened(stage: Stage, asked: Asked) -> Iterator[str]:
    """Yield the URL of the stage's database; a library that was seeded for it is removed after.

    Raises QprofError for a size that the recipe cannot have, MeasureError where no library can be
    written.
    """
    if stage.url is not None:
        yield stage.url
        return
    try:
        folder = tempfile.TemporaryDirectory(prefix="qprof-bench-", ignore_cleanup_errors=True)
    except OSError as error:
        raise MeasureError(
            f"No folder for a library can be made ({error.strerror}); free some space, or name "
            "another place in TMPDIR."
        ) from None
    with folder as place:
        url = f"sqlite:///{Path(place) / 'library.db'}"
        _seed(url, stage, asked)
        yield url


def _seed(url: str, stage: Stage, asked: Asked) -> None:
    try:
        grown = load_recipe(asked.source, dict(stage.overrides))
        seed(url, grown, scale=stage.scale, seed=asked.seed)
    except UsageProblem as problem:
        raise QprofError(f"Size {stage.size:g} of {'/'.join(stage.axes)}: {problem}") from None
    except LibraryError as problem:
        raise MeasureError(f"The library of size {stage.size:g}: {problem}") from None
