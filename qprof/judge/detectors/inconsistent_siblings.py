"""QP501 inconsistent-siblings."""

import re
from collections.abc import Iterable, Iterator, Sequence

from qprof.domain.loaders import BY_PARENT, OWN_JOIN
from qprof.domain.report import Finding
from qprof.domain.trace import Call, Execution, OptionChange, Path, Site
from qprof.domain.words import listed
from qprof.judge.rules.loader_code import as_loaded
from qprof.judge.rules.rule import Rule
from qprof.judge.rules.thresholds import Thresholds
from qprof.judge.rules.wording import times

_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")


class InconsistentSiblings(Rule):
    """Similar calls load a path differently.

    Methods of one repository (calls with the same name up to the last dot) load the same path by
    different strategies, and one of them pays more for its objects than another.

    Why
    ---
    One method was fixed and the others were forgotten. What a call pays is measured as its
    largest amplification: queries, rows or cells over what the same objects need. It is found
    where that is more than sibling-amplification times a sibling's, 1.5 by default. The method to
    copy is the one that loads most of the paths better. Another strategy that costs little more
    is no finding: one parent may well be joined where a list is not. A path that one of them reads
    by contains_eager is left out, with what hangs on it: its JOIN may filter, and then the
    collections are not the same.

    `qprof scan` finds it in source code, where nothing is measured: one method of a class, or
    function of a module, joins a collection that another loads by a SELECT of its own.

    How to fix
    ----------
    Load the path as the method does that is named; a list of options that both share keeps them
    from drifting apart again.

        # bad
        def get_all(self): ... .options(selectinload(Artist.albums))
        def search(self, name): ... .options(joinedload(Artist.albums))
        # good
        WITH_ALBUMS = (selectinload(Artist.albums),)
        def get_all(self): ... .options(*WITH_ALBUMS)
        def search(self, name): ... .options(*WITH_ALBUMS)

    When to ignore
    --------------
    When the methods are for different amounts of data, and qprof compare says that each is right
    for its own.
    """

    id = "QP501"
    name = "inconsistent-siblings"
    level = "warning"

    def across(self, calls: Sequence[Call], thresholds: Thresholds) -> Iterable[Finding]:
        """Yield a finding for each call that pays more for a path than a sibling that shares it."""
        for call in calls:
            better = _better(call, calls, thresholds.sibling_amplification)
            found = min(better, key=lambda each: _preference(*each), default=None)
            if found is not None:
                yield self._found(call, *found)

    def _found(self, call: Call, model: Call, paths: Sequence[Path]) -> Finding:
        own = {path.name: path.strategy for path in call.paths}
        differs = [f"{path.name} ({own[path.name]}, there {path.strategy})" for path in paths]
        mine, theirs = _amplification(call), _amplification(model)
        return self.finding(
            call,
            paths=[path.name for path in paths],
            title=f"{model.name} loads {listed(differs)} another way and pays less",
            facts=f"this call fetches {times(mine[0])} the {mine[1]} that its objects need; "
            f"{model.name} {times(theirs[0])}.",
            fix=as_loaded(model, [path.hops for path in paths]),
            change=OptionChange(
                {path.name: "selectin" if path.to_many else "joined" for path in paths}
            ),
            evidence={
                "model": model.name,
                "amplification": round(mine[0], 2),
                "metric": mine[1],
                "model_amplification": round(theirs[0], 2),
            },
            location=_site(call, paths),
        )


def _preference(model: Call, paths: Sequence[Path]) -> tuple[bool, int, float, int]:
    return bool(model.idle), -len(paths), _amplification(model)[0], model.cost.cells


def _better(call: Call, calls: Sequence[Call], by: float) -> Iterator[tuple[Call, list[Path]]]:
    """Yield each sibling that pays less, with the paths that it loads by another strategy."""
    for other in calls:
        known = other.needed is not None and _group(other) == _group(call) != ""
        # What pays as much more than its own objects need is nobody's model.
        if (
            known
            and _amplification(other)[0] <= by
            and _amplification(call)[0] > by * _amplification(other)[0]
        ):
            joins = [*_own_joins(call), *_own_joins(other)]
            paths = [
                path
                for path in other.paths
                if _loads_worse(call, path)
                and not any(path.hops[: len(join)] == join for join in joins)
            ]
            if paths:
                yield other, paths


def _own_joins(call: Call) -> Iterator[tuple[str, ...]]:
    """Yield the hops of each path that is read from a JOIN of the statement's own.

    It holds what that JOIN finds, and no strategy takes its place; nor that of what hangs on it.
    """
    return (path.hops for path in call.paths if path.strategy == OWN_JOIN)


def _group(call: Call) -> str:
    return call.name.rpartition(".")[0] if _DOTTED.fullmatch(call.name) else ""


def _loads_worse(call: Call, model: Path) -> bool:
    """Return whether `call` loads the path of `model` by a JOIN that repeats rows, or one by one.

    What is loaded to-one by a JOIN repeats nothing, and as little does a selectin.
    """
    for path in call.paths:
        if path.hops == model.hops and path.strategy != model.strategy:
            joined = path.to_many and path.strategy == "joined"
            return joined or (path.strategy in BY_PARENT and model.strategy != "lazy")
    return False


def _amplification(call: Call) -> tuple[float, str]:
    """Return the largest amplification of `call`, and of what; 0 where needed is unknown."""
    cost, needed = call.cost, call.needed
    if needed is None:
        return 0.0, "cells"
    ratios = (
        (cost.cells / max(1, needed.cells), "cells"),
        (cost.rows / max(1, needed.rows), "rows"),
        (cost.queries / max(1, needed.queries), "queries"),
    )
    return max(ratios, key=lambda each: each[0])


def _site(call: Call, paths: Sequence[Path]) -> Site | None:
    names = {path.name for path in paths}
    return next((each.site for each in call.executions if _loads(each, names)), None)


def _loads(execution: Execution, names: set[str]) -> bool:
    return execution.path in names or any(join.path in names for join in execution.joins)
