"""`qprof.profile`, `qprof.compare` and `qprof.predict`: the commands, for what is at hand."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from qprof.api.given import (
    Sessions,
    Subject,
    async_maker_like,
    call_of,
    in_own_thread,
    is_async,
    maker_like,
)
from qprof.api.results import CompareResult, PredictResult, ProfileResult
from qprof.domain.errors import MeasureError
from qprof.domain.report import Report
from qprof.runs.compare import compare as run_compare
from qprof.runs.predict import predict as run_predict
from qprof.runs.profile import profile as run_profile
from qprof.runs.request import Request, from_config
from qprof.targets.config import read_config

_log = logging.getLogger("qprof")
T = TypeVar("T")


def profile(
    call: Subject,
    session: Sessions | None = None,
    *,
    arguments: Mapping[str, Any] | None = None,
    name: str | None = None,
    touch: Callable[[Any], Any] | str | None = None,
    max_rows: int | None = None,
    timeout: float | None = None,
    bytes: bool = False,
) -> ProfileResult:
    """Return what `call` costs as it is written, against what its objects need.

    `call` is a function or method, plain or `async`, or a SELECT; where it takes a session, it is
    given one of `session`, anew for each of its runs. `arguments` are its own. `touch` is called
    with each object that it returns, or names a method of theirs. Runs are rolled back, and one
    that takes more than `max_rows` rows or `timeout` seconds is stopped. With `bytes`, the size of
    the fetched values is counted, too. Raises QprofError for what cannot be run, and its child
    MeasureError where the call raises, writes, or sends nothing.
    """
    wanted = _Wanted(call, session, arguments, name, touch, max_rows, timeout, sizes=bytes)
    return ProfileResult(wanted.run(lambda request: run_profile(request, _log.info)))


def compare(
    call: Subject,
    session: Sessions | None = None,
    *,
    plans: Sequence[str] = (),
    repeat: int = 5,
    search: bool = False,
    arguments: Mapping[str, Any] | None = None,
    name: str | None = None,
    touch: Callable[[Any], Any] | str | None = None,
    max_rows: int | None = None,
    timeout: float | None = None,
    bytes: bool = False,
) -> CompareResult:
    """Return `call` under every loading plan, with proof of the same objects.

    `plans` are further ones, such as "Artist.tracks=selectin,Artist.albums=joined"; `repeat` is
    how often each is timed; `search` tries every combination. The rest is as for `profile`.
    """

    def run(request: Request) -> Report:
        rows = request.limits.rows
        return run_compare(request, tuple(plans), repeat, _log.info, rows, every=search)

    wanted = _Wanted(call, session, arguments, name, touch, max_rows, timeout, sizes=bytes)
    return CompareResult(wanted.run(run))


def predict(
    call: Subject,
    session: Sessions | None = None,
    *,
    arguments: Mapping[str, Any] | None = None,
    name: str | None = None,
) -> PredictResult:
    """Return what every plan of `call` would fetch, without running its product.

    The parameters are as for `profile`. Raises QprofError for what cannot be run, MeasureError
    where nothing could be predicted.
    """
    wanted = _Wanted(call, session, arguments, name, None, None, None)
    return PredictResult(wanted.run(lambda request: run_predict(request, _log.info)))


class _Wanted:
    """What a function of the API was asked for, as a request."""

    def __init__(
        self,
        call: Subject,
        session: Sessions | None,
        arguments: Mapping[str, Any] | None,
        name: str | None,
        touch: Callable[[Any], Any] | str | None,
        max_rows: int | None,
        timeout: float | None,
        *,
        sizes: bool = False,
    ) -> None:
        self._is_async = is_async(call, session)
        self._call = call_of(
            call, is_async=self._is_async, name=name, arguments=arguments, touch=touch
        )
        self._session = session
        self._how = {"max_rows": max_rows, "timeout": timeout, "bytes": sizes}

    def run(self, work: Callable[[Request], Report]) -> Report:
        """Return what `work` makes of the request. Raises MeasureError where the call has none."""
        request = self._request()
        report = in_own_thread(lambda: work(request)) if self._is_async else work(request)
        failed = [each.reason for each in report.unmeasured if each.raised]
        if failed:
            raise MeasureError(failed[0])
        return report

    def _request(self) -> Request:
        config = read_config(None, Path.cwd())
        request = replace(from_config(config, **self._how), setup=None, touch=None)
        request = replace(request, code={self._call.name: self._call}, calls=(self._call.name,))
        given = self._session
        if given is None:
            return request
        if isinstance(given, URL):
            given = given.render_as_string(hide_password=False)
        if isinstance(given, str):
            return replace(request, database=given, sessions=None)
        if isinstance(given, Session):
            given = maker_like(given)
        elif isinstance(given, AsyncSession):
            given = async_maker_like(given)
        return replace(request, database=None, sessions=None, own=given)
