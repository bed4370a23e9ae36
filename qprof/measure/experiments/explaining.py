"""Has the SELECTs of a call explained once it has run, on a connection beside it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from qprof.domain.trace import Call, Site
from qprof.measure.experiments.reasons import reason_of
from qprof.measure.experiments.replay import Opening
from qprof.measure.explain import Asked, Explained, scans


def explained(
    call: Call, opening: Opening, engine: Any, asked: Sequence[Asked], *, try_indexes: bool
) -> Call:
    """Return `call` with what its SELECTs scan for few rows, and a note of what that left open."""
    ask = partial(scans, engine, asked, try_indexes=try_indexes)
    try:
        with opening() as ready:
            found: Explained = ready.reading(ask)
    except (SQLAlchemyError, NotImplementedError) as error:
        note = f"Its SELECTs could not be explained ({reason_of(error)})."
        return replace(call, notes=(*call.notes, note))
    notes = (_note(site, error) for site, error in found.failed)
    return replace(call, scans=found.scans, notes=(*call.notes, *dict.fromkeys(notes)))


def _note(site: Site | None, error: SQLAlchemyError) -> str:
    where = f" of {site.file}:{site.line}" if site is not None else ""
    return f"A SELECT{where} could not be explained ({reason_of(error)})."
