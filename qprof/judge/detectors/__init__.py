"""One file for each rule; `DETECTORS` holds them in the order of their ids."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from qprof.domain.report import LEVELS, Finding
from qprof.domain.trace import Call
from qprof.judge.detectors.blocked_event_loop import BlockedEventLoop
from qprof.judge.detectors.cartesian_explosion import CartesianExplosion
from qprof.judge.detectors.count_only_load import CountOnlyLoad
from qprof.judge.detectors.cross_join import CrossJoin
from qprof.judge.detectors.data_duplication import DataDuplication
from qprof.judge.detectors.full_scan import FullScan
from qprof.judge.detectors.inconsistent_siblings import InconsistentSiblings
from qprof.judge.detectors.limit_cuts_collections import LimitCutsCollections
from qprof.judge.detectors.limit_wraps_subquery import LimitWrapsSubquery
from qprof.judge.detectors.n_plus_one import NPlusOne
from qprof.judge.detectors.nested_inner_join import NestedInnerJoin
from qprof.judge.detectors.outer_join_to_required import OuterJoinToRequired
from qprof.judge.detectors.repeated_query import RepeatedQuery
from qprof.judge.detectors.several_for_one import SeveralForOne
from qprof.judge.detectors.swallowed_lazy_load import SwallowedLazyLoad
from qprof.judge.detectors.unbounded_load import UnboundedLoad
from qprof.judge.detectors.unstable_limit import UnstableLimit
from qprof.judge.detectors.unused_eager_load import UnusedEagerLoad
from qprof.judge.rules.pages import Documented
from qprof.judge.rules.thresholds import Thresholds


class Detector(Documented, Protocol):
    """A rule: its docstring says why and how to fix, its cases are in tests/cases/<id>.yml."""

    def by_default(self) -> "Detector | None":
        """Return the rule as it is where nobody selects it; None where it is off."""

    def inspect(self, call: Call, thresholds: Thresholds) -> Iterable[Finding]:
        """Yield what `call` breaks of this rule."""

    def across(self, calls: Sequence[Call], thresholds: Thresholds) -> Iterable[Finding]:
        """Yield what `calls` break of this rule when held against each other."""


DETECTORS: tuple[Detector, ...] = (
    CartesianExplosion(),
    DataDuplication(),
    CrossJoin(),
    NPlusOne(),
    RepeatedQuery(),
    SwallowedLazyLoad(),
    UnusedEagerLoad(),
    CountOnlyLoad(),
    LimitWrapsSubquery(),
    OuterJoinToRequired(),
    UnboundedLoad(),
    LimitCutsCollections(),
    NestedInnerJoin(),
    UnstableLimit(),
    SeveralForOne(),
    InconsistentSiblings(),
    FullScan(),
    BlockedEventLoop(),
)


def findings(
    calls: Iterable[Call], thresholds: Thresholds, rules: Sequence[Detector] = DETECTORS
) -> tuple[Finding, ...]:
    """Return what `calls` break of `rules`: errors first, then by call and rule."""
    all_calls = tuple(calls)
    found = [f for call in all_calls for rule in rules for f in rule.inspect(call, thresholds)]
    found += [f for rule in rules for f in rule.across(all_calls, thresholds)]
    return in_order(found)


def in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings with errors first, then by call and rule."""
    return tuple(sorted(found, key=lambda f: (-LEVELS.index(f.level), f.call, f.rule)))
