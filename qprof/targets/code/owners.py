"""The object that a method belongs to, and how it is come by for one run."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from qprof.targets.code.makers import Maker
from qprof.targets.code.source import Source
from qprof.targets.code.steps import Steps
from qprof.targets.code.supply import bound, supplied


@dataclass(frozen=True)
class Owner:
    """An object that is made anew for each run, or that is there already."""

    maker: Maker | None = None
    there: object = None
    reach: tuple[str, ...] = ()
    """The attributes that lead from it to the repository."""

    def found(
        self, steps: Steps, arguments: Mapping[str, object], source: Source, stack: ExitStack
    ) -> tuple[object, list[object]]:
        """Return the repository, and what its maker was given of sessions and the like."""
        made: object = None
        given: list[object] = []
        if steps.comes_first:
            made = steps.prepared(None, stack, source)
        if made is None:
            made, given = self._made(arguments, source, stack)
        if not steps.comes_first:
            made = steps.prepared(made, stack, source)
        for name in self.reach:
            made = getattr(made, name)
        return made, given

    def _made(
        self, arguments: Mapping[str, object], source: Source, stack: ExitStack
    ) -> tuple[object, list[object]]:
        if self.maker is None:
            return self.there, []
        needed = supplied(self.maker, source, stack)
        made = bound(self.maker, {**needed, **self.maker.own(arguments)})()
        return made, [*needed.values()]
