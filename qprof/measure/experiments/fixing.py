"""Tries what is to fix a call, statement by statement, and keeps the options that did it."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from qprof.domain.loaders import BY_PARENT
from qprof.domain.plans import AS_WRITTEN, FIXED, Plan, named_plan
from qprof.domain.trace import Call, Fix, OptionChange, Path, Site
from qprof.measure.experiments.comparison import compared
from qprof.measure.experiments.difference import difference
from qprof.measure.experiments.discover import Discovery
from qprof.measure.experiments.edits import diff_of
from qprof.measure.experiments.experiment import Experiment, Observation, Options, Result
from qprof.measure.experiments.specimen import Specimen
from qprof.measure.orm.paths import hop_names
from qprof.measure.orm.roots import RootPaths, class_names

_NO_OPTIONS = Options("")


@dataclass(frozen=True)
class Wanted:
    """A change that is to fix what was found at a line."""

    change: OptionChange
    site: Site | None


def try_fixes(specimen: Specimen, wanted: Sequence[Wanted], *, seal: bool = False) -> Call:
    """Return the call with a fix for each of its statements that `wanted` is about.

    The call is run once more for each; with `seal`, twice.
    """
    call, found = specimen.call, specimen.found
    fixes = []
    for key, root in found.roots.items():
        own = [each for each in wanted if _concerns(found, root, each)]
        if own:
            change = _goes_on(root, merged(each.change for each in own))
            fix = _tried(specimen, key, root, change)
            fixes.append(_sealed(specimen, key, root, fix) if seal else fix)
    return replace(call, fixes=tuple(fixes))


def _concerns(found: Discovery, root: RootPaths, wanted: Wanted) -> bool:
    """Return whether a change is of the statement `root`: by its paths, and its line if known."""
    able = [each for each in found.roots.values() if _has(each, wanted.change)]
    there = [each for each in able if each.site is not None and each.site == wanted.site]
    return any(each is root for each in there or able)


def _has(root: RootPaths, change: OptionChange) -> bool:
    return all(
        path in root.paths or path == "" or path.rpartition(".")[0] in {*root.paths, *_names(root)}
        for path in change.paths
    )


def _names(root: RootPaths) -> Iterator[str]:
    """Yield the names that a path of `root` may begin with."""
    for mapper in root.entities:
        yield from class_names(mapper.iterate_to_root())


def merged(changes: Iterable[OptionChange]) -> OptionChange:
    """Return all changes in one: what need not be loaded is not, whatever else was wanted of it."""
    strategies: dict[str, str] = {}
    inner: dict[str, bool] = {}
    columns: dict[str, tuple[str, ...]] = {}
    subclasses: dict[str, tuple[str, ...]] = {}
    for each in changes:
        for path, strategy in each.strategies.items():
            known = strategies.get(path)
            strategies[path] = strategy if known is None or strategy == "lazy" else known
        inner.update(each.inner)
        for own, more in ((columns, each.columns), (subclasses, each.subclasses)):
            for path, names in more.items():
                own[path] = tuple(dict.fromkeys((*own.get(path, ()), *names)))
    gone = [path for path, strategy in strategies.items() if strategy == "lazy"]
    strategies = {
        path: strategy
        for path, strategy in strategies.items()
        if not any(path.startswith(f"{each}.") for each in gone)
    }
    return OptionChange(strategies, inner, columns, subclasses)


def _goes_on(root: RootPaths, change: OptionChange) -> OptionChange:
    """Return `change` with all that is lazy below a path that leads to its own kind."""
    strategies = dict(change.strategies)
    for name, strategy in change.strategies.items():
        key, below = name.rpartition(".")[2], name
        while strategy == "selectin" and f"{below}.{key}" in root.paths:
            below = f"{below}.{key}"
            if root.paths[below].strategy in BY_PARENT:
                strategies[below] = strategy
    return replace(change, strategies=strategies)


def _tried(specimen: Specimen, key: Hashable, root: RootPaths, change: OptionChange) -> Fix:
    root = _with_new(root, change)
    result = specimen.runner.attempt(_experiment(specimen, key, root, change))
    options = result.options.get(key, _NO_OPTIONS)
    fix = Fix(
        paths=tuple(root.paths),
        change=change,
        code=options.code,
        imports=options.imports,
        remarks=options.remarks,
        place=options.place,
        diff=diff_of(options.where, root.paths, change, options.code, options.imports),
        site=root.site,
    )
    if result.reason is not None:
        return replace(fix, reason=result.reason, raised=result.raised)
    same, differs = _compared(specimen, result)
    return replace(fix, cost=result.cost, same=same, reason=differs, executions=result.executions)


def _sealed(specimen: Specimen, key: Hashable, root: RootPaths, fix: Fix) -> Fix:
    """Return `fix` with its options under raiseload("*"), or with the reason why there are none."""
    if fix.same is None or fix.reason is not None:
        return replace(fix, unsealed="the fix itself is not proven")
    found = specimen.found
    if found.reading is None:
        return replace(fix, unsealed=_READ_LATER)
    # What the fix no longer loads is to raise, too.
    strategies = {p: "raise" if s == "lazy" else s for p, s in fix.change.strategies.items()}
    change = replace(fix.change, strategies=strategies)
    experiment = _experiment(specimen, key, _with_new(root, change), change)
    plan = replace(experiment.plan, sealed=True)
    more: frozenset[Observation] = frozenset(("reads",))
    result = specimen.runner.attempt(
        replace(
            experiment,
            plan=plan,
            observe=experiment.observe | more,
            because="whether nothing else is read",
        )
    )
    options = result.options.get(key, _NO_OPTIONS)
    refusal = _unsealed(specimen, result, options.code)
    return replace(fix, unsealed=refusal) if refusal else replace(fix, sealed=options.code)


_READ_LATER = (
    "the call returns objects, and what reads them later is not known; name that with --touch"
)


def _unsealed(specimen: Specimen, result: Result, code: str) -> str:
    """Return why a fix is not offered with raiseload("*"); "" where it is."""
    if result.reason is not None:
        return f'with raiseload("*") the call raised {result.reason}'
    failed = {str(each) for each in result.reads.failures.found} if result.reads else set()
    known = {str(each) for each in specimen.found.failed}
    _, differs = _compared(specimen, result)
    if failed - known:
        return 'with raiseload("*") a lazy load of the call fails, and is caught'
    if differs is not None:
        return f'with raiseload("*") {differs}'
    if 'raiseload("*")' not in code:
        return "the statement has a wildcard of its own"
    return ""


def _with_new(root: RootPaths, change: OptionChange) -> RootPaths:
    """Return `root` with the paths of `change` that it does not load, as if they were lazy."""
    paths, steps = dict(root.paths), dict(root.steps)
    for name in sorted(change.strategies, key=len):
        above, _, key = name.rpartition(".")
        mappers = [steps[above][-1].mapper] if above in steps else root.entities
        known = [m for each in mappers for m in each.self_and_descendants]
        props = [each.relationships[key] for each in known if key in each.relationships]
        if name not in paths and props:
            steps[name] = [*steps.get(above, []), props[0]]
            hops, to_many = hop_names(steps[name]), bool(props[0].uselist)
            paths[name] = Path(name, hops, to_many, "lazy")
    return replace(root, paths=paths, steps=steps)


def _experiment(
    specimen: Specimen, key: Hashable, root: RootPaths, change: OptionChange
) -> Experiment:
    found = specimen.found
    written = named_plan(AS_WRITTEN, found.paths).strategies
    plan = Plan(
        FIXED,
        {**written, **change.strategies},
        change.inner,
        change.columns,
        change.subclasses,
    )
    observe: list[Observation] = ["tally", "options"]
    read = found.reading is not None
    observe.append("outcome" if read else "objects")
    wanted = found.experiment(plan, "whether a fix fixes it", *observe, touched=not read)
    return replace(wanted, roots={**found.roots, key: root}, moves=frozenset([key]))


def _compared(specimen: Specimen, result: Result) -> tuple[bool | None, str | None]:
    found = specimen.found
    if found.reading is None:
        return compared(specimen, result)
    if result.outcome is None or not result.tells:
        return None, "what comes out cannot be compared"
    told = difference(found.reading.outcome, result.outcome, ordered=found.ordered)
    if told is None:
        return True, None
    return (False if told.certain else None), str(told)
