"""Adds up what one process sends, in memory that does not grow with the number of queries."""

import atexit
import platform
from collections.abc import Sequence
from pathlib import Path
from threading import RLock
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy
from sqlalchemy import Engine

from qprof.domain.jsonvalue import to_json
from qprof.domain.sql.literals import REST, UNWRITTEN, without_values
from qprof.domain.trace import Execution
from qprof.measure.capture.recording import Recording
from qprof.measure.capture.sent import Sent, Watched
from qprof.measure.capture.tally import RowTally
from qprof.measure.orm.keys import KeyColumns
from qprof.measure.orm.load_contexts import is_dialects_own, pings
from qprof.targets.database import shown_url
from qprof.targets.program.attribution import ELSEWHERE, Attribution
from qprof.targets.program.bare import SafeTally, bare_execution
from qprof.targets.program.folder import fail
from qprof.targets.program.line import LedgerLine, Unit
from qprof.targets.program.store import AT, Store, size

MOST_LINES = 10_000
"""Lines that one process keeps; further statements share one line for each call."""
_OPEN = AT["open"]
_MOST_ALIASES = 4096
_MOST_FAILURES = 20
_MOST_OPEN = 64
"""Open results that are looked after; those opened before are counted when they are closed."""
_READS = ("SELECT", "WITH", "(SELECT")


