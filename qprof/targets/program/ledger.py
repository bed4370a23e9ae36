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

from qprof.domain.jsonvalue import to_json
from qprof.measure.capture.recording import Recording
from qprof.measure.capture.sent import Sent, Watched
from qprof.measure.capture.tally import RowTally
from qprof.measure.orm.keys import KeyColumns
from qprof.targets.database import shown_url
from qprof.targets.program.attribution import Attribution
from qprof.targets.program.bare import SafeTally, bare_execution, without_data
from qprof.targets.program.folder import fail
from qprof.targets.program.line import LedgerLine, Unit
from qprof.targets.program.store import Store, size

MOST_LINES = 10_000
"""Lines that one process keeps; further statements share one line for each call."""
REST = "-- statements beyond the first 10,000 different ones"
_MOST_ALIASES = 4096
_MOST_FAILURES = 20
_MOST_OPEN = 64
"""Open results that are looked after; those opened before are counted when they are closed."""
_READS = ("SELECT", "WITH", "(SELECT")


class Ledger(Recording):
    """The recording of a whole process. It never raises into the program."""

    def __init__(self, folder: Path, patterns: Sequence[str]) -> None:
        super().__init__(tally=True)
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
        self._lines: dict[Any, LedgerLine] = {}
        self._aliases: dict[Any, LedgerLine] = {}
        self._units: WeakKeyDictionary[Any, Unit] = WeakKeyDictionary()
        self._databases: set[tuple[str, str, str]] = set()
        self._engines: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()
        self._open: dict[int, _Entry] = {}

    def forked(self) -> None:
        """Begin anew in a forked child: what was counted so far is its parent's."""
        self._start()

    def begin(self, sent: Sent, context: Any) -> None:
        """Find the line of `sent`. What SQLAlchemy asks a new connection itself is left out."""
        transaction = context.root_connection.get_transaction()
        if transaction is None:
            return
        call, frame = self._attribution.find(sent.sql)
        with self._lock:
            line = self._line(sent, call, frame)
            unit = self._units.get(transaction)
            if unit is None:
                unit = self._units[transaction] = Unit()
                self._see(context.root_connection.engine)
            again = unit.saw(line, sent.text, (sent.parent, sent.parameters))
            sent.parameters = None
            sent.origin = sent.done = entry = _Entry(self, line, sent, again)
            self._open[id(entry)] = entry

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
                self.finish(each, closed=False)

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
            self._store = Store(self._folder)
            version = sqlalchemy.__version__
            self._store.write({"python": platform.python_version(), "sqlalchemy": version})
        return self._store

    def _see(self, engine: Any) -> None:
        if engine in self._engines:
            return
        self._engines[engine] = True
        seen = (shown_url(engine.url), engine.dialect.name, engine.dialect.driver)
        if seen not in self._databases and len(self._databases) < 100:
            self._databases.add(seen)
            self.store.write({"database": seen[0], "dialect": seen[1], "driver": seen[2]})

    def _line(self, sent: Sent, call: str, frame: FrameType | None) -> LedgerLine:
        place = (frame.f_code.co_filename, frame.f_lineno) if frame is not None else None
        key = (sent.sql, sent.strategy, sent.kind, sent.shape.path, call, place)
        line = self._aliases.get(key)
        if line is None:
            if len(self._aliases) >= _MOST_ALIASES:
                self._aliases.clear()
            line = self._aliases[key] = self._bare_line(sent, call, frame, key[1:])
        return line

    def _bare_line(self, sent: Sent, call: str, frame: FrameType | None, rest: Any) -> LedgerLine:
        sql = without_data(sent.sql)
        key = (sql, *rest)
        if key not in self._lines and len(self._lines) >= MOST_LINES:
            key, sql = (REST, call), REST
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = self._new_line(sent, call, frame, sql)
        return line

    def _new_line(self, sent: Sent, call: str, frame: FrameType | None, sql: str) -> LedgerLine:
        shape, keys = sent.shape, sent.shape.keys
        rest = sql is REST
        tallied = keys is not None and shape.worth_a_tally() and not rest
        pairs = tuple(keys.paths) if keys is not None and tallied else ()
        alone = tuple(keys.leaves()) if keys is not None and tallied else ()
        at, room = self.store.reserve(size(len(pairs), len(alone)))
        execution = bare_execution(sent, sql, frame if not rest else None, rest=rest)
        self.store.write(
            {
                "call": call,
                "at": at,
                "pairs": pairs,
                "alone": alone,
                "entity": keys.entity if keys is not None else "",
                "execution": to_json(execution),
            }
        )
        reads = sql.lstrip()[:7].upper().startswith(_READS)
        return LedgerLine(room, pairs + alone, reads=reads)


class _Entry:
    """One execution on its way into a line; called when its result is closed."""

    __slots__ = ("_fetch", "_ledger", "_rows", "_sent", "again", "line", "store")

    def __init__(self, ledger: Ledger, line: LedgerLine, sent: Sent, again: bool) -> None:
        self._ledger, self._sent = ledger, sent
        self.line, self.again = line, again
        self.store = ledger.store
        self._rows, self._fetch = 0, 0.0

    def __call__(self) -> None:
        self._ledger.finish(self)

    def add(self, closed: bool) -> None:
        """Add to the line what was fetched since the last time.

        Rows that are still to come would make a tally wrong; it is left out then.
        """
        sent = self._sent
        rows, fetch = sent.rows - self._rows, sent.fetch - self._fetch
        self._rows, self._fetch = sent.rows, sent.fetch
        self.line.fetched(sent, rows, fetch, again=self.again)
        tally, sent.tally = sent.tally, None
        if tally is not None and closed:
            self.line.tallied(tally)
        # The two hold each other, and would stay until the garbage collector comes.
        sent.origin = sent.done = None
