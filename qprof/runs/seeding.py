"""Makes a music library, and puts the library's own errors into ours."""

from collections.abc import Mapping

from qprof.domain.errors import MeasureError, QprofError
from qprof.seeding.library import seeding as library_seeding
from qprof.seeding.library.problems import LibraryError, NoDriver, UsageProblem
from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import Progress
from qprof.targets.database import no_driver, parse_url, redact


def seed(
    recipe: str,
    overrides: Mapping[str, str],
    *,
    database: str,
    scale: float,
    seed: int,
    replace: bool,
    progress: Progress | None,
) -> str:
    """Make the library and return a sentence of what was made.

    Raises QprofError for what makes no sense, MeasureError for what cannot be written.
    """
    url = parse_url(database)
    try:
        made = library_seeding.seed(
            url,
            load_recipe(recipe, overrides),
            scale=scale,
            seed=seed,
            replace=replace,
            progress=progress,
        )
    except NoDriver:
        raise no_driver(url) from None
    except UsageProblem as problem:
        raise QprofError(redact(str(problem), url)) from problem
    except LibraryError as problem:
        raise MeasureError(redact(str(problem), url)) from problem
    things = {name: rows for name, rows in made.counts.items() if "_" not in name}
    counts = ", ".join(f"{rows:,} {name}" for name, rows in things.items())
    return f"Made {made.place} by {made.provenance}: {counts}; {made.rows:,} rows in all."
