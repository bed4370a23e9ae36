"""What a gate found."""

from collections.abc import Iterable
from dataclasses import dataclass

from qprof.domain.report import Breach


@dataclass(frozen=True)
class Verdict:
    """Breaches, and what is said without failing."""

    breaches: tuple[Breach, ...] = ()
    notices: tuple[str, ...] = ()


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """Return one verdict of all, in order."""
    found = list(verdicts)
    return Verdict(
        tuple(each for one in found for each in one.breaches),
        tuple(each for one in found for each in one.notices),
    )
