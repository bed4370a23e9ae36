"""Makes music libraries: for a user, the sample in the cache, and a recipe of another's shape."""

from collections.abc import Callable, Mapping
from hashlib import sha256

from platformdirs import user_cache_path

from qprof import __version__
from qprof.domain.errors import MeasureError, QprofError
from qprof.measure.if_killed import watching
from qprof.seeding.cardinalities import RecipeFile, read, recipe_file
from qprof.seeding.library import seeding as library_seeding
from qprof.seeding.library.library_error import LibraryError, NoDriver, UsageProblem
from qprof.seeding.library.recipes import load_recipe, recipe_text
from qprof.seeding.library.seeding import Progress
from qprof.targets.database import no_driver, open_database, parse_url, redact, shown_url

Tell = Callable[[str], None]
"""Takes a line for the user that is no part of the result."""

DEFAULT_RECIPE = "chinook"


def sample_library(tell: Tell) -> str:
    """Return the URL of the default library, seeding it where the cache has none of this kind.

    Its kind is the text of the recipe, and the versions of what makes a library of it.
    """
    made_by = f"{recipe_text(DEFAULT_RECIPE)} {__version__} {_faker_version()}"
    digest = sha256(made_by.encode()).hexdigest()[:12]
    folder = user_cache_path("qprof")
    file = folder / f"{DEFAULT_RECIPE}-{digest}.db"
    if not file.is_file():
        tell(f"Seeding the sample library {file} (once).")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            library_seeding.seed(f"sqlite:///{file}", load_recipe(DEFAULT_RECIPE))
        except (LibraryError, OSError) as error:
            raise MeasureError(
                f"The sample library cannot be made: {error} Name a database with --database, "
                "or another cache folder in XDG_CACHE_HOME."
            ) from None
    return f"sqlite:///{file}"


def _faker_version() -> str:
    from importlib.metadata import version

    return version("faker")


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
        with watching():
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


def derive_recipe(database: str, mapping: Mapping[str, str], *, base: str) -> RecipeFile:
    """Return the recipe of the shape of the database at URL `database`, which is only read.

    `mapping` names tables by the library's names for them; what the database has nothing of is
    the recipe `base`'s. Raises QprofError for what makes no sense, MeasureError for a database
    that cannot be read or holds nothing.
    """
    url = parse_url(database)
    with watching(), open_database(database) as engine:
        found = read(engine, mapping)
    try:
        return recipe_file(found, shown_url(url), mapping, base)
    except LibraryError as problem:
        raise QprofError(str(problem)) from problem
