"""What the rows of a joined SELECT hold: distinct roots, pairs and chains, by primary key.

This looks at every row, so it is for untimed runs only.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from heapq import nlargest
from math import ceil
from operator import itemgetter
from typing import Any

from qprof.domain.join_tree import siblings
from qprof.domain.loaders import CHUNK
from qprof.domain.merging import LARGEST, summed_tally, worst_first
from qprof.domain.trace import Cost, Join, Root, Scalar, Tally, is_written_by_python
from qprof.measure.orm.keys import KeyColumns

Key = Callable[[Sequence[Any]], Any]


class RowTally:
    """Counts rows as they pass; `result` says what they held."""

    def __init__(self, columns: KeyColumns) -> None:
        self._columns = columns
        # In a secondary load one child may hang on several parents: those are different roots.
        # The key is doubled so that itemgetter gives a tuple for a single column, too.
        self._root = itemgetter(*range(columns.prefix), *columns.root.key * 2)
        self._roots: Counter[Any] = Counter()
        self._pairs = {path: (self._pair(path), set[Any]()) for path in columns.paths}
        self._alone = {leaf: (self._chain(leaf), set[Any]()) for leaf in columns.leaves()}
        joins = [Join(path, (), side.to_many) for path, side in columns.paths.items()]
        paths = [path for group in siblings(joins) for path in group]
        self._siblings = [_key(columns.paths[path].key) for path in paths]
        self._doubled = 0

    def _pair(self, path: str) -> tuple[Key, Key]:
        return _key(self._columns.key_above(path)), _key(self._columns.paths[path].key)

    def _chain(self, leaf: str) -> Key:
        return itemgetter(*range(self._columns.prefix), *self._columns.chain(leaf))

    def add(self, rows: Iterable[Sequence[object]]) -> None:
        """Count `rows`, as the driver gave them."""
        rows = list(rows)
        self._roots.update(map(self._root, rows))
        for (above, below), seen in self._pairs.values():
            seen.update((above(row), below(row)) for row in rows if below(row) is not None)
        for chain, seen in self._alone.values():
            seen.update(map(chain, rows))
        filled = (sum(key(row) is not None for key in self._siblings) for row in rows)
        self._doubled += sum(1 << each for each in filled)

    def result(self) -> Tally:
        """Return the counts so far."""
        largest = self._largest()
        return Tally(
            roots=len(self._roots),
            pairs={path: len(seen) for path, (_, seen) in self._pairs.items()},
            alone={leaf: len(seen) for leaf, (_, seen) in self._alone.items()},
            worst=next(iter(largest), None),
            longest=self._longest(),
            doubled=self._doubled,
            apart=self._apart(),
            distinct={
                path: len({below for _, below in seen}) for path, (_, seen) in self._pairs.items()
            },
            most={
                path: max(Counter(above for above, _ in seen).values(), default=0)
                for path, (_, seen) in self._pairs.items()
            },
            largest=largest,
            sizes=tuple(sorted(Counter(self._roots.values()).items())),
        )

    def _longest(self) -> int:
        """Return the sum over the roots of their rows, if siblings did not multiply each other.

        That is one for an object that nothing hangs on, else what its longest branch comes to.
        """
        columns = self._columns
        rows = {leaf: dict.fromkeys(chains, 1) for leaf, (_, chains) in self._alone.items()}
        for path in sorted(columns.paths, key=lambda each: -each.count(".")):
            above = columns.paths[path].parent
            chain = columns.root.key if above is None else columns.chain(above)
            sums: Counter[object] = Counter()
            for key, count in rows[path].items():
                sums[key[: columns.prefix + len(chain)]] += count
            known = rows.setdefault(above or "", {})
            known |= {key: max(count, known.get(key, 0)) for key, count in sums.items()}
        return sum(rows[""].values()) if columns.paths else len(self._roots)

    def _largest(self) -> tuple[Root, ...]:
        # Keys are made comparable for those alone that can be among the largest.
        least = min(nlargest(LARGEST, self._roots.values()), default=0)
        return worst_first(
            Root(self._columns.entity, tuple(map(_scalar, self._identity(key))), rows)
            for key, rows in self._roots.items()
            if rows >= least
        )

    def _identity(self, key: Any) -> Sequence[Any]:
        found: Sequence[Any] = key[self._columns.prefix :][: len(self._columns.root.key)]
        return found

    def _apart(self) -> Cost:
        paths = [path for path, side in self._columns.paths.items() if side.to_many]
        pairs = {path: len(self._pairs[path][1]) for path in paths}
        roots = len(self._roots)
        cells = roots * self._columns.load_width(None)
        return Cost(
            1 + sum(ceil(self._parents(path) / CHUNK) for path in paths),
            roots + sum(pairs.values()),
            cells + sum(pairs[path] * self._columns.load_width(path) for path in paths),
        )

    def _parents(self, path: str) -> int:
        """Return how many distinct entities `path` hangs on."""
        parent = self._columns.paths[path].parent
        if parent is None:
            return len({key[self._columns.prefix :] for key in self._roots})
        return len({below for _, below in self._pairs[parent][1]})


def merged(tallies: Sequence[RowTally | None]) -> Tally | None:
    """Return the sum over the executions of one statement; None where one was not tallied."""
    results = [tally.result() for tally in tallies if tally is not None]
    if not results or len(results) < len(tallies):
        return None
    return summed_tally(results)


def _key(places: tuple[int, ...]) -> Key:
    """Return a getter of the key at `places`, which gives None for an outer join's empty side."""
    get = itemgetter(*places)
    if len(places) == 1:
        return get
    return lambda row: None if None in get(row) else get(row)


def _scalar(value: Any) -> Scalar:
    """Return a part of a key, as text where it is no number; no class of the program's is asked."""
    if type(value) in (str, int, float, bool):
        return value  # type: ignore[no-any-return]
    return str(value) if is_written_by_python(value) else type(value).__name__
