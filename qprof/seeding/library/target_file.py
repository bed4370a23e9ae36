"""Where a library is written: only where nothing is lost, and whole or not at all.

The rows go to a new file in the same folder, which takes the place of the old one in one step at
the end. An interruption or a full disk leaves the old library as it was. Blocks of rows
are written as fast as SQLAlchemy lets a driver be.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, Connection, Table, create_engine, insert, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateIndex, CreateTable

from qprof.seeding.library.content import Block
from qprof.seeding.library.library_error import AlreadyThere, BadTarget, NotOurs, SeedFailed
from qprof.seeding.library.models import Base, LibraryInfo
from qprof.seeding.library.provenance import APPLICATION_ID, Provenance, info_rows, read_provenance

_ROWS_PER_STATEMENT = 100
# The file is thrown away if anything goes wrong, so it needs no journal. Neither a larger cache nor
# temp_store=MEMORY would help: both make the index sort two to four times slower.
_PRAGMAS = ("journal_mode=OFF", "synchronous=OFF", f"application_id={APPLICATION_ID}")

Wrote = Callable[[str, int], None]
"""Told after every block: the table, and how many rows it has by now."""


def write_library(
    path: Path, blocks: Iterable[Block], provenance: Provenance, wrote: Wrote
) -> dict[str, int]:
    """Fill an empty file with tables, rows and indices, in this order; answer rows per table.

    Raises `SeedFailed` if the disk is full or SQLite refuses.
    """
    engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            _create_tables(connection)
            connection.execute(insert(LibraryInfo), info_rows(provenance))
            counts = _insert_all(connection, blocks, wrote)
            connection.commit()
            _create_indices(connection)
            connection.commit()
    except DBAPIError as problem:
        raise SeedFailed(
            f"Cannot write the library in {path.parent} ({problem.orig}); "
            "free some space there, or name another file."
        ) from None
    return counts


def _create_tables(connection: Connection) -> None:
    for pragma in _PRAGMAS:
        connection.exec_driver_sql(f"PRAGMA {pragma}")
    for table in Base.metadata.sorted_tables:
        connection.execute(CreateTable(table))


def _create_indices(connection: Connection) -> None:
    for table in Base.metadata.sorted_tables:
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            connection.execute(CreateIndex(index))


def _content_tables() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if table.name != "library_info"]


def _insert_all(connection: Connection, blocks: Iterable[Block], wrote: Wrote) -> dict[str, int]:
    counts = Counter({table.name: 0 for table in _content_tables()})
    for block in blocks:
        _insert(connection, block)
        counts[block.table] += len(block.columns[0])
        wrote(block.table, counts[block.table])
    return dict(counts)


def _insert(connection: Connection, block: Block) -> None:
    """Insert a hundred rows to a statement, and the rest one by one."""
    width, rows = len(block.columns), len(block.columns[0])
    flat: list[object] = [None] * (width * rows)
    for place, column in enumerate(block.columns):
        flat[place::width] = column
    whole = rows - rows % _ROWS_PER_STATEMENT
    for first, last, each in ((0, whole, _ROWS_PER_STATEMENT), (whole, rows, 1)):
        step = width * each
        parameters = [tuple(flat[i : i + step]) for i in range(first * width, last * width, step)]
        if parameters:
            connection.exec_driver_sql(_statement(block.table, width, each), parameters)


def _statement(table: str, width: int, rows: int) -> str:
    one = f"({', '.join('?' * width)})"
    return f"INSERT INTO {table} VALUES {', '.join([one] * rows)}"


_HEADER = b"SQLite format 3\x00"
_SIDE_FILES = ("-journal", "-wal", "-shm")
_LOCK_WAIT = 1.0
_DRIVERS = ("sqlite", "sqlite+pysqlite", "sqlite+aiosqlite")


def target_path(url: str | URL) -> Path:
    """Find the file that a database URL names, through a symbolic link if it is one.

    Raises `BadTarget` for a URL that names no SQLite file.
    """
    parsed = parsed_url(url)
    if parsed.drivername not in _DRIVERS:
        raise BadTarget(
            f"Cannot seed {parsed.drivername} yet: only SQLite files, PostgreSQL, MariaDB "
            "and MySQL; write for example sqlite:///library.db."
        )
    name = parsed.database or ":memory:"
    if name == ":memory:" or name.startswith("file:"):
        raise BadTarget(
            f"Cannot seed {name} yet: it is no plain file; write for example sqlite:///library.db."
        )
    return _followed(Path(name))


def _followed(path: Path) -> Path:
    try:
        return path.resolve() if path.is_symlink() else path
    except (OSError, RuntimeError):
        raise BadTarget(f"The link {path} leads nowhere; name another file.") from None


def parsed_url(url: str | URL) -> URL:
    """Read a database URL. Raises `BadTarget` for what is none."""
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise BadTarget(
            "The database is not a URL that SQLAlchemy can read; "
            "write for example sqlite:///library.db."
        ) from None


@contextmanager
def new_file(target: Path, replace: bool) -> Iterator[Path]:
    """Hand out an empty file, which becomes `target` if the block ends well, and else is removed.

    Raises `BadTarget`, `NotOurs` or `AlreadyThere` before anything is written, and `SeedFailed` if
    the old library is in use or the folder cannot be written to.
    """
    _refuse(target, replace)
    temporary = target.parent / f".qprof-{secrets.token_hex(6)}.tmp"
    try:
        with _told(target):
            # By the user's umask, as any new database; tempfile would make it private.
            os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666))
        yield temporary
        _put_in_place(temporary, target, replace)
    finally:
        for side in ("", *_SIDE_FILES):
            with suppress(OSError):
                _beside(temporary, side).unlink(missing_ok=True)


def _put_in_place(temporary: Path, target: Path, replace: bool) -> None:
    """Flush the new file, look at the old one again, and let the new one take its place."""
    with _told(target):
        _flush(temporary)
        _refuse(target, replace)
        if target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    with suppress(OSError):
        _flush(target.parent)


def _refuse(target: Path, replace: bool) -> None:
    """Let pass only what may be written: nothing there, or a library that is to be replaced."""
    with _told(target):
        if not target.parent.is_dir():
            raise BadTarget(f"The folder {target.parent} does not exist; make it, or name another.")
        if not target.exists():
            _refuse_leftovers(target)
        elif not target.is_file():
            raise BadTarget(f"{target} is a folder or a device; name a file, such as library.db.")
        else:
            _refuse_file(target, replace)


def _refuse_leftovers(target: Path) -> None:
    """Refuse a journal without its database: it would be played into the new one."""
    for side in _SIDE_FILES:
        leftover = _beside(target, side)
        if leftover.exists():
            raise BadTarget(f"{leftover} is left over from another database; remove it first.")


def _refuse_file(target: Path, replace: bool) -> None:
    found = _provenance_of(target) if _has_our_header(target) else None
    if found is None:
        raise NotOurs(f"{target} is there already, and qprof did not make it; name another file.")
    if not replace:
        raise AlreadyThere(f"{target} is a library already ({found}); add --replace to replace it.")
    _settle(target)


def _has_our_header(path: Path) -> bool:
    """Say whether qprof made a file, from its bytes: SQLite might change it by opening it."""
    with path.open("rb") as file:
        header = file.read(100)
    return header.startswith(_HEADER) and header[68:72] == APPLICATION_ID.to_bytes(4, "big")


def _provenance_of(target: Path) -> Provenance | None:
    engine = create_engine(
        URL.create("sqlite", database=str(target)),
        poolclass=NullPool,
        connect_args={"timeout": _LOCK_WAIT},
    )
    try:
        return read_provenance(engine)
    except DBAPIError as problem:
        raise _in_use(target, problem.orig) from None


def _settle(target: Path) -> None:
    """Lock an old library for a moment, so that nobody is in it and no journal of it is left.

    The lock rolls back the journal of a crash, and leaving WAL mode plays in what is in the log.
    """
    try:
        with closing(sqlite3.connect(target, timeout=_LOCK_WAIT, isolation_level=None)) as old:
            old.execute("PRAGMA journal_mode=DELETE").fetchone()
            old.execute("BEGIN EXCLUSIVE")
            for side in _SIDE_FILES:
                _beside(target, side).unlink(missing_ok=True)
    except sqlite3.DatabaseError as problem:
        raise _in_use(target, problem) from None


def _in_use(target: Path, problem: BaseException | None) -> SeedFailed:
    return SeedFailed(
        f"Cannot replace {target} ({problem}); close what is using it, and try again."
    )


@contextmanager
def _told(target: Path) -> Iterator[None]:
    """Say in a sentence what the operating system refused."""
    try:
        yield
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise SeedFailed(
            f"Cannot write {target} ({reason}); check its folder, or name another file."
        ) from None


def _beside(path: Path, side: str) -> Path:
    return path.with_name(path.name + side)


def _flush(path: Path) -> None:
    """Have the disk keep a file, or a folder's list of files."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
