"""How a finding of the scan is made: where it is shown, and what would mend it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from qprof.domain.loaders import OWN_JOIN, RECURSIVE, WORD_OPTIONS, code
from qprof.domain.report import LEVELS, Finding
from qprof.domain.trace import Scalar, Site
from qprof.domain.words import counted, listed
from qprof.judge.rules.rule import finding_fingerprint
from qprof.scan.calls.loading import LoadedPath
from qprof.scan.calls.reader import Built
from qprof.scan.calls.values import NamePlace, Span
from qprof.scan.static_rule import Loaded, LoaderChange, Suspicion


def suspect(
    rule: tuple[str, str, str],
    loaded: Loaded,
    nodes: Sequence[LoadedPath],
    *,
    paths: Sequence[str],
    title: str,
    facts: str = "",
    to: Mapping[str, str],
    evidence: Mapping[str, Scalar] | None = None,
) -> Suspicion:
    """Return a suspect of `rule` (id, name, level) that `nodes` cause.

    `to` says the strategy that each path should have; the rest stays as it is.
    """
    built, place = loaded.built, _place(loaded, nodes)
    return Suspicion(
        finding=Finding(
            *rule,
            call=built.name,
            paths=tuple(paths),
            message=f"{title}. {facts}".rstrip(),
            fix=_fix(loaded, nodes, to),
            evidence=dict(evidence or {}),
            location=Site(place.file, place.line, built.name.rpartition(".")[2]),
            fingerprint=finding_fingerprint(rule[0], built.name, paths, built.file),
            title=title,
        ),
        spans=tuple(_spans(loaded, nodes)),
        function=built.span,
        changes=tuple(_changes(nodes, to)),
        kept=_kept(nodes, to),
    )


def _place(loaded: Loaded, nodes: Iterable[LoadedPath]) -> NamePlace:
    """Return the first option in the function's own file, else where the statement begins."""
    places = [each.step.place for each in nodes if each.step]
    first, last = loaded.built.span
    own = [
        each
        for each in places
        if each.file == loaded.built.file and (not loaded.built.owner or first <= each.line <= last)
    ]
    return min(own, key=lambda each: (each.line, each.column), default=loaded.statement.place)


def _spans(loaded: Loaded, nodes: Iterable[LoadedPath]) -> Iterable[tuple[str, Span]]:
    yield from ((loaded.built.file, span) for span in loaded.statement.built)
    yield from ((each.step.place.file, each.step.place.span) for each in nodes if each.step)


def _changes(nodes: Iterable[LoadedPath], to: Mapping[str, str]) -> Iterable[LoaderChange]:
    for node in nodes:
        if node.path in to and node.step and not _reason(node, to[node.path]):
            yield LoaderChange(node.step.place, node.step.written, WORD_OPTIONS[to[node.path]])


def _kept(nodes: Iterable[LoadedPath], to: Mapping[str, str]) -> str:
    """Return why --fix leaves the first of these options alone; "" where it leaves none."""
    reasons = (_reason(node, to[node.path]) for node in nodes if node.path in to)
    return next((each for each in reasons if each), "")


def _reason(node: LoadedPath, to: str) -> str:
    if node.step is None:
        return f"{node.path} is joined by its mapping, which every other query shares"
    if node.strategy == OWN_JOIN:
        return f"{node.path} comes from a JOIN of your own, which may filter"
    if node.step.of_all:
        return f'{node.path} is joined by {node.step.written}("*"), which names no path'
    if node.step.inner and to != "joined":
        return f"{node.path} has innerjoin=, which {WORD_OPTIONS[to]} has not"
    return ""


def _fix(loaded: Loaded, nodes: Iterable[LoadedPath], to: Mapping[str, str]) -> str:
    wanted = [node for node in nodes if node.path in to]
    written = [node.path for node in wanted if node.strategy == OWN_JOIN]
    if written:
        return (
            f"Drop the JOIN and the contains_eager of {listed(written)}, and load by selectinload, "
            "unless the JOIN filters."
        )
    if not loaded.tree:
        hops = listed([node.hop for node in wanted])
        return f'Say lazy="selectin" in the mapping of {hops}, or lazy="select" and options.'
    options = loaded.statement.options
    others = [text for each in options for chain, text in each.leaves if not chain]
    chains = _chains(loaded.tree, to, (), loaded.built)
    return code([*chains, *((each,) for each in dict.fromkeys(others))])


