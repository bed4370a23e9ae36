"""A plan as loader options that yield it, ready to paste."""

from collections.abc import Iterator, Mapping
from typing import Any

from qprof.domain.loaders import OWN_JOIN, Chain, code, option_of
from qprof.domain.words import listed
from qprof.measure.orm.paths import path_name
from qprof.measure.orm.roots import RootPaths, Roots


def options_code(roots: Roots, plan: Mapping[str, str]) -> str:
    """Return a line of loader options for each root statement with paths; "" where there is none.

    They stand instead of the statement's own. What these say besides is to be kept, and said so.
    """
    return "\n".join(dict.fromkeys(line for root in roots.values() for line in _lines(root, plan)))


def _lines(root: RootPaths, plan: Mapping[str, str]) -> Iterator[str]:
    strategies = {name: plan.get(name, path.strategy) for name, path in root.paths.items()}
    names = [name for name, each in strategies.items() if not _is_default(root, name, each)]
    if not names:
        return
    yield code(_chain(root, name, strategies) for name in sorted(names, key=_depth))
    kept = _kept(root)
    if kept:
        yield f"Keep the {kept}."


def _is_default(root: RootPaths, name: str, strategy: str) -> bool:
    return strategy == root.paths[name].strategy == "lazy"


def _kept(root: RootPaths) -> str:
    said = root.options
    parts = []
    narrowed = [name for name in root.paths if said and name in said.narrowed]
    if narrowed:
        parts.append(f".and_() or of_type() of {listed(narrowed)}")
    if said and said.columns:
        parts.append("load_only() or defer() of its options")
    own = [name for name, path in root.paths.items() if path.strategy == OWN_JOIN]
    if own:
        parts.append(f"JOIN and the arguments of contains_eager() for {listed(own)}")
    return listed(parts)


def _depth(name: str) -> int:
    return name.count(".")


def _chain(root: RootPaths, name: str, strategies: Mapping[str, str]) -> Chain:
    steps = root.steps[name]
    return tuple(_step(root, steps, end, strategies) for end in range(1, len(steps) + 1))


def _step(root: RootPaths, steps: Any, end: int, strategies: Mapping[str, str]) -> str:
    name, last = path_name(steps[:end]), steps[end - 1]
    after = steps[end] if end < len(steps) else None
    attribute = f"{last.parent.class_.__name__}.{last.key}"
    if after is not None and not last.mapper.isa(after.parent):
        attribute += f".of_type({after.parent.class_.__name__})"
    strategy = strategies.get(name)
    return f"{option_of(strategy)}({attribute}{_innerjoin(root, name, strategy)})"


def _innerjoin(root: RootPaths, name: str, strategy: str | None) -> str:
    """Return the argument that a path keeps as long as it stays joined."""
    said = root.options
    kept = strategy == root.paths[name].strategy == "joined" if name in root.paths else False
    if not kept or said is None or name not in said.innerjoin:
        return ""
    return f", innerjoin={said.innerjoin[name]!r}"
