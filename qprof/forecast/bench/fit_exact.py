"""Whole-number sequences that a formula gives exactly: constant, N, N/500 rounded up, N times M.

Arithmetic alone. A sequence has one number for each size; `bases` are the sequences that others may
be made of, by name. Nothing here is approximate: a formula fits every number or is no formula.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from math import ceil, prod

from qprof.domain.loaders import CHUNK

Sequences = Mapping[str, Sequence[Fraction]]


@dataclass(frozen=True)
class Term:
    """`factor` times the product of `bases`; where `batched`, of the one base's batches."""

    factor: Fraction
    bases: tuple[str, ...] = ()
    batched: bool = False

    def at(self, values: Mapping[str, float]) -> float:
        """Return its value where the bases have these."""
        found = [values[each] for each in self.bases]
        # A thousandth of a parent does not start a batch; it is what an extrapolation leaves.
        whole = [ceil(each / CHUNK - 1e-6) for each in found] if self.batched else found
        return float(self.factor) * prod(whole)

    def __str__(self) -> str:
        names = [f"ceil({each}/{CHUNK})" if self.batched else each for each in self.bases]
        above, below = self.factor.numerator, self.factor.denominator
        parts = [f"{above:,}", *names] if above != 1 or not names else names
        return " × ".join(parts) + (f" / {below:,}" if below != 1 else "")


@dataclass(frozen=True)
class Formula:
    """A sum of terms."""

    terms: tuple[Term, ...]

    def at(self, values: Mapping[str, float]) -> float:
        """Return its value where the bases have these."""
        return sum(each.at(values) for each in self.terms)

    @property
    def constant(self) -> bool:
        """Whether nothing in it grows."""
        return not any(each.bases for each in self.terms)

    def __str__(self) -> str:
        added: dict[tuple[tuple[str, ...], bool], Fraction] = {}
        for each in sorted(self.terms, key=lambda term: bool(term.bases)):
            key = (each.bases, each.batched)
            added[key] = added.get(key, Fraction(0)) + each.factor
        return " + ".join(str(Term(factor, *key)) for key, factor in added.items() if factor) or "0"


def terms_of(values: Sequence[int], bases: Sequences) -> list[Term]:
    """Return every single term that gives `values`: a constant, N, or N in batches.

    More than one fits where the sizes cannot tell: as long as N is below 500, its batches are 1.
    """
    found = [Term(Fraction(values[0]))] if len(set(values)) == 1 else []
    if not any(values):
        return found
    for name, base in bases.items():
        batches = [Fraction(ceil(each / CHUNK)) for each in base]
        found += _multiple(values, base, Term(Fraction(1), (name,)))
        found += _multiple(values, batches, Term(Fraction(1), (name,), batched=True))
    return found


def _multiple(values: Sequence[int], of: Sequence[Fraction], term: Term) -> list[Term]:
    """Return `term` with the whole factor that makes `of` to `values`; none where none does.

    What does not change is called constant, and its batches may be 1 by chance: those are kept.
    """
    factor = _ratio(values, of)
    if factor is None or factor.denominator != 1:
        return []
    changes = len(set(of)) > 1
    return [Term(factor, term.bases, term.batched)] if changes or term.batched else []


def formula_of(values: Sequence[int], bases: Sequences) -> Formula | None:
    """Return the simplest formula that gives `values`, of at least three sizes; None without one.

    Tried in turn: a constant; a multiple of one base; a multiple of a product of two; a constant
    and a multiple of one base. Each leaves at least one number that it could have missed.
    """
    if len(set(values)) == 1:
        return Formula((Term(Fraction(values[0])),))
    if len(values) < 3:
        return None
    changing = {name: base for name, base in bases.items() if len(set(base)) > 2}
    return next(_formulas(values, changing), None)


def _formulas(values: Sequence[int], bases: Sequences) -> Iterator[Formula]:
    for names in [*((name,) for name in bases), *combinations_with_replacement(bases, 2)]:
        products = [
            prod(each, start=Fraction(1))
            for each in zip(*(bases[name] for name in names), strict=True)
        ]
        factor = _ratio(values, products)
        if factor:
            yield Formula((Term(factor, names),))
    for name, base in bases.items():
        fixed, factor = _through(values, base)
        if (
            fixed > 0
            and factor > 0
            and all(
                fixed + factor * each == value for value, each in zip(values, base, strict=True)
            )
        ):
            yield Formula((Term(fixed), Term(factor, (name,))))


def _ratio(values: Sequence[int], of: Sequence[Fraction]) -> Fraction | None:
    """Return what `of` has to be multiplied with to give `values`; None where nothing does."""
    if not all(of):
        return None
    ratios = {value / each for value, each in zip(values, of, strict=True)}
    return ratios.pop() if len(ratios) == 1 else None


def _through(values: Sequence[int], base: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    """Return the fixed part and the factor of the first two points."""
    first, second = base[0], base[1]
    if first == second:
        return Fraction(0), Fraction(0)
    factor = (values[1] - values[0]) / (second - first)
    return values[0] - factor * first, factor