def _chains(
    level: Iterable[LoadedPath], to: Mapping[str, str], above: tuple[str, ...], built: Built
) -> Iterable[tuple[str, ...]]:
    """Yield the chains of options that load the tree as `to` says, and keep what else they say."""
    for node in level:
        strategy = to.get(node.path, node.strategy if node.step else "default")
        chain = (*above, _written(node, strategy, built))
        below = [
            *_chains(node.children.values(), to, chain, built),
            *((*chain, each) for each in node.leaves),
        ]
        if below:
            yield from below
        elif strategy != "default":
            yield chain


def _written(node: LoadedPath, strategy: str, built: Built) -> str:
    """Return the loader call of a path, in the words of the function where it has any."""
    step, function = node.step, WORD_OPTIONS.get(strategy, "defaultload")
    if step is None:
        return f"{function}({node.code})"
    is_near = step.place.file == built.file
    is_own = is_near and built.span[0] <= step.place.line <= built.span[1]
    attribute = "" if step.of_all else step.argument
    # A variable of another function, such as a parameter, is unknown in this one.
    names_class = is_near and attribute.rpartition(".")[0].rpartition(".")[2][:1].isupper()
    if not (attribute and (is_own or names_class or step.attribute.narrowed)):
        attribute = node.code
    if is_own and strategy == node.strategy:
        function = step.written
    elif is_near and "." in step.written:
        function = f"{step.written.rpartition('.')[0]}.{function}"
    said = [each for each in step.keywords if _fits(each, strategy, node.strategy)]
    return f"{function}({', '.join((attribute, *said))})"


def _fits(keyword: str, strategy: str, before: str) -> bool:
    """Return whether an argument of a loader function may stay when the function changes."""
    if strategy == before:
        return True
    return keyword.startswith("recursion_depth=") and strategy in RECURSIVE


def folded(found: Iterable[Suspicion]) -> tuple[Suspicion, ...]:
    """Return `found` with one finding of a rule for each place of options.

    Several functions may use a helper's options, and several branches of one may add to them: the
    one with the most paths is kept, and names the others.
    """
    groups: dict[object, list[Suspicion]] = {}
    for each in found:
        site = each.finding.location
        groups.setdefault((each.finding.rule, site and (site.file, site.line)), []).append(each)
    return tuple(one for group in groups.values() for one in _folded(group))


def _folded(group: Sequence[Suspicion]) -> Iterable[Suspicion]:
    waiting = sorted(group, key=lambda each: -len(each.finding.paths))
    while waiting:
        first, *others = waiting
        same = [each for each in others if {*each.finding.paths} <= {*first.finding.paths}]
        waiting = [each for each in others if each not in same]
        yield _with(first, same) if same else first


def _with(first: Suspicion, same: Sequence[Suspicion]) -> Suspicion:
    names = [each.finding.call for each in same if each.finding.call != first.finding.call]
    calls = list(dict.fromkeys(names))
    more = [counted(len(calls) - _NAMED, "more call")] if len(calls) > _NAMED else []
    use = "uses" if len(calls) == 1 else "use"
    said = f" {listed([*calls[:_NAMED], *more])} {use} the same options." if calls else ""
    level = max((each.finding.level for each in (first, *same)), key=LEVELS.index)
    return replace(
        first,
        finding=replace(first.finding, level=level, message=first.finding.message + said),
        changes=tuple(dict.fromkeys(one for each in (first, *same) for one in each.changes)),
    )


_NAMED = 3
"""How many of the calls that share options are named."""


def shown(built: Built) -> str:
    """Return "ArtistRepository.search (line 31)"."""
    return f"{built.name} (line {built.span[0]})"
