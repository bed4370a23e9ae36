"""From what was measured to what is said of it, on hand-made runs."""

from collections.abc import Callable, Sequence

import pytest

from qprof.domain.report import Fit, Growth
from qprof.domain.trace import CallSizes, Cost, PathQueries, PlanSizes, SizeRun
from qprof.forecast.bench.estimating import fit_of
from qprof.forecast.bench.growth import growths

Count = Callable[[float], int]


def run(size: float, rows: Count = lambda _: 1, *, batched: bool = True) -> SizeRun:
    """Return a run with 300 artists for each size, loaded with their albums."""
    artists = int(300 * size)
    queries = -(-artists // 500) if batched else artists
    strategy = "selectin" if batched else "lazy"
    paths = (PathQueries(None, "root", 1), PathQueries("Artist.albums", strategy, queries))
    cost = Cost(1 + queries, rows(size), 7 * rows(size))
    return SizeRun(size, cost, paths, {"Artist": artists}, 0.01 * size, (0.01, 0.02), 3)


def runs(
    rows: Count = lambda _: 1, sizes: Sequence[float] = (1, 2, 4), **more: bool
) -> list[SizeRun]:
    """Return runs at several sizes."""
    return [run(size, rows, **more) for size in sizes]


def grown(axis: str, rows: Count, **more: bool) -> CallSizes:
    """Return a call along an axis."""
    return CallSizes("artists.all", {}, axis, (PlanSizes("as-written", tuple(runs(rows, **more))),))


def test_batches_are_extrapolated_by_their_parents() -> None:
    """2,400 artists at size 8 are five batches, and one query for the artists."""
    fit = fit_of("queries", runs(), 8.0, run(8.0))
    assert (fit.model, fit.formula) == ("exact", "1 + ceil(Artist/500)")
    assert fit.estimate is not None
    assert (fit.estimate.value, fit.estimate.measured, fit.estimate.error) == (6, 6, 0)


def test_once_for_each_parent_is_not_taken_for_batches() -> None:
    """N + 1 is said as such."""
    fit = fit_of("queries", runs(batched=False), 8.0, None)
    assert fit.formula == "1 + Artist"
    assert fit.estimate is not None
    assert fit.estimate.value == 2401


def test_one_batch_may_be_a_constant() -> None:
    """Below 500 parents the sizes cannot tell; the interval has both, and the note says so."""
    fit = fit_of("queries", runs(sizes=(0.25, 0.5, 1)), 8.0, None)
    assert fit.estimate is not None
    assert (fit.estimate.low, fit.estimate.high) == (2, 6)
    assert "below 500 parents" in (fit.note or "")


def test_queries_without_a_formula_are_fitted() -> None:
    """A path whose queries follow nothing known: a model, and no claim of exactness."""
    odd = [
        SizeRun(size, Cost(count, 1, 1), (PathQueries("Track.album", "lazy", count),), {}, 0.1)
        for size, count in ((1, 17), (2, 29), (4, 61))
    ]
    assert fit_of("queries", odd, None, None).model in ("power", "affine")


@pytest.mark.parametrize(
    ("rows", "formula"),
    [
        (lambda size: int(90 * size), "90 × size"),
        (lambda size: int(90 * size * size), "90 × size × size"),
        (lambda size: int(20 + 90 * size), "20 + 90 × size"),
        (lambda _: 90, "90"),
    ],
)
def test_exact_rows_have_a_formula(rows: Count, formula: str) -> None:
    """The simplest one that gives every figure."""
    fit = fit_of("rows", runs(rows), 8.0, None)
    assert fit.formula == formula
    assert fit.estimate is not None
    assert (fit.estimate.value, fit.estimate.low, fit.estimate.high) == (rows(8),) * 3


def test_a_figure_of_zero_is_on_no_power() -> None:
    """It is said, and nothing is extrapolated."""
    fit = fit_of("rows", runs(lambda size: 0 if size < 2 else 17 + int(size**3)), 8.0, None)
    assert (fit.model, fit.exponent, fit.estimate) == ("unknown", None, None)
    assert "0 at some size" in (fit.note or "")


def test_one_size_shows_no_growth() -> None:
    """As when Ctrl-C came after the first."""
    fit = fit_of("rows", runs(sizes=(1,)), 8.0, None)
    assert (fit.model, fit.estimate, fit.note) == ("unknown", None, "one size shows no growth")


def test_sizes_that_are_too_few_or_too_close_are_said() -> None:
    """The exponent is there, and what it is worth."""
    two = fit_of("seconds", runs(sizes=(1, 2)), 8.0, None)
    close = fit_of("seconds", runs(sizes=(1, 1.2, 1.4)), 8.0, None)
    assert (two.margin, two.note) == (None, "two sizes give no error estimate; add a third")
    assert "too close to tell" in (close.note or "")


def test_how_far_an_extrapolation_reaches_is_said() -> None:
    """The size over the largest one measured."""
    (found,) = growths([grown("library", lambda size: int(9 * size))], {"library": 10.0}, "fma")
    assert (found.to, found.beyond, found.named) == (10.0, 2.5, "fma")


def test_nothing_is_extrapolated_unasked() -> None:
    """No size, no estimate."""
    (found,) = growths([grown("library", lambda size: int(9 * size))], {})
    assert (found.to, found.beyond) == (None, None)
    assert [fit.estimate for fit in found.plans[0].fits] == [None] * 4


def both(rows: Count, by_children: Count, **more: bool) -> Growth:
    """Return the growth along children of a call that was measured along roots, too."""
    measured = [grown("roots", rows, **more), grown("children", by_children, **more)]
    return growths(measured, {})[1]


@pytest.mark.parametrize(
    ("roots", "children", "said"),
    [
        (1, 0, "N: once for each root"),
        (1, 1, "N × M: once for each child of each root"),
        (1, 2, "N × M × M: siblings that multiply"),
        (0, 1, "M: with the children of a root, however many roots there are"),
        (0, 0, "a constant"),
        (2, 2, "which is none of the known products"),
    ],
)
def test_products_are_told_by_both_axes(roots: int, children: int, said: str) -> None:
    """The exponents along roots and along children, together."""
    found = both(lambda size: int(90 * size**roots), lambda size: int(90 * size**children))
    (rows,) = [each for each in found.conclusions if each.startswith("rows of as-written")]
    assert rows == (
        f"rows of as-written grow as roots^{roots}.00 × children^{children}.00, {said}."
    )


def test_batches_are_not_called_once_for_each() -> None:
    """1 + ceil(N/500) is what a fix looks like."""
    queries = both(lambda _: 1, lambda _: 1).conclusions[0]
    assert queries.endswith("in batches, not once for each.")


def test_scatter_is_not_told_to_be_a_product() -> None:
    """An exponent that may be anything is no whole power."""
    figures = {1: 100, 2: 500, 4: 300}
    found = both(lambda size: figures[int(size)], lambda size: figures[int(size)])
    fit: Fit = found.plans[0].fits[1]
    assert (fit.margin or 0) > 1
    assert "none of the known products" in found.conclusions[1]


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        (lambda _: 90, "constant"),
        (lambda size: int(20 + 90 * size), "linear"),
        (lambda size: int(1000 + 90 * size + size % 3), "linear"),
        (lambda size: int(90 * size * size), "worse"),
        (lambda size: int(90 * size**0.5), "sublinear"),
    ],
)
def test_each_figure_has_a_kind_of_growth(rows: Count, kind: str) -> None:
    """The words of `qprof.flat`: a fixed part beside a growing one is linear all the same."""
    found = fit_of("rows", runs(rows, sizes=(1, 2, 4, 8)), None, None)
    assert found.kind == kind, found


def test_batches_and_scatter_have_their_kind() -> None:
    """Queries in batches are neither constant nor linear; scatter tells nothing."""
    assert fit_of("queries", runs(), None, None).kind == "batched"
    assert fit_of("queries", runs(batched=False), None, None).kind == "linear"
    wild = {1: 10, 2: 500, 4: 20}
    assert fit_of("rows", runs(lambda size: wild[int(size)]), None, None).kind is None
