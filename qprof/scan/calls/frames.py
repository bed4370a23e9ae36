"""What one run over a function's body has seen: statements built, values returned."""

from collections.abc import Sequence as Items
from dataclasses import dataclass, field, replace
from itertools import count

from qprof.scan.calls.values import Entity, Option, Place, Statement, Value

_serials = count(1)


@dataclass
class Frame:
    """One function body, or a module's or class's own."""

    built: list[Statement] = field(default_factory=list)
    superseded: set[int] = field(default_factory=set)
    returned: list[Value] = field(default_factory=list)

    def start(
        self, roots: Items[Entity], place: Place, *, legacy: bool = False, of: Items[Option] = ()
    ) -> Statement:
        """Return a new statement of `roots`."""
        made = Statement(
            next(_serials), tuple(roots), tuple(of), place, legacy, built=(place.span,)
        )
        self.built.append(made)
        return made

    def adopt(self, value: Value) -> None:
        """Take a statement that another function built for one of this frame's."""
        if isinstance(value, Statement) and value not in self.built:
            self.built.append(value)

    def extend(self, old: Statement, place: Place, *options: Option) -> Statement:
        """Return `old` with more options."""
        return self._derived(old, place, options=(*old.options, *options))

    def limit(self, old: Statement, place: Place, *, is_single: bool = False) -> Statement:
        """Return `old` under a LIMIT or OFFSET; `is_single` where that is LIMIT 1."""
        single = is_single or old.is_single
        return self._derived(old, place, limit=old.limit or place, is_single=single)

    def single(self, old: Statement, place: Place) -> Statement:
        """Return `old`, of which one root is asked for."""
        return self._derived(old, place, is_single=True)

    def _derived(self, old: Statement, place: Place, **changed: object) -> Statement:
        self.superseded.add(old.serial)
        spans = tuple(dict.fromkeys((*old.built, place.span)))
        new = replace(old, serial=next(_serials), built=spans, **changed)  # type: ignore[arg-type]
        self.built.append(new)
        return new

    def finished(self) -> list[Statement]:
        """Return the statements that nothing was added to, each once."""
        kept = {
            (each.roots, each.options, each.limit, each.place, each.is_single): each
            for each in self.built
            if each.serial not in self.superseded
        }
        return list(kept.values())
