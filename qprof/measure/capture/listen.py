"""The only file that registers events: the three `do_execute` hooks, on the Engine class.

The hook runs the statement itself, times it, and has SQLAlchemy fetch through what counts: a
`Sent`, or where that is not asked a counting cursor. Engine-level events (`before_cursor_execute`
and its kin) cost more, and cannot time the fetch.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_DEFAULT_FETCH`, `_event_key`, `_has_events`,
`_is_server_side` and `_lazy_loaded_from`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.cursor import _DEFAULT_FETCH
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.engine.interfaces import DBAPICursor, ExecuteStyle, ExecutionContext
from sqlalchemy.event.api import _event_key
from sqlalchemy.exc import MissingGreenlet

from qprof.measure.capture.calls import current, enter, innermost, leave, record_whole
from qprof.measure.capture.cursors import CountingCursor, stand_in
from qprof.measure.capture.recording import Recording
from qprof.measure.capture.sent import Sent, begun
from qprof.measure.orm.compiled import known, known_of
from qprof.measure.orm.load_contexts import attribute

_BATCH = ExecuteStyle.INSERTMANYVALUES
"""Looked up once: to read a member of an enum costs as much as to make a `Sent`."""
_lock = Lock()
"""Whoever opens the first recording, and whoever closes the last, is done before the next comes."""


def _do_execute(  # noqa: PLR0912, PLR0915
    cursor: DBAPICursor, statement: str, parameters: object, context: Any = None
) -> bool:
    """Run one statement: the same as `_run`, written out since this is the hot path."""
    recording = innermost()
    if recording is None or recording.closed:
        recording = current()
    if recording is None or context is None:
        return False
    sent = _begun(recording, context, statement, parameters)
    if sent is None:
        return _run("do_execute", context, cursor, statement, parameters)
    dialect = context.dialect
    listeners = dialect.dispatch.do_execute
    started = perf_counter()
    try:
        # What `len(listeners) == 1` says, which is slower by a function of SQLAlchemy's.
        if len(listeners.parent_listeners) == 1 and not listeners.listeners:
            dialect.do_execute(cursor, statement, parameters, context)
        else:
            _execute("do_execute", context, cursor, statement, parameters)
    except MissingGreenlet:
        recording.unsent(sent)
        raise
    finally:
        sent.execute = perf_counter() - started
        if recording.follows:
            recording.executed(sent)
    description = cursor.description
    if description is None or recording.follows or _has_own_way(context):
        _counted(recording, sent, context, cursor)
    else:
        sent.columns = len(description)
        context.cursor_fetch_strategy = sent
    return True


def _do_executemany(
    cursor: DBAPICursor, statement: str, parameters: object, context: object = None
) -> bool:
    return _run("do_executemany", context, cursor, statement, parameters)


def _do_execute_no_params(cursor: DBAPICursor, statement: str, context: object = None) -> bool:
    return _run("do_execute_no_params", context, cursor, statement)


HOOKS: tuple[tuple[str, Callable[..., bool]], ...] = (
    ("do_execute", _do_execute),
    ("do_executemany", _do_executemany),
    ("do_execute_no_params", _do_execute_no_params),
)


@contextmanager
def record(*, tally: bool = False, into: Recording | None = None) -> Iterator[Recording]:
    """Count every execution of every engine in this context, until the block ends.

    Exceptions pass through unchanged. Of a result that is still open when the block ends, the
    rows fetched so far are counted. `into` is a recording of another kind, which is not open yet.
    """
    recording = into if into is not None else Recording(tally=tally)
    with _lock:
        if enter(recording):
            _install()
    try:
        yield recording
    finally:
        with _lock:
            if leave(recording):
                _remove()


def record_process(recording: Recording) -> None:
    """Count in `recording`, from now on, all that this process executes outside of `record`."""
    with _lock:
        if not listeners_installed():
            _install()
        record_whole(recording)


def _install() -> None:
    # First in line: a listener of the user's that handles the execution would hide it from us.
    # `event.listen` leaves `insert` out of account for dialect events, hence its own two steps.
    for name, hook in HOOKS:
        key: Any = _event_key(Engine, name, hook)
        if not key.dispatch_target._has_events:
            # Not each time: to set it makes Python forget what it knows of the class.
            key.dispatch_target._has_events = True
        key.base_listen(insert=True)


def _remove() -> None:
    for name, hook in HOOKS:
        event.remove(Engine, name, hook)


def listeners_installed() -> bool:
    """Return whether any hook is registered."""
    return any(event.contains(Engine, name, hook) for name, hook in HOOKS)


def _run(name: str, context: object, cursor: DBAPICursor, *arguments: Any) -> bool:
    recording = current()
    if recording is None or context is None:
        return False
    if isinstance(cursor, CountingCursor):
        # A default that was executed beforehand left its stand-in on the context.
        cursor = cursor._qprof_cursor
    sent = _described(recording, context, arguments[0], arguments[1] if len(arguments) > 1 else ())
    started = perf_counter()
    try:
        _execute(name, context, cursor, *arguments)
    except MissingGreenlet:
        recording.unsent(sent)
        raise
    finally:
        sent.execute = perf_counter() - started
        recording.executed(sent)
    if name != "do_executemany" or cursor.description is not None:
        _counted(recording, sent, context, cursor)
    return True


def _begun(recording: Recording, context: Any, statement: str, parameters: object) -> Sent | None:
    """Return what is about to be executed; None for what writes, which is not described here."""
    sent = begun(recording.kind, statement, parameters)
    try:
        compiled = context.compiled
        if compiled is not None:
            found = known.get(id(compiled))
            if found is None or found.compiled() is not compiled:
                found = known_of(compiled)
            if found.writes:
                return None
            sent.sql = found.sql or statement
            sent.shape = found.shape
            if found.shape.secondary:
                attribute(sent, context, found.shape)
        recording.begin(sent, context)
    except Exception as error:
        recording.failed(error)
    return sent


def _described(recording: Recording, context: Any, statement: str, parameters: object) -> Sent:
    sent = begun(recording.kind, statement, parameters)
    try:
        if context.compiled is not None:
            _describe(sent, context)
        recording.begin(sent, context)
    except Exception as error:
        recording.failed(error)
    return sent


def _has_own_way(context: DefaultExecutionContext) -> bool:
    """Return whether SQLAlchemy or the dialect chooses another way to fetch than the plain one."""
    return (
        context._is_server_side
        or "stream_results" in context.execution_options
        or context.cursor_fetch_strategy is not _DEFAULT_FETCH
    )


def _counted(recording: Recording, sent: Sent, context: object, cursor: DBAPICursor) -> None:
    try:
        _count_rows(sent, context, cursor, recording)
    except Exception as error:
        recording.failed(error)


def _execute(name: str, context: Any, cursor: DBAPICursor, *arguments: object) -> None:
    """Do what SQLAlchemy would: ask the user's own listeners first, then the dialect."""
    for listener in getattr(context.dialect.dispatch, name):
        if listener not in _OWN and listener(cursor, *arguments, context):
            return
    getattr(context.dialect, name)(cursor, *arguments, context)


