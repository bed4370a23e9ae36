"""The scan: a first pass keeps what models say, a second one reads what functions load."""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from qprof.domain.report import LEVELS, Finding
from qprof.domain.words import counted
from qprof.scan.calls.loading import Loading, Select, every, unsupported
from qprof.scan.calls.reader import Built, Reader
from qprof.scan.calls.values import EntityName, NamePlace, Statement
from qprof.scan.ignores import Ignore, Ignores, ignores_in
from qprof.scan.models.catalogue import Catalogue
from qprof.scan.models.declarations import declared
from qprof.scan.models.directions import Links
from qprof.scan.models.facts import Class, Module
from qprof.scan.models.installed import installed_models
from qprof.scan.rules import RULES
from qprof.scan.source_file import TOO_DEEP, ModuleKey, SourceFile, Unreadable, deep, read, shown
from qprof.scan.static_rule import Loaded, Suspicion


@dataclass(frozen=True)
class Scanned:
    """What a scan found."""

    files: int
    """How many were scanned."""
    suspects: tuple[Suspicion, ...]
    complaints: tuple[Finding, ...]
    """On ignore comments."""
    notices: tuple[str, ...]
    """What could not be followed, or is not known."""
    unreadable: tuple[tuple[str, str], ...]
    """Each file that was skipped, and the sentence that says why."""


@dataclass
class _Facts:
    files: dict[ModuleKey, Path]
    modules: list[Module]
    ignores: list[Ignore]
    unreadable: list[tuple[str, str]]
    dropped: int = 0
    """How many modules turned out to be nested too deeply."""


def scan(files: Iterable[Path], rules: Sequence[str], names: dict[str, str]) -> Scanned:
    """Return what `files` break of the rules whose ids are `rules`.

    `names` has the id of every rule there is, by id and by name: comments may name any. No file
    is imported, and no tree outlives the look at its file.
    """
    with deep():
        return _scan(files, rules, names)


def _scan(files: Iterable[Path], rules: Sequence[str], names: dict[str, str]) -> Scanned:
    facts = _facts(files)
    own = {each.key for each in facts.modules}
    catalogue = Catalogue([*facts.modules, *installed_models(facts.modules, facts.files.values())])
    loading = Loading(Links(catalogue))
    notices: dict[str, None] = {}
    unknown: dict[str, dict[str, None]] = {}
    ignores = Ignores(facts.ignores, names)
    found: list[Suspicion] = []
    for loaded in _everything(facts, catalogue, loading, own):
        for each in loaded:
            notices.update(dict.fromkeys(unsupported(each.statement)))
            for hop, place in _unclear(each):
                unknown.setdefault(hop, {})[place] = None
        for rule in RULES:
            if rule.id in rules:
                found += [each for each in rule.inspect(loaded) if not ignores.silences(each)]
    known = {each.name for each in catalogue.classes() if catalogue.is_mapped(each)}
    return Scanned(
        files=len(facts.modules) - facts.dropped,
        suspects=tuple(sorted(_told_apart(found), key=_order)),
        complaints=tuple(ignores.complaints(rules)) if "QP002" in rules else (),
        notices=(*_grouped(notices), *(_unknown(*each, known) for each in unknown.items())),
        unreadable=tuple(facts.unreadable),
    )


def _facts(files: Iterable[Path]) -> _Facts:
    facts = _Facts({}, [], [], [])
    for file in files:
        try:
            source = read(file)
            module, ignores = declared(source), list(ignores_in(source))
        except (Unreadable, RecursionError) as error:
            facts.unreadable.append((shown(file), _reason(file, error)))
            continue
        facts.files[source.key] = file
        facts.modules.append(module)
        facts.ignores += ignores
    return facts


def _reason(file: Path, error: Exception) -> str:
    return str(error) if isinstance(error, Unreadable) else _too_deep(shown(file))


def _too_deep(file: str) -> str:
    return f"{file} cannot be followed: {TOO_DEEP}."


