"""Derives a recipe from a database: its shape, without its content."""

from collections.abc import Mapping

from qprof.domain.errors import QprofError
from qprof.seeding.cardinalities import RecipeFile, read, recipe_file
from qprof.seeding.library.problems import LibraryError
from qprof.targets.database import open_database, parse_url, shown_url


def derive_recipe(database: str, mapping: Mapping[str, str], *, base: str) -> RecipeFile:
    """Return the recipe of the shape of the database at URL `database`, which is only read.

    `mapping` names tables by the library's names for them; what the database has nothing of is
    the recipe `base`'s. Raises QprofError for what makes no sense, MeasureError for a database
    that cannot be read or holds nothing.
    """
    url = parse_url(database)
    with open_database(database) as engine:
        found = read(engine, mapping)
    try:
        return recipe_file(found, shown_url(url), mapping, base)
    except LibraryError as problem:
        raise QprofError(str(problem)) from problem