_OWN = frozenset(hook for _, hook in HOOKS)


def _describe(sent: Sent, context: Any) -> None:
    compiled = context.compiled
    if _writes(context) and _is_side_statement(sent, context):
        return
    found = known_of(compiled)
    sent.sql = found.sql or sent.sql
    sent.shape = shape = found.shape
    if shape.secondary:
        attribute(sent, context, shape)


def _is_side_statement(sent: Sent, context: ExecutionContext) -> bool:
    """Return whether this is not the context's own: a default that is selected beforehand."""
    statement = getattr(context, "statement", None)
    batch = context.execute_style is _BATCH
    return statement is None or (not batch and sent.text != statement)


def _count_rows(sent: Sent, context: Any, cursor: Any, recording: Recording) -> None:
    if context.execute_style is _BATCH:
        _count_returning(sent, context, cursor)
    elif cursor.description is not None or not _writes(context):
        if recording.tally and sent.shape.keys is not None and sent.shape.worth_a_tally():
            sent.tally = recording.tally_of(sent.shape.keys)
            sent.looks = True
        recording.look(sent, context)
        sent.looks = sent.looks or sent.held is not None
        if _writes(context) or cursor.description is None or _has_own_way(context):
            context.cursor = stand_in(cursor, sent)
        else:
            context.cursor_fetch_strategy = sent
        sent.columns = len(cursor.description or ())


def _writes(context: DefaultExecutionContext) -> bool:
    return bool(context.isinsert or context.isupdate or context.isdelete or context.isddl)


def _count_returning(sent: Sent, context: Any, cursor: DBAPICursor) -> None:
    """Count a batch of INSERT … RETURNING, which the dialect drains through this method."""
    fetch = type(context).fetchall_for_returning
    sent.columns = len(cursor.description or ())

    def fetchall_for_returning(cursor: DBAPICursor, *args: object, **kwargs: object) -> object:
        started = perf_counter()
        rows = fetch(context, cursor, *args, **kwargs)
        sent.fetch += perf_counter() - started
        sent.in_batches += len(rows)
        if sent.looks:
            sent.look(rows)
        if sent.done is not None:
            sent.done()
        return rows

    context.fetchall_for_returning = fetchall_for_returning
