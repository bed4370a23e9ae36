"""What the rows of a joined SELECT hold: distinct roots, pairs and chains, by primary key.

This looks at every row, so it is for untimed runs only.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from math import ceil
from operator import itemgetter
from typing import Any

from qprof.domain.loaders import CHUNK
from qprof.domain.merging import sortable, summed_tally
from qprof.domain.trace import Cost, Root, Scalar, Tally
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

    def _pair(self, path: str) -> tuple[Key, Key]:
        return _key(self._columns.key_above(path)), _key(self._columns.paths[path].key)

    def _chain(self, leaf: str) -> Key:
        return itemgetter(*range(self._columns.prefix), *self._columns.chain(leaf))

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Count `rows`, as the driver gave them."""
        rows = list(rows)
        self._roots.update(map(self._root, rows))
        for (above, below), seen in self._pairs.values():
            seen.update((above(row), below(row)) for row in rows if below(row) is not None)
        for chain, seen in self._alone.values():
            seen.update(map(chain, rows))

    def result(self) -> Tally:
        """Return the counts so far."""
        return Tally(
            roots=len(self._roots),
            pairs={path: len(seen) for path, (_, seen) in self._pairs.items()},
            alone={leaf: len(seen) for leaf, (_, seen) in self._alone.items()},
            worst=self._worst(),
            apart=self._apart(),
            distinct={
                path: len({below for _, below in seen}) for path, (_, seen) in self._pairs.items()
            },
        )

    def _worst(self) -> Root | None:
        if not self._roots:
            return None
        most = max(self._roots.values())
        # Of equals, the least key: the same data names the same root in whatever order it comes.
        key = min((key for key, rows in self._roots.items() if rows == most), key=sortable)
        identity = key[self._columns.prefix :][: len(self._columns.root.key)]
        return Root(self._columns.entity, tuple(_scalar(each) for each in identity), most)

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
    return value if isinstance(value, (str, int, float, bool)) else str(value)