class Ledger(Recording):
    """The recording of a whole process. It never raises into the program."""

    def __init__(self, folder: Path, patterns: Sequence[str], *, sizes: bool = False) -> None:
        super().__init__(tally=True, sizes=sizes)
        self.kind = Watched
        self._folder = folder
        self._attribution = Attribution(patterns)
        self._failures = 0
        self._start()
        atexit.register(self.settle)

    def _start(self) -> None:
        # Taken while Python code runs, which a finalizer may interrupt with queries of its own.
        self._lock = RLock()
        self._store: Store | None = None
        self._full = False
        """The disk is: what has no line yet shares one, which has been reserved."""
        self._lines: dict[Any, LedgerLine] = {}
        self._aliases: dict[Any, LedgerLine] = {}
        self._units: WeakKeyDictionary[Any, Unit] = WeakKeyDictionary()
        self._databases: set[tuple[str, str, str]] = set()
        self._engines: WeakKeyDictionary[object, bool] = WeakKeyDictionary()
        self._open: dict[int, _Entry] = {}

    def forked(self) -> None:
        """Begin anew in a forked child: what was counted so far is its parent's."""
        self._start()

    def begin(self, sent: Sent, context: Any) -> None:
        """Find the line of `sent`. What a dialect asks its first connection is left out."""
        connection = context.root_connection
        transaction = connection.get_transaction()
        if transaction is None and is_dialects_own(connection):
            return
        call, frame = self._attribution.find(sent.sql)
        if self.sizes:
            sent.count_bytes()
        with self._lock:
            if self._full and self._store is None:
                return
            line = self._line(sent, call, frame, connection.dialect.name)
            unit = self._units.get(transaction) if transaction is not None else Unit()
            if unit is None:
                unit = self._units[transaction] = Unit()
                self._see(connection.engine)
            again = unit.saw(line, sent.text, sent.parent, sent.parameters)
            sent.parameters = None
            sent.origin = sent.done = entry = _Entry(self, line, sent, again)
            self._open[id(entry)] = entry

    def look(self, sent: Sent, context: Any) -> None:
        """Take note that the result of `sent` is open: what is killed meanwhile loses its rows."""
        entry = sent.origin
        if isinstance(entry, _Entry) and entry.store is self._store:
            entry.line.figures[_OPEN] += 1
            entry.is_open = True

    def unsent(self, sent: Sent) -> None:
        """Leave `sent` uncounted."""
        with self._lock:
            self._open.pop(id(sent.origin), None)
        sent.origin = sent.done = None

    def executed(self, sent: Sent) -> None:
        """Count the execution; its rows follow as they are fetched."""
        entry = sent.origin
        if not isinstance(entry, _Entry):
            return
        try:
            with self._lock:
                self._count(entry, sent)
        except Exception as error:
            self.failed(error)

    def _count(self, entry: "_Entry", sent: Sent) -> None:
        if self.owns(entry):
            entry.line.count(sent.execute, sent.chunk)
            if entry.again:
                entry.line.repeat()
        if len(self._open) > _MOST_OPEN:
            for each in list(self._open.values())[: _MOST_OPEN // 2]:
                self._leave(each)

    def _leave(self, entry: "_Entry") -> None:
        """Look after `entry` no longer; its result still tells when it is closed."""
        self._open.pop(id(entry), None)
        if self.owns(entry):
            entry.add(closed=False, leave=True)

    def owns(self, entry: "_Entry") -> bool:
        """Return whether `entry` was begun in this process, not before it was forked."""
        return entry.store is self._store

    def finish(self, entry: "_Entry", *, closed: bool = True) -> None:
        """Add the rows that were fetched since the last time."""
        try:
            with self._lock:
                self._open.pop(id(entry), None)
                if self.owns(entry):
                    entry.add(closed)
        except Exception as error:
            self.failed(error)

    def settle(self) -> None:
        """Add the rows of results that are still open."""
        for entry in list(self._open.values()):
            self.finish(entry, closed=False)

    def tally_of(self, keys: KeyColumns) -> RowTally:
        """Return what looks into rows, and gives up where it cannot read them."""
        return SafeTally(keys, self.failed)

    def failed(self, error: Exception) -> None:
        """Write the error down, the first few times; the program goes on."""
        self._failures += 1
        if self._failures <= _MOST_FAILURES:
            fail(self._folder, error)

    @property
    def store(self) -> Store:
        """The files of this process, made when they are first needed."""
        if self._store is None:
            try:
                store = Store(self._folder)
                version = sqlalchemy.__version__
                store.write({"python": platform.python_version(), "sqlalchemy": version})
                self._rest = _unwritten(store, sized=self.sizes)
            except OSError:
                self._full = True
                raise
            self._store = store
        return self._store

    def _see(self, engine: Engine) -> None:
        if engine in self._engines:
            return
        self._engines[engine] = True
        seen = (shown_url(engine.url), engine.dialect.name, engine.dialect.driver)
        if seen not in self._databases and len(self._databases) < 100:
            self._databases.add(seen)
            pinged = pings(engine.pool)
            self._write(
                {"database": seen[0], "dialect": seen[1], "driver": seen[2], "pings": pinged}
            )

    def _write(self, value: Any) -> None:
        if not self._full:
            try:
                self.store.write(value)
            except OSError as error:
                self._full = True
                self.failed(error)

    def _line(self, sent: Sent, call: str, frame: FrameType | None, dialect: str) -> LedgerLine:
        place = (frame.f_code.co_filename, frame.f_lineno) if frame is not None else None
        key = (sent.sql, sent.strategy, sent.kind, sent.shape.path, call, place)
        line = self._aliases.get(key)
        if line is None:
            if len(self._aliases) >= _MOST_ALIASES:
                self._aliases.clear()
            line = self._aliases[key] = self._bare_line(sent, call, frame, (dialect, *key[1:]))
        return line

    def _bare_line(self, sent: Sent, call: str, frame: FrameType | None, rest: Any) -> LedgerLine:
        sql = without_values(sent.sql, rest[0])
        key = (sql, *rest)
        if key not in self._lines and len(self._lines) >= MOST_LINES:
            key, sql = (REST, call), REST
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = self._kept_line(sent, call, frame, sql)
        return line

    def _kept_line(self, sent: Sent, call: str, frame: FrameType | None, sql: str) -> LedgerLine:
        """Return a line of its own, or on a full disk the one that was reserved."""
        store = self.store
        if self._full:
            return self._rest
        try:
            return self._new_line(store, sent, call, frame, sql)
        except OSError:
            self._full = True
            return self._rest

    def _new_line(
        self, store: Store, sent: Sent, call: str, frame: FrameType | None, sql: str
    ) -> LedgerLine:
        shape, keys = sent.shape, sent.shape.keys
        rest = sql is REST
        tallied = keys is not None and shape.worth_a_tally() and not rest
        pairs = tuple(keys.paths) if keys is not None and tallied else ()
        alone = tuple(keys.leaves()) if keys is not None and tallied else ()
        at, room = store.reserve(size(len(pairs), len(alone), tallied=tallied))
        execution = bare_execution(sent, sql, frame if not rest else None, rest=rest)
        store.write(
            {
                "call": call,
                "at": at,
                "tallied": tallied,
                "pairs": pairs,
                "alone": alone,
                "entity": keys.entity if keys is not None else "",
                "sized": self.sizes,
                "execution": to_json(execution),
            }
        )
        reads = sql.lstrip()[:7].upper().startswith(_READS)
        return LedgerLine(room, pairs + alone if tallied else None, reads=reads)


def _unwritten(store: Store, *, sized: bool) -> LedgerLine:
    at, room = store.reserve(size(0, 0, tallied=False))
    execution = to_json(Execution(UNWRITTEN, 0, 0, 0, 0))
    line = {"call": ELSEWHERE, "at": at, "tallied": False, "pairs": (), "alone": (), "entity": ""}
    store.write({**line, "sized": sized, "execution": execution})
    return LedgerLine(room, reads=False)


class _Entry:
    """One execution on its way into a line; called when its result is closed."""

    __slots__ = (
        "_fetch",
        "_ledger",
        "_rows",
        "_sent",
        "_size",
        "again",
        "is_open",
        "line",
        "store",
    )

    def __init__(self, ledger: Ledger, line: LedgerLine, sent: Sent, again: bool) -> None:
        self._ledger, self._sent = ledger, sent
        self.line, self.again = line, again
        self.store = ledger.store
        self._rows, self._fetch, self._size = 0, 0.0, 0
        self.is_open = False

    def __call__(self) -> None:
        self._ledger.finish(self)

    def add(self, closed: bool, *, leave: bool = False) -> None:
        """Add to the line what was fetched since the last time.

        Rows that are still to come would make a tally wrong; it is left out then.
        """
        sent, whole = self._sent, self._sent.size or 0
        rows, fetch, size = sent.rows - self._rows, sent.fetch - self._fetch, whole - self._size
        self._rows, self._fetch, self._size = sent.rows, sent.fetch, whole
        self.line.fetched(sent, rows, fetch, size, again=self.again)
        if leave:
            return
        if self.is_open:
            self.line.figures[_OPEN] -= 1
            self.is_open = False
        tally, sent.tally = sent.tally, None
        if tally is not None and closed:
            self.line.tallied(tally)
        # The two hold each other, and would stay until the garbage collector comes.
        sent.origin = sent.done = None
