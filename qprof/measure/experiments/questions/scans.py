"""What the SELECTs of a call scan for few rows: they are explained on a connection beside it."""

from dataclasses import replace
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from qprof.domain.trace import Call, Site
from qprof.measure.experiments.reasons import reason_of
from qprof.measure.experiments.specimen import Specimen
from qprof.measure.explain import Explained, scans


def explain_scans(specimen: Specimen, call: Call) -> Call:
    """Return `call` with what its SELECTs scan for few rows, and a note of what that left open."""
    asked = specimen.found.asked
    if specimen.engine is None or not asked:
        return call
    ask = partial(scans, specimen.engine, asked, try_indexes=specimen.try_indexes)
    try:
        found: Explained = specimen.runner.beside(ask)
    except (SQLAlchemyError, NotImplementedError) as error:
        note = f"Its SELECTs could not be explained ({reason_of(error)})."
        return replace(call, notes=(*call.notes, note))
    notes = (_note(site, error) for site, error in found.failed)
    return replace(call, scans=found.scans, notes=(*call.notes, *dict.fromkeys(notes)))


def _note(site: Site | None, error: SQLAlchemyError) -> str:
    where = f" of {site.place}" if site is not None else ""
    return f"A SELECT{where} could not be explained ({reason_of(error)})."
