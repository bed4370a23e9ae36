"""Opens a user's database for reading only, and says in one sentence why it cannot.

No password ever leaves this file: URLs are shown by `shown_url`, driver messages pass `redact`.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, quote_plus

from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from qprof.errors import MeasureError, QprofError

_SECRET_WORDS = ("pass", "secret", "token", "key")
_EXAMPLE = "sqlite:///library.db"


def parse_url(text: str) -> URL:
    """Return the URL that `text` writes.

    Raises QprofError where it is none; the text is not repeated, since it may hold a password.
    """
    if "://" not in text and "@" not in text:
        raise QprofError(
            f"{text!r} is not a database URL. For an SQLite file, write sqlite:///{text}."
        )
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
    url = parse_url(text)
    engine = _engine(url)
    try:
        _check(engine, url)
        yield engine
    finally:
        engine.dispose()


def _engine(url: URL) -> Engine:
    try:
        if url.get_dialect().is_async:
            raise QprofError(
                f"{url.drivername} is an async driver, and calls run with a plain Session here; "
                f"name a sync one, such as {_sync_driver(url)}."
            )
        if url.get_backend_name() == "sqlite":
            return create_engine(url, creator=_read_only_sqlite(url))
        # Only PostgreSQL has a name for it; elsewhere the rollback alone protects the data.
        read_only = {"postgresql_readonly": True} if _is_postgresql(url) else {}
        return create_engine(url, execution_options=read_only)
    except NoSuchModuleError:
        raise QprofError(
            f"SQLAlchemy knows no database {url.drivername!r}; write one such as {_EXAMPLE} or "
            "postgresql+psycopg://user@host/name."
        ) from None
    except ModuleNotFoundError as error:
        raise QprofError(
            f"The driver for {url.drivername} is not installed: pip install {error.name}."
        ) from None


def _sync_driver(url: URL) -> str:
    return {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}.get(
        url.get_backend_name(), url.get_backend_name()
    )


def _is_postgresql(url: URL) -> bool:
    return url.get_backend_name() == "postgresql"


def _read_only_sqlite(url: URL) -> Callable[[], sqlite3.Connection]:
    """Return a connector in SQLite's mode=ro, which cannot write and creates no file.

    Raises MeasureError where there is no such file.
    """
    path = Path(url.database or "")
    if url.database in (None, "", ":memory:"):
        raise QprofError(f"An in-memory SQLite database is empty; name a file, such as {_EXAMPLE}.")
    if str(path).startswith("file:"):
        raise QprofError("An SQLite file: URI cannot be opened here; write sqlite:///PATH.")
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise MeasureError(
            f"The database {path} {what}. Make a music library there with "
            f"qprof seed --database {shown_url(url)}, or name an existing file."
        )
    _, options = url.get_dialect()().create_connect_args(url)
    uri = f"file:{quote(str(path.absolute()))}?mode=ro"
    return lambda: sqlite3.connect(uri, **{**options, "uri": True})


def _check(engine: Engine, url: URL) -> None:
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                # Reads the first page, where a file that is no database shows itself.
                connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
    except DBAPIError as error:
        raise unreachable(error, url) from None


def unreachable(error: DBAPIError, url: URL) -> MeasureError:
    """Return the sentence for a driver's error."""
    said = redact(str(error.orig).strip().splitlines()[0], url) if error.orig else "no reason given"
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
