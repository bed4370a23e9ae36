"""Opens a user's database for reading only, and says in one sentence why it cannot.

No password ever leaves this file: URLs are shown by `shown_url`, driver messages pass `redact`.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from qprof.domain.errors import MeasureError, QprofError
from qprof.measure.experiments.reasons import driver_reason
from qprof.targets.autocommit import watched
from qprof.targets.readonly import read_only

_SECRET_WORDS = ("pass", "secret", "token", "key")
_EXAMPLE = "sqlite:///library.db"
_FILE = re.compile(r"[A-Za-z0-9_.-]+\.(?:db|sqlite|sqlite3)")
_SQLITE = b"SQLite format 3\0"
"""How each of its files begins: https://www.sqlite.org/fileformat.html#the_database_header"""
_EXTRAS = ("aiomysql", "aiosqlite", "asyncpg", "psycopg", "pymysql")
_SYNC_DRIVERS = {"postgresql": "+psycopg", "mariadb": "+pymysql", "mysql": "+pymysql"}
_ASYNC_DRIVERS = {
    "sqlite": "+aiosqlite",
    "postgresql": "+asyncpg",
    "mariadb": "+aiomysql",
    "mysql": "+aiomysql",
}

_PREPARING: Mapping[str, Mapping[str, object]] = {
    "psycopg": {"prepare_threshold": None},
    "psycopg_async": {"prepare_threshold": None},
    "asyncpg": {
        "statement_cache_size": 0,
        "prepared_statement_cache_size": 0,
        "prepared_statement_name_func": lambda: "",
    },
}
"""By driver, what has it prepare no statement, or one without a name."""

_LONGEST = 300
"""Characters of a URL that are shown where it cannot be opened."""

KEPT_READ_ONLY = "qprof_kept_read_only"
"""In a connection's `info`: it refuses writes from the first moment on, whatever is called."""


class MissingFile(MeasureError):
    """An SQLite database whose file is not there."""


def parse_url(text: str) -> URL:
    """Return the URL that `text` writes.

    Raises QprofError where it is none; the text is not repeated, since it may hold a password.
    """
    if "://" not in text and "@" not in text:
        raise QprofError(f"{text!r} is not a database URL. Write sqlite:///{text}.")
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        raise QprofError(
            f"--database is not a URL that SQLAlchemy can read; write one such as {_EXAMPLE} or "
            "postgresql+psycopg://user@host/name."
        ) from None


def shown_url(url: URL) -> str:
    """Return `url` as text with every secret replaced by ***."""
    hidden = {
        name: "***" if any(word in name.lower() for word in _SECRET_WORDS) else value
        for name, value in url.query.items()
    }
    return url.set(query=hidden).render_as_string(hide_password=True)


def redact(text: str, url: URL) -> str:
    """Return `text`, a driver's message, without the URL's secrets in any spelling."""
    secrets = [str(url.password)] if url.password else []
    secrets += [
        str(value)
        for name, value in url.query.items()
        if any(word in name.lower() for word in _SECRET_WORDS)
    ]
    for secret in secrets:
        for spelling in (secret, quote(secret, safe=""), quote_plus(secret)):
            text = text.replace(spelling, "***")
    return text


@contextmanager
def open_database(text: str) -> Iterator[Engine]:
    """Yield an engine that only reads the database at URL `text`, disposed of at the end.

    Raises QprofError for a bad URL or a missing driver, MeasureError where the database is
    missing, locked, out of reach or none.
    """
    engine = sync_engine(parse_url(text))
    try:
        yield engine
    finally:
        engine.dispose()


def sync_engine(url: URL) -> Engine:
    """Return an engine that only reads, by the sync driver where `url` names an async one.

    Raises as `open_database` does.
    """
    url = _partner(url, wants_async=False)
    with _said(url):
        if url.get_backend_name() == "sqlite":
            engine = create_engine(url, creator=_read_only_sqlite(url))
        else:
            url, options = _unprepared(url)
            engine = keep_read_only(create_engine(url, connect_args=options))
    _check(engine, url)
    return engine


