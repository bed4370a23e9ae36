"""The questions that are asked about each call as written. A new one is one file and one line.

Each says which experiments it wants, and writes what they showed into the call. Members never
import one another.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import inf

from qprof.domain.limits import Limits
from qprof.domain.trace import Call, Scalar
from qprof.measure.experiments.experiment import Opening
from qprof.measure.experiments.questions.aggregates import note_aggregates
from qprof.measure.experiments.questions.needed import price_needed
from qprof.measure.experiments.questions.pages import price_pages
from qprof.measure.experiments.questions.scans import explain_scans
from qprof.measure.experiments.questions.several_for_one import find_several_for_one
from qprof.measure.experiments.questions.suppressed_loads import price_suppressed_loads
from qprof.measure.experiments.questions.unread_paths import price_unread_paths
from qprof.measure.experiments.questions.unstable_limits import find_unstable_limits
from qprof.measure.experiments.specimen import Specimen, specimen

Question = Callable[[Specimen, Call], Call]
"""Returns the call with the answer in it."""

QUESTIONS: tuple[Question, ...] = (
    price_needed,
    price_unread_paths,
    price_suppressed_loads,
    find_unstable_limits,
    find_several_for_one,
    note_aggregates,
    explain_scans,
    price_pages,
)
"""In the order in which they are asked."""


def examine(
    name: str,
    arguments: Mapping[str, Scalar],
    opening: Opening,
    *,
    limits: Limits | None = None,
    try_indexes: bool = False,
    sizes: bool = False,
    until: float = inf,
) -> Specimen:
    """Run a call as written, and return it with the answer to each question.

    With `try_indexes`, missing indexes are also tried on a server; with `sizes`, the bytes of what
    is fetched are counted, too. After `until`, by time.monotonic(), no question has the call run
    again. Raises whatever the call raises, and LimitReached where a run as written exceeds
    `limits`.
    """
    written = specimen(
        name,
        arguments,
        opening,
        limits=limits,
        try_indexes=try_indexes,
        sizes=sizes,
        until=until,
    )
    call = written.call
    for question in QUESTIONS:
        call = question(written, call)
    return replace(written, call=call)
