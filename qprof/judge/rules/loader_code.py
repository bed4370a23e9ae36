"""Loader options as code, ready to paste."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from qprof.domain.loaders import BY_PARENT, EAGER, OWN_JOIN, code, option_of
from qprof.domain.trace import Call, Execution, Join, OptionChange
from qprof.domain.words import listed


def moved_out(call: Call, execution: Execution) -> str:
    """Return how to load each joined collection by a SELECT of its own.

    Code where options did the joining; a sentence where the author wrote a JOIN.
    """
    options = _separated(call, execution)
    written = [join.path for join in execution.joins if join.to_many and join.strategy == OWN_JOIN]
    if not written:
        return options
    return (
        f"Drop the JOIN and the contains_eager of {listed(written)}, and load by {options}. "
        "If the JOIN filters the roots, use .any() instead; if it filters the collection, "
        "selectinload(path.and_(...))."
    )


def _separated(call: Call, execution: Execution) -> str:
    """Return the options that load each joined collection of `execution` by a SELECT of its own."""
    collections = [join.path for join in execution.joins if join.to_many]

    def balanced(join: Join) -> str:
        if join.to_many:
            return f"selectinload({join.hops[-1]})"
        moved = any(join.path.startswith(f"{path}.") for path in collections)
        return _same(replace(join, strategy="joined") if moved else join, join.inner)

    kept = [join.path for join in execution.joins if join.narrowed]
    keep = f"\nKeep the .and_() or of_type() of {listed(kept)}." if kept else ""
    return _rewritten(call, execution, execution.joins, balanced) + keep


def apart(execution: Execution) -> OptionChange | None:
    """Return what loads each joined collection by a SELECT of its own.

    None where the author wrote the JOIN of one: that has to be dropped by hand.
    """
    collections = [join for join in execution.joins if join.to_many]
    if any(join.strategy == OWN_JOIN for join in collections):
        return None
    return OptionChange({join.path: "selectin" for join in collections})


def required(call: Call, execution: Execution, join: Join) -> str:
    """Return the options that render `join` as an INNER JOIN."""
    above = [each for each in execution.joins if join.path.startswith(f"{each.path}.")]
    return _rewritten(
        call, execution, [*above, join], lambda each: _same(each, each.inner or each == join)
    )


def unnested(call: Call, execution: Execution) -> str:
    """Return the options of `execution` with no inner join below an outer one."""

    def outer(join: Join) -> str:
        nested = join.inner and join.under_outer and join.strategy == "joined"
        # The mapping may ask for the inner join, too.
        return (
            f"joinedload({join.hops[-1]}, innerjoin=False)" if nested else _same(join, join.inner)
        )

    kept = [join.path for join in execution.joins if join.narrowed]
    keep = f"\nKeep the .and_() or of_type() of {listed(kept)}." if kept else ""
    return _rewritten(call, execution, execution.joins, outer) + keep


def as_loaded(call: Call, wanted: Iterable[tuple[str, ...]]) -> str:
    """Return the options that load the paths with the hops `wanted` as `call` does."""
    strategies = {path.hops: path.strategy for path in call.paths}
    return code(
        tuple(_loader(strategies.get(hops[: i + 1], ""), hop) for i, hop in enumerate(hops))
        for hops in wanted
    )


def eager(strategy: str, hop: str) -> str:
    """Return the loader option that asks for `strategy`: "selectinload(Artist.tracks)"."""
    return _loader(strategy, hop)


def loaded_with_parents(call: Call, execution: Execution) -> str:
    """Return how to load the path of a lazy `execution` along with its parents.

    Code where the path is known from the call's own root; else a sentence.
    """
    last = _advised(execution.hops[-1], execution.to_many)
    if call.paths and execution.hops not in {path.hops for path in call.paths}:
        return f"Chain .{last} to the loader option that brings its parents."
    return code([(*_above(call, execution.hops), last)])


def loaded_as(call: Call, hops: tuple[str, ...], strategy: str) -> str:
    """Return the options that load the path of `hops` by `strategy`, what is above as before."""
    return code([(*_above(call, hops), _loader(strategy, hops[-1]))])


def with_columns(call: Call, execution: Execution) -> str:
    """Return the options that load the columns of `execution` along with their objects."""
    above = _above(call, (*execution.below, ""))
    if execution.base is not None:
        leading = f"{execution.base}, " if not above else ""
        return code([(*above, f"selectin_polymorphic({leading}[{execution.entity}])")])
    names = (f"{execution.entity}.{name}" for name in execution.attributes)
    return code((*above, f"undefer({name})") for name in names)


def path_of(hops: Sequence[str]) -> str:
    """Return "Artist.tracks.genres" for its hops."""
    return ".".join([hops[0], *(hop.partition(".")[2] for hop in hops[1:])])


def _rewritten(
    call: Call, execution: Execution, joins: Sequence[Join], step: Callable[[Join], str]
) -> str:
    """Return the options that have `step` of every join, below the path of `execution` itself."""
    steps = {join.hops: step(join) for join in joins}
    if execution.hops:
        above = _above(call, execution.hops)
        steps.update({execution.hops[: i + 1]: each for i, each in enumerate(above)})
        steps[execution.hops] = _loader(execution.strategy, execution.hops[-1])
    return code(
        tuple(
            steps.get(join.hops[: i + 1], f"defaultload({hop})") for i, hop in enumerate(join.hops)
        )
        for join in joins
    )


def _above(call: Call, hops: tuple[str, ...]) -> list[str]:
    """Return a step for each of `hops` above the last one, as the call loads it."""
    paths = {path.hops: path for path in call.paths}
    steps = []
    for end in range(1, len(hops)):
        hop, path = hops[end - 1], paths.get(hops[:end])
        if path is not None and path.strategy in BY_PARENT:
            steps.append(_advised(hop, path.to_many))
        else:
            steps.append(_loader(path.strategy if path else "", hop))
    return steps


def _loader(strategy: str, hop: str) -> str:
    # A lazy path needs no option of its own: defaultload leaves it so, and leads to what is below.
    named = strategy in EAGER or strategy == OWN_JOIN
    return f"{option_of(strategy if named else None)}({hop})"


def _advised(hop: str, to_many: bool) -> str:
    return f"{'selectinload' if to_many else 'joinedload'}({hop})"


def _same(join: Join, inner: bool) -> str:
    if join.strategy == OWN_JOIN:
        return f"contains_eager({join.hops[-1]})"
    return f"joinedload({join.hops[-1]}{', innerjoin=True' if inner else ''})"
