"""Takes note of reads of a relationship whose lazy load failed.

Where the call ends all the same, somebody swallowed the error. By which statement and path an
object came is read off its state: `InstanceState.load_options` and `.load_path`, in 2.0 and 2.1.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, StatementError
from sqlalchemy.orm import InstanceState, RelationshipProperty
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.orm.exc import DetachedInstanceError

from qprof.domain.trace import Site
from qprof.measure.capture.sites import call_site, shown
from qprof.measure.experiments.detached import mark_seen
from qprof.measure.orm.paths import relationships
from qprof.measure.orm.roots import Origin

Chain = tuple["RelationshipProperty[Any]", ...]


@dataclass
class Failed:
    """The reads of one path that failed in one way."""

    root: Hashable | None
    """The root statement that the objects came by; None where that is unknown."""
    chain: Chain
    """The relationships from that root on."""
    error: str
    count: int = 0
    sites: dict[Site, None] = field(default_factory=dict)


class Failures:
    """All of them, by root, path and kind of error."""

    def __init__(self) -> None:
        self._found: dict[Hashable, Failed] = {}

    def see(self, attribute: object, instance: object, error: BaseException) -> None:
        """Take note that reading `attribute` of `instance` raised `error`."""
        kind, step = _kind(error), getattr(attribute, "property", None)
        if kind is None or not isinstance(step, RelationshipProperty) or not mark_seen(error):
            return
        root, chain = _came_by(instance_state(instance), step)
        key = (root, chain, kind)
        failed = self._found.setdefault(key, Failed(root, chain, kind))
        failed.count += 1
        site = shown(call_site(f"{attribute} failed"))
        if site is not None:
            failed.sites.setdefault(site)

    @property
    def found(self) -> tuple[Failed, ...]:
        """What failed, in order of first use."""
        return tuple(self._found.values())


def _kind(error: BaseException) -> str | None:
    cause = error.orig if isinstance(error, StatementError) else error
    if isinstance(cause, MissingGreenlet):
        return "MissingGreenlet"
    if isinstance(error, DetachedInstanceError):
        return "DetachedInstanceError"
    forbidden = type(error) is InvalidRequestError and "not available due to lazy=" in str(error)
    return "raiseload" if forbidden else None


def _came_by(
    state: InstanceState[Any], step: "RelationshipProperty[Any]"
) -> "tuple[Hashable | None, Chain]":
    """Return the root statement that an object came by, and the relationships from there on."""
    origins = [each for each in state.load_options if isinstance(each, Origin)]
    root = origins[-1].payload if origins else None
    return root, (*relationships(state.load_path.path), step)
