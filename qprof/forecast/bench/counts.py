"""What grew from size to size, and counts that a formula gives exactly, there and elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from qprof.domain.loaders import CHUNK, IN_CHUNKS
from qprof.domain.trace import PathQueries, SizeRun
from qprof.forecast.bench.fit import Power, Range, choose
from qprof.forecast.bench.fit_exact import Formula, Term, formula_of, terms_of
from qprof.forecast.bench.growth_kind import GrowthKind, kind_of_power


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


_ONE_BATCH = f"below {CHUNK} parents, one batch and a constant look the same"


@dataclass(frozen=True)
class Exact:
    """A formula, and for each of its terms all terms that fit as well."""

    terms: Sequence[Sequence[Term]]
    """The first of each is the formula's."""
    grown: Growing

    @property
    def _formula(self) -> Formula:
        return Formula(tuple(each[0] for each in self.terms))

    @property
    def model(self) -> str:
        """Its kind."""
        return "constant" if self._formula.constant else "exact"

    @property
    def formula(self) -> str:
        """As people read it."""
        return str(self._formula)

    def kind(self, law: Power | None) -> GrowthKind:
        """Return how it grows; `law` is the power of size that is nearest."""
        growing = [each[0] for each in self.terms if each[0].bases]
        if all(each.batched for each in growing):
            return "batched" if growing else "constant"
        # A fixed part makes the power look less than it is, so a sum is never less than linear.
        return kind_of_power(max(law.exponent, 1.0)) if law else "linear"

    @property
    def note(self) -> str | None:
        """What the sizes cannot tell."""
        return _ONE_BATCH if any(len(each) > 1 for each in self.terms) else None

    def at(self, size: float) -> Range:
        """Return what the formula gives, between what any of the terms that fit may give."""
        there = self.grown.at(size)
        values = {name: each.value for name, each in there.items()}
        lows = {name: values[name] if r.low is None else r.low for name, r in there.items()}
        highs = {name: values[name] if r.high is None else r.high for name, r in there.items()}
        low = sum(min(term.at(lows) for term in each) for each in self.terms)
        high = sum(max(term.at(highs) for term in each) for each in self.terms)
        return whole(Range(self._formula.at(values), low, high))


def exact_counts(counts: Sequence[int], runs: Sequence[SizeRun]) -> Exact | None:
    """Return the formula of rows or cells; None where none gives every count."""
    grown = growing(runs)
    found = formula_of(counts, grown.bases)
    return Exact([[each] for each in found.terms], grown) if found else None


def exact_queries(runs: Sequence[SizeRun]) -> Exact | None:
    """Return the sum over relationships of how often each was queried; None where one is unclear.

    A relationship is queried a fixed number of times, once for each parent, or once for each batch
    of parents. Its parents are the objects of the class that it belongs to.
    """
    grown = growing(runs)
    keys = dict.fromkeys((each.hop, each.strategy) for run in runs for each in run.queries)
    terms = [
        _terms(hop, strategy, [_sent(run.queries, hop, strategy) for run in runs], grown)
        for hop, strategy in keys
    ]
    return Exact(terms, grown) if all(terms) else None


def _sent(queries: Sequence[PathQueries], hop: str | None, strategy: str) -> int:
    return sum(each.queries for each in queries if (each.hop, each.strategy) == (hop, strategy))


def _terms(hop: str | None, strategy: str, counts: Sequence[int], grown: Growing) -> list[Term]:
    """Return the terms that give `counts`, the likeliest first: only selectin batches."""
    parent = (hop or "").partition(".")[0]
    own = {name: base for name, base in grown.objects.items() if name == parent}
    found = terms_of(counts, own or grown.objects)
    if strategy != IN_CHUNKS:
        plain = [each for each in found if not each.batched]
        return plain[:1]
    return sorted(found, key=lambda each: not each.batched)
