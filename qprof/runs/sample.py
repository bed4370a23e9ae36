"""The sample library in the user's cache: seeded on first use, and said so."""

from collections.abc import Callable
from hashlib import sha256

from platformdirs import user_cache_path

from qprof import __version__
from qprof.domain.errors import MeasureError
from qprof.seeding.library.problems import LibraryError
from qprof.seeding.library.recipes import load_recipe, recipe_text
from qprof.seeding.library.seeding import seed

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
            seed(f"sqlite:///{file}", load_recipe(DEFAULT_RECIPE))
        except (LibraryError, OSError) as error:
            raise MeasureError(
                f"The sample library cannot be made: {error} Name a database with --database, "
                "or another cache folder in XDG_CACHE_HOME."
            ) from None
    return f"sqlite:///{file}"


def _faker_version() -> str:
    from importlib.metadata import version

    return version("faker")
