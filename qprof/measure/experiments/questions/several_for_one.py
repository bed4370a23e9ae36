"""Which to-one paths find several rows for one parent: seen in the keys of the joined rows."""

from dataclasses import replace

from qprof.domain.trace import Call, SeveralForOne
from qprof.measure.experiments.specimen import Specimen


def find_several_for_one(specimen: Specimen, call: Call) -> Call:
    """Return `call` with the to-one paths that found several."""
    return replace(
        call,
        several=tuple(
            SeveralForOne(join.path, join.hops, parents, found, execution.site)
            for execution, join, parents, found in specimen.found.several
        ),
    )
