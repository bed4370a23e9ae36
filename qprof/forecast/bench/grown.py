"""What grew from size to size: the objects that came back, and how many there will be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from qprof.domain.trace import SizeRun
from qprof.forecast.bench.fit import Range, choose
from qprof.forecast.bench.fit_exact import formula_of


@dataclass(frozen=True)
class Growing:
    """The sizes, ascending, and how many objects of each class came back at each."""

    sizes: Sequence[float]
    objects: Mapping[str, Sequence[Fraction]]

    @property
    def bases(self) -> Mapping[str, Sequence[Fraction]]:
        """What formulas are made of; first the size itself."""
        return {**self._size, **self.objects}

    @property
    def _size(self) -> Mapping[str, Sequence[Fraction]]:
        return {"size": [Fraction(str(each)) for each in self.sizes]}

    def at(self, size: float) -> Mapping[str, Range]:
        """Return how much there will be of everything at a size."""
        counts = {name: self._count(each, size) for name, each in self.objects.items()}
        return {"size": Range(size, size, size), **counts}

    def _count(self, counts: Sequence[Fraction], size: float) -> Range:
        figures = [int(each) for each in counts]
        found = formula_of(figures, self._size)
        if found is not None:
            value = found.at({"size": size})
            return Range(value, value, value)
        if not all(figures):
            return Range(figures[-1])
        return whole(choose(self.sizes, figures).at(size))


def growing(runs: Sequence[SizeRun]) -> Growing:
    """Return what grew over the runs of one plan."""
    names = dict.fromkeys(name for run in runs for name in run.objects)
    objects = {name: [Fraction(run.objects.get(name, 0)) for run in runs] for name in names}
    return Growing([run.size for run in runs], objects)


def whole(found: Range) -> Range:
    """Return a count's range in whole numbers, no narrower than it was."""
    low = None if found.low is None else float(floor(found.low + 1e-6))
    high = None if found.high is None else float(ceil(found.high - 1e-6))
    return Range(float(round(found.value)), low, high)