def async_engine(url: URL) -> AsyncEngine:
    """Return an async engine that only reads, by the async driver where `url` names a sync one.

    Whether the database can be reached shows with the first statement. Raises QprofError for a
    missing driver, MeasureError for a missing SQLite file.
    """
    url = _partner(url, wants_async=True)
    with _said(url):
        if url.get_backend_name() == "sqlite":
            return create_async_engine(_read_only_uri(url))
        url, options = _unprepared(url)
        engine = create_async_engine(url, connect_args=options)
        keep_read_only(engine.sync_engine)
        return engine


def is_async_driver(url: URL) -> bool:
    """Return whether `url` names an async driver. Raises QprofError for an unknown database."""
    with _said(url):
        return bool(url.get_dialect().is_async)


def _partner(url: URL, *, wants_async: bool) -> URL:
    """Return `url` with a driver of the kind that is wanted; itself, where it is of that kind."""
    with _said(url):
        dialect = url.get_dialect()
        # psycopg's is both.
        is_async = dialect.is_async or (wants_async and dialect.get_async_dialect_cls(url).is_async)
    drivers = _ASYNC_DRIVERS if wants_async else _SYNC_DRIVERS
    name = url.get_backend_name()
    if wants_async is bool(is_async):
        return url
    partner = url.set(drivername=name + drivers.get(name, ""))
    return _translated(partner) if name == "postgresql" else partner


def _translated(url: URL) -> URL:
    """Return `url`, written for another driver of PostgreSQL, with the options that both know.

    Raises QprofError for settings of the session, without which other tables might be read.
    """
    theirs, own = ("sslmode", "ssl") if "asyncpg" in url.drivername else ("ssl", "sslmode")
    if own == "ssl" and "options" in url.query:
        raise QprofError(
            "--database has options=, which asyncpg does not take, and the call is async. Write "
            "the URL with postgresql+psycopg_async://, which does."
        )
    kept = {name: each for name, each in url.query.items() if name in ("host", "port")}
    mode = url.query.get(theirs, url.query.get(own))
    if mode is not None:
        kept[own] = "require" if mode == "true" else mode
    return url.set(query=kept)


def _unprepared(url: URL) -> tuple[URL, dict[str, object]]:
    """Return `url` and the driver's options by which it keeps no prepared statement by a name.

    A pooler may hand the server's connection to another client, which finds the name taken. What
    the URL says of this stays in force. Raises QprofError for a number that is none.
    """
    names, asked = _PREPARING.get(url.get_dialect().driver, {}), dict(url.query)
    options = {**names, **{name: _number(name, asked.pop(name)) for name in names if name in asked}}
    if options.get("prepared_statement_cache_size"):
        # What is kept needs a name.
        del options["prepared_statement_name_func"]
    return url.set(query=asked), options


def _number(name: str, value: Any) -> int | None:
    """Return an option of a URL as a number; None for "None"."""
    if str(value).lower() == "none":
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        raise QprofError(
            f"--database: {name}={value} is no number; write {name}=0, for example."
        ) from None


@contextmanager
def _said(url: URL) -> Iterator[None]:
    """Say in one sentence why no engine can be made for `url`."""
    try:
        yield
    except NoSuchModuleError:
        raise QprofError(
            f"SQLAlchemy knows no database {url.drivername!r}; write one such as {_EXAMPLE} or "
            "postgresql+psycopg://user@host/name."
        ) from None
    except ImportError:
        raise no_driver(url) from None
    except (ArgumentError, ValueError, TypeError, OSError) as error:
        # What SQLAlchemy says to an option, or the system to a path.
        raise QprofError(_unusable(error, url)) from None


def _unusable(error: Exception, url: URL) -> str:
    said = redact(str(error).strip().partition("\n")[0].rstrip("."), url)
    where = shown_url(url)
    shown = where if len(where) <= _LONGEST else f"{where[:_LONGEST]}…"
    told = f"{type(error).__name__}: {said}"[:_LONGEST]
    return f"The database {shown} could not be opened ({told}). Look at the options of its URL."


def no_driver(url: URL) -> QprofError:
    """Return the sentence for a URL whose driver is not installed."""
    name, instead = url.get_driver_name(), _sync_driver(url)
    if name in _EXTRAS:
        how = f"pip install 'sqlalchemy-qprof[{name}]'."
    elif "+" in instead:
        extra = instead.partition("+")[2]
        how = f"write {instead}://… and pip install 'sqlalchemy-qprof[{extra}]'."
    else:
        how = "install it, or write the URL with another one."
    return QprofError(f"The driver {name} for {url.drivername} is not installed; {how}")


