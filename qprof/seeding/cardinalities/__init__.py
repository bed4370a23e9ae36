"""Reads how many there are of everything in a database, for a recipe of the same shape."""

from qprof.seeding.cardinalities.reading import Read, read
from qprof.seeding.cardinalities.recipe_file import Ratio, RecipeFile, recipe_file

__all__ = ["Ratio", "Read", "RecipeFile", "read", "recipe_file"]
