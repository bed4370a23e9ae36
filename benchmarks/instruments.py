"""What is put beside qprof: how each profiler is attached, by its own documentation.

Each is imported when it is asked for: an environment has one of them. `PEERS` names the packages
that it needs, which are installed beside the same SQLAlchemy, whatever the peer declares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import perf_counter
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Engine, event

from benchmarks.workloads import Workloads

Attach = Callable[[Workloads], AbstractContextManager[Any]]


def _qprof(_: Workloads) -> AbstractContextManager[Any]:
    from qprof.measure.capture import record

    return record()


@contextmanager
def _ten_lines(_: Workloads) -> Iterator[Any]:
    seen: list[Any] = []

    def after(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append((statement, perf_counter()))

    event.listen(Engine, "after_cursor_execute", after)
    try:
        yield seen
    finally:
        event.remove(Engine, "after_cursor_execute", after)


def _cprofile(_: Workloads) -> AbstractContextManager[Any]:
    from cProfile import Profile

    return Profile()


def _pyinstrument(_: Workloads) -> AbstractContextManager[Any]:
    from pyinstrument import Profiler

    return Profiler()  # type: ignore[no-any-return]


def _queryguard(_: Workloads) -> AbstractContextManager[Any]:
    from pytest_queryguard import record_queries

    return record_queries()  # type: ignore[no-any-return]


def _queryspy(_: Workloads) -> AbstractContextManager[Any]:
    from queryspy import record

    return record()  # type: ignore[no-any-return]


@contextmanager
def _querycount(_: Workloads) -> Iterator[Any]:
    from pytest_querycount import Recorder, backends
    from pytest_querycount.backends.sqlalchemy import install

    install()
    recorder = Recorder()
    backends.push(recorder)
    try:
        yield recorder
    finally:
        backends.pop(recorder)


@contextmanager
def _spy(work: Workloads) -> Iterator[Any]:
    from sqlalchemy_spy import Profiler

    with Profiler(work.engine) as one, Profiler(work.asynchronous) as other:
        yield one, other


def _sqltap(_: Workloads) -> AbstractContextManager[Any]:
    import sqltap

    return sqltap.ProfilingSession()  # type: ignore[no-any-return]


def _easy_profile(_: Workloads) -> AbstractContextManager[Any]:
    from easy_profile import SessionProfiler

    return SessionProfiler()  # type: ignore[no-any-return]


def _snapshot(_: Workloads) -> AbstractContextManager[Any]:
    from snapshot_queries import snapshot_queries

    return snapshot_queries()  # type: ignore[no-any-return]


def _profiler(_: Workloads) -> AbstractContextManager[Any]:
    from sqlalchemy_profiler import SQLAlchemyQueryProfiler

    return SQLAlchemyQueryProfiler()  # type: ignore[no-any-return]


@contextmanager
def _fastapi_profiler(work: Workloads) -> Iterator[Any]:
    from fastapi_sqlalchemy_profiler.events import _current_request, attach_sqlalchemy_listeners

    # It takes an AsyncEngine only for its `sync_engine`, and a request only for its `state`.
    _once(work, lambda e: attach_sqlalchemy_listeners(SimpleNamespace(sync_engine=_sync(e))))
    request = SimpleNamespace(state=SimpleNamespace(sql_profile=[]))
    token = _current_request.set(request)
    try:
        yield request
    finally:
        _current_request.reset(token)


@contextmanager
def _fastapi_monitor(work: Workloads) -> Iterator[Any]:
    from fastapi_sqlalchemy_monitor import SQLAlchemyMonitor

    made: Any = _once(work, lambda engine: SQLAlchemyMonitor(None, engine=engine))
    for each in made:
        each.init_statistics()
    yield made


@contextmanager
def _capsqlalchemy(work: Workloads) -> Iterator[Any]:
    from pytest_capsqlalchemy.context import SQLAlchemyCaptureContext

    engines = (SimpleNamespace(sync_engine=work.engine), work.asynchronous)
    one, other = map(SQLAlchemyCaptureContext, engines)
    with one, other:
        yield one, other


def _sync(engine: Any) -> Engine:
    return getattr(engine, "sync_engine", engine)


_made: list[Any] = []


def _once(work: Workloads, make: Callable[[Any], Any]) -> list[Any]:
    """Attach what cannot be detached no more than once."""
    if not _made:
        _made.extend(make(engine) for engine in (work.engine, work.asynchronous))
    return _made


INSTRUMENTS: Mapping[str, Attach] = {
    "bare": lambda _: nullcontext(),
    "qprof": _qprof,
    "ten lines that count": _ten_lines,
    "cProfile": _cprofile,
    "pyinstrument": _pyinstrument,
    "pytest-queryguard": _queryguard,
    "queryspy": _queryspy,
    "pytest-querycount": _querycount,
    "sqlalchemy-spy": _spy,
    "sqltap": _sqltap,
    "sqlalchemy-easy-profile": _easy_profile,
    "snapshot-queries": _snapshot,
    "sqlalchemy-profiler": _profiler,
    "fastapi-sqlalchemy-profiler": _fastapi_profiler,
    "fastapi-sqlalchemy-monitor": _fastapi_monitor,
    "pytest-capsqlalchemy": _capsqlalchemy,
}
PEERS: Mapping[str, Sequence[str]] = {
    "pyinstrument": (),
    "pytest-queryguard": ("pytest",),
    "queryspy": ("pytest",),
    "pytest-querycount": ("pytest",),
    "sqlalchemy-spy": (),
    "sqltap": ("mako", "werkzeug", "sqlparse"),
    "sqlalchemy-easy-profile": ("sqlparse",),
    "snapshot-queries": ("sqlparse", "attrs", "pygments"),
    "sqlalchemy-profiler": ("python-dev-utils==7.0.1",),
    "fastapi-sqlalchemy-profiler": ("fastapi", "colorama"),
    "fastapi-sqlalchemy-monitor": ("fastapi",),
    "pytest-capsqlalchemy": ("pytest", "pytest-asyncio"),
}
"""By the name of its package: what else it needs. The rest runs in qprof's own environment."""