def _sync_driver(url: URL) -> str:
    name = url.get_backend_name()
    return name + _SYNC_DRIVERS.get(name, "")


def keep_read_only(engine: Engine) -> Engine:
    """Have the server refuse writes on every connection of `engine`, and return it.

    PostgreSQL, MariaDB and MySQL can; elsewhere the rollback alone protects the data. It is set
    on the driver's connection, so that it also holds for what goes past SQLAlchemy.
    """
    if engine.dialect.name in ("postgresql", "mariadb", "mysql"):
        event.listen(engine, "connect", partial(_forbid, engine.dialect))
    return engine


def _forbid(dialect: Any, _: object, record: ConnectionPoolEntry) -> None:
    """Have a new connection refuse writes, until it is closed.

    A connection to PostgreSQL that cannot be watched needs the guard of a call as well, which
    gives it a transaction under AUTOCOMMIT.
    """
    if dialect.name == "postgresql":
        dialect.set_readonly(record.dbapi_connection, True)
        is_kept = watched(record.driver_connection, dialect.driver) is not None
    else:
        read_only(record, dialect).forbid(held=False)
        is_kept = True
    if is_kept:
        record.info[KEPT_READ_ONLY] = True


def _read_only_sqlite(url: URL) -> Callable[[], sqlite3.Connection]:
    """Return a connector in SQLite's mode=ro, which cannot write and creates no file.

    Raises MissingFile where there is no such file.
    """
    uri = f"{_file_uri(url)}?mode=ro"
    _, options = url.get_dialect()().create_connect_args(url)
    return lambda: sqlite3.connect(uri, **{**options, "uri": True})


def _read_only_uri(url: URL) -> URL:
    """Return `url` for aiosqlite with SQLite's mode=ro. Raises as `_read_only_sqlite` does."""
    return url.set(database=_file_uri(url)).update_query_dict({"mode": "ro", "uri": "true"})


def _file_uri(url: URL) -> str:
    path = Path(url.database or "")
    if url.database in (None, "", ":memory:"):
        raise QprofError(f"An in-memory SQLite database is empty; name a file, such as {_EXAMPLE}.")
    if str(path).startswith("file:"):
        raise QprofError("An SQLite file: URI cannot be opened here; write sqlite:///PATH.")
    if not path.is_file():
        if path.is_dir():
            raise MeasureError(f"The database {path} is a folder. Name a file, such as {_EXAMPLE}.")
        beside = database_here()
        such = f", such as {beside}" if beside else ""
        raise MissingFile(
            f"There is no file {path}, seen from {Path.cwd()}. Name one that is there{such}."
        )
    return f"file:{quote(str(path.absolute()))}"


def database_here() -> str | None:
    """Return the URL of the current folder's SQLite file, the first by name; None without one.

    Names that a URL or a shell reads otherwise are passed over.
    """
    try:
        files = sorted(each for each in Path().iterdir() if _FILE.fullmatch(each.name))
        found = next((each for each in files if each.is_file() and _is_sqlite(each)), None)
    except OSError:
        return None
    return f"sqlite:///{found}" if found else None


def _is_sqlite(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(_SQLITE)) == _SQLITE


def _check(engine: Engine, url: URL) -> None:
    """Raise MeasureError where the database cannot be reached."""
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                # Reads the first page, where a file that is no database shows itself.
                connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
    except DBAPIError as error:
        raise unreachable(error, url) from None
    except Exception as error:
        # No code of the user's runs here: a driver chokes on an option, a file or a host's name.
        raise MeasureError(_unusable(error, url)) from None


def unreachable(error: DBAPIError, url: URL) -> MeasureError:
    """Return the sentence for a driver's error."""
    said = redact(driver_reason(error), url)
    where = shown_url(url)
    if "not a database" in said:
        return MeasureError(f"{where} is not an SQLite database ({said}). Name another file.")
    if "locked" in said:
        return MeasureError(
            f"{where} is locked by another program ({said}). Close it there, or copy the file "
            "and name the copy."
        )
    kind = "could not be opened" if isinstance(error, OperationalError) else "failed"
    return MeasureError(f"The database {where} {kind}: {said}.")
