"""Every mapped class that was imported.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_all_registries` of `sqlalchemy.orm.mapper`.
"""

from typing import Any

from sqlalchemy.orm import Mapper
from sqlalchemy.orm.mapper import _all_registries


def all_mappers() -> list["Mapper[Any]"]:
    """Return the mappers of all registries, by class name."""
    found = [each for registry in _all_registries() for each in registry.mappers]
    return sorted(found, key=lambda each: (each.class_.__name__, each.class_.__module__))