def _everything(
    facts: _Facts, catalogue: Catalogue, loading: Loading, own: Set[ModuleKey]
) -> Iterator[tuple[Loaded, ...]]:
    """Yield what the mappings load, then what each file's functions do."""
    yield tuple(mapped(catalogue, loading, own))
    joins = any(
        each.lazy == "joined"
        for found in catalogue.classes()
        for each in found.relationships.values()
    )
    wanted = {"options", "selects"} if joins else {"options"}

    def reread(key: ModuleKey) -> SourceFile | None:
        return read(facts.files[key]) if key in facts.files else None

    reading = Reader(catalogue, reread)
    for module in facts.modules:
        if module.mentions & wanted and (source := reread(module.key)) is not None:
            try:
                built = reading.built(source)
                loaded = tuple(one for each in built for one in _loads(each, loading))
            except RecursionError:
                facts.unreadable.append((module.file, _too_deep(module.file)))
                facts.dropped += 1
                continue
            yield loaded


def _loads(built: Built, loading: Loading) -> Iterator[Loaded]:
    for each in built.statements:
        tree, selects = loading.read(each)
        yield Loaded(built, each, tuple(tree), tuple(selects))


def _unclear(loaded: Loaded) -> Iterator[tuple[str, str]]:
    """Yield each joined path of unknown direction by its last hop, and where it is asked for."""
    for node in every(list(loaded.tree)):
        if node.to_many is None and node.strategy == "joined" and node.step is not None:
            yield node.hop, node.step.place.text


def _grouped(notices: Iterable[str]) -> Iterator[str]:
    """Yield sentences, one for all loaders of texts, and for all that name nothing."""
    kinds: dict[str, list[str]] = {}
    for each in notices:
        kind = next((words for words in _KINDS if words in each), each)
        kinds.setdefault(kind, []).append(each)
    for first, *others in kinds.values():
        yield (
            first.replace(": ", f" and {counted(len(others), 'more place')}: ", 1)
            if others
            else first
        )


_KINDS = ("SQLAlchemy 2 wants the attribute.", "is not followed: what it loads is not named there.")
"""What sentences have in common of which one is enough."""


def _unknown(hop: str, places: Iterable[str], known: Set[str]) -> str:
    first, *others = places
    more = f" and {counted(len(others), 'more place')}" if others else ""
    owner = hop.partition(".")[0]
    advice = "" if owner in known else f" Also scan the package that declares {owner}."
    return (
        f"{first}{more}: the scanned files do not say whether {hop} leads to one or to many, so "
        f"the scan skips it.{advice}"
    )


def _told_apart(found: Iterable[Suspicion]) -> Iterator[Suspicion]:
    """Yield each suspect once: two ways through a function may show the same one."""
    seen: dict[object, None] = {}
    for each in found:
        key = (each.finding.fingerprint, each.finding.location)
        if key not in seen:
            seen[key] = None
            yield each


def _order(suspect: Suspicion) -> tuple[int, str, int, str]:
    finding = suspect.finding
    place = finding.location
    severity = -LEVELS.index(finding.level)
    return severity, place.file if place else "", place.line if place else 0, finding.rule


def mapped(catalogue: Catalogue, loading: Loading, scanned: Set[ModuleKey]) -> Iterator[Loaded]:
    """Yield each scanned class whose own relationships are joined wherever it is selected."""
    for found in catalogue.classes():
        if found.key not in scanned:
            continue
        own = [each for each in found.relationships.values() if each.lazy == "joined"]
        if own:
            selects = tuple(_own(found, each) for each in loading.mapping(found))
            yield _loaded(found, (own[0].line, own[0].last), selects)


def _own(found: Class, select: Select) -> Select:
    """Return `select` without what the mappings of other classes join to themselves alone."""
    tops = {node.path.split(".")[1] for node in select.nodes if node.to_many}
    return select if len(tops) > 1 else Select((), select.is_root)


def _loaded(found: Class, lines: tuple[int, int], selects: tuple[Select, ...]) -> Loaded:
    place = NamePlace(found.key, found.file, lines[0], 0, lines)
    statement = Statement(0, (EntityName(found.name, found),), (), place, built=(lines,))
    built = Built(found.name, found.name, found.file, lines, (statement,), is_mapping=True)
    return Loaded(built, statement, (), selects)
