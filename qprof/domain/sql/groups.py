"""Things that hang together, through however many others."""

from collections.abc import Hashable, Iterable


class Groups:
    """Which of some things hang together; a thing that is not known yet is one by itself."""

    def __init__(self, members: Iterable[Hashable] = ()) -> None:
        self._above: dict[Hashable, Hashable] = {each: each for each in members}

    def unite(self, one: Hashable, other: Hashable) -> None:
        """Let `one` and `other` hang together, with all that hangs together with either."""
        self._above[self._top(one)] = self._top(other)

    def together(self, one: Hashable, other: Hashable) -> bool:
        """Return whether `one` and `other` hang together."""
        return self._top(one) == self._top(other)

    def groups(self) -> list[list[Hashable]]:
        """Return the members of each group."""
        found: dict[Hashable, list[Hashable]] = {}
        for each in list(self._above):
            found.setdefault(self._top(each), []).append(each)
        return list(found.values())

    def _top(self, member: Hashable) -> Hashable:
        above = self._above.setdefault(member, member)
        while above != member:
            member, above = above, self._above[above]
        return member
