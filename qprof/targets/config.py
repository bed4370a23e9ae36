"""`[tool.qprof]` of pyproject.toml, or qprof.toml, to a frozen `Config`.

Every complaint names the file and the key. Example:

    [tool.qprof]
    target = "myapp.repositories:ArtistRepository"
    database = "sqlite:///copy-of-production.db"
    ignore = ["QP402"]
    fail-on = "warning"

    [tool.qprof.thresholds]
    rows-amplification = 2.0

    [tool.qprof.calls."artists.get_by_id"]
    artist_id = 17

    [tool.qprof.budgets."artists.*"]
    queries = 5
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from qprof.domain.errors import QprofError
from qprof.domain.registry import unknown
from qprof.judge.budgets.limits import Budgets, read_budgets
from qprof.judge.rules.thresholds import Thresholds

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FAIL_ON = ("never", "note", "warning", "error")
FILES = ("qprof.toml", "pyproject.toml")
_RELATIVE = re.compile(r"^(sqlite(?:\+\w+)?:///)(?!/|:memory:|file:|[A-Za-z]:|$)")
"""A database in a file whose path starts from a folder."""


@dataclass(frozen=True)
class Config:
    """The user's settings; what the command line says wins over them."""

    target: str | None = None
    database: str | None = None
    sessions: str | None = None
    """The user's own maker of sessions, "module:attribute"."""
    setup: str | None = None
    touch: str | None = None
    login: str | None = None
    """A request that signs a user in, or the "module:attribute" of a function that does."""
    requests: str | None = None
    """A file of requests: .http, HAR, curl commands, or an OpenAPI document."""
    try_indexes: bool = False
    """QP601: whether indexes are also tried on a server, on temporary copies of its tables."""
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    """Rules that are off by default, beside the others."""
    ignore: tuple[str, ...] = ()
    ignored: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By a pattern of calls or files, the rules that are ignored there: [tool.qprof.ignore]."""
    fail_on: str = "never"
    thresholds: Thresholds = field(default_factory=Thresholds)
    calls: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """The arguments of each call, by its name."""
    budgets: Budgets = field(default_factory=Budgets)
    file: Path | None = None
    """Where they stand; None where nothing was set."""
    folder: Path = Path()
    """Where the baseline and the code are: here, or in the folder above that has the settings."""


def read_config(file: Path | None, folder: Path) -> Config:
    """Return the settings in `file`, or in the nearest qprof.toml or pyproject.toml.

    That is one of `folder`, or of a folder above it, up to the root of its repository; what the
    settings of a folder above name is beside them. Raises
    QprofError where `file` is missing, is no TOML, or holds an unknown key or a wrong value.
    """
    if file is not None:
        found = _config(_table(file), file)
        return _placed(found) if file.absolute().parent.resolve() in folder.parents else found
    for place in _upwards(folder):
        for name in FILES:
            if (place / name).is_file() and (table := _table(place / name)):
                found = _config(table, place / name)
                return found if place == folder else _placed(found)
    return Config()


def settings_beyond(folder: Path) -> Path | None:
    """Return the nearest qprof.toml above `folder` that `read_config` leaves alone.

    No repository holds it and `folder`, so that it may be somebody else's; it names code to run.
    """
    beyond = [folder, *folder.parents][len(_upwards(folder)) :]
    files = (each / FILES[0] for each in beyond)
    return next((file for file in files if file.is_file()), None)


def _upwards(folder: Path) -> list[Path]:
    """Return `folder` and those above it in its repository; outside of any, `folder` alone."""
    above = [folder, *folder.parents]
    ends = (n for n, each in enumerate(above, start=1) if (each / ".git").exists())
    return above[: next(ends, 1)]


def _placed(found: Config) -> Config:
    """Return settings of a folder above, whose file of a database is beside them, and not here."""
    folder = found.file.parent if found.file is not None else found.folder
    database = found.database and _RELATIVE.sub(rf"\1{folder.as_posix()}/", found.database)
    return replace(found, folder=folder, database=database)


def _table(file: Path) -> Mapping[str, Any]:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise QprofError(f"The configuration {file} cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise QprofError(f"The configuration {file} is not TOML: {error}.") from None
    tool = _mapping(document.get("tool", {}), f"{file}: tool").get("qprof")
    if tool is None:
        return {} if file.name == "pyproject.toml" else document
    return _mapping(tool, f"{file}: tool.qprof")


def _config(table: Mapping[str, Any], file: Path) -> Config:
    keys = {key: key.replace("-", "_") for key in _READ}
    _known(table, keys, f"in {file}")
    by_place = table.get("ignore") if isinstance(table.get("ignore"), dict) else {}
    plain = {key: value for key, value in table.items() if not (key == "ignore" and by_place)}
    values = {keys[key]: _READ[key](value, f"{file}: {key}") for key, value in plain.items()}
    return Config(**values, ignored=_ignored(by_place, f"{file}: ignore"), file=file)


def _ignored(value: Any, where: str) -> Mapping[str, tuple[str, ...]]:
    return {name: _texts(each, f"{where}.{name}") for name, each in value.items()}


def _known(table: Mapping[str, object], keys: Mapping[str, str], where: str) -> None:
    for key in table:
        if key not in keys:
            raise unknown("key", key, keys, where)


def _mapping(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise QprofError(f"{where} is {value!r}; it has to be a table.")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise QprofError(f"{where} is {value!r}; it has to be a text in quotes.")
    return value


def _truth(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise QprofError(f"{where} is {value!r}; it has to be true or false.")
    return value


def _texts(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise QprofError(f'{where} is {value!r}; it has to be a list such as ["QP402"].')
    return tuple(_text(each, where) for each in value)


def _fail_on(value: object, where: str) -> str:
    if value not in FAIL_ON:
        raise unknown("level", str(value), FAIL_ON, f"for {where}")
    return str(value)


def _thresholds(value: object, where: str) -> Thresholds:
    table = _mapping(value, where)
    keys = {each.name.replace("_", "-"): each.name for each in fields(Thresholds)}
    _known(table, keys, f"in {where}")
    return Thresholds(**{keys[key]: _number(each, f"{where}.{key}") for key, each in table.items()})


def _number(value: object, where: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise QprofError(f"{where} is {value!r}; it has to be a number above zero.")
    return value


def _calls(value: object, where: str) -> Mapping[str, Mapping[str, object]]:
    table = _mapping(value, where)
    return {name: _mapping(each, f"{where}.{name}") for name, each in table.items()}


_READ: Mapping[str, Any] = {
    "target": _text,
    "database": _text,
    "sessions": _text,
    "setup": _text,
    "touch": _text,
    "login": _text,
    "requests": _text,
    "try-indexes": _truth,
    "select": _texts,
    "extend-select": _texts,
    "ignore": _texts,
    "fail-on": _fail_on,
    "thresholds": _thresholds,
    "calls": _calls,
    "budgets": read_budgets,
}
