"""What a library says about how it was made, and how to tell a library from any other database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select
from sqlalchemy.exc import NoSuchTableError

from qprof.seeding.library.models import LibraryInfo

APPLICATION_ID = 0x71707266
"""Written into the header of the SQLite file: "qprf" in ASCII."""

_MARK = {"made_by": "qprof", "format": "1"}


@dataclass(frozen=True)
class Provenance:
    """Everything that decides the content of a library."""

    recipe: str
    scale: float
    seed: int
    faker: str
    overrides: Mapping[str, str]

    def __str__(self) -> str:
        changes = "".join(f", {key}={value}" for key, value in self.overrides.items())
        return f"recipe {self.recipe}, scale {self.scale:g}, seed {self.seed}{changes}"


def info_rows(provenance: Provenance) -> list[dict[str, str]]:
    """Write the rows of `library_info`, the mark that qprof made the file among them."""
    values = {
        **_MARK,
        "recipe": provenance.recipe,
        "scale": repr(provenance.scale),
        "seed": str(provenance.seed),
        "faker": provenance.faker,
        "overrides": json.dumps(dict(provenance.overrides), sort_keys=True),
    }
    return [{"key": key, "value": value} for key, value in values.items()]


def read_provenance(database: Engine | Connection) -> Provenance | None:
    """Read how a library was made; None for any database that is not one.

    Writes nothing, makes no file, and leaves a connection in no transaction that it was not in.
    Raises the driver's error, as SQLAlchemy wraps it, if the database cannot be reached.
    """
    if isinstance(database, Engine):
        if _is_missing(database):
            return None
        with database.connect() as connection:
            return _read(connection)
    entered = database.in_transaction()
    try:
        return _read(database)
    finally:
        if not entered and database.in_transaction():
            database.rollback()


def _is_missing(engine: Engine) -> bool:
    """Whether connecting would make an empty file."""
    name = engine.url.database
    if (
        engine.dialect.name != "sqlite"
        or not name
        or name == ":memory:"
        or name.startswith("file:")
    ):
        return False
    return not Path(name).exists()


def _read(connection: Connection) -> Provenance | None:
    try:
        described = inspect(connection).get_columns(LibraryInfo.__tablename__)
    except NoSuchTableError:
        return None
    if {column["name"] for column in described} != {"key", "value"}:
        return None
    rows = connection.execute(select(LibraryInfo.key, LibraryInfo.value)).all()
    return _understood({str(row.key): str(row.value) for row in rows})


def _understood(values: Mapping[str, str]) -> Provenance | None:
    if any(values.get(key) != value for key, value in _MARK.items()):
        return None
    try:
        return Provenance(
            recipe=values["recipe"],
            scale=float(values["scale"]),
            seed=int(values["seed"]),
            faker=values["faker"],
            overrides=dict(json.loads(values["overrides"])),
        )
    except (KeyError, ValueError, TypeError):
        return None
