"""QP301 unused-eager-load."""

from collections.abc import Iterable

from qprof.domain.report import Finding
from qprof.domain.trace import Call, Idle, OptionChange
from qprof.judge.rules.loader_code import eager
from qprof.judge.rules.rule import Rule
from qprof.judge.rules.thresholds import Thresholds
from qprof.judge.rules.wording import READERS, figures, join_of, loaded_at, price


class UnusedEagerLoad(Rule):
    """A path that is loaded and never read.

    An option or the mapping loads a relationship eagerly, and until all who use the objects are
    done, nobody asks for it.

    Why
    ---
    Its rows are fetched, made into objects and thrown away. The price that is told is measured:
    the call is run again without the path, and the difference is what it costs, with all that
    hangs on it. In that run the path is loaded by raiseload, so a read that went unnoticed would
    raise, and what comes out has to be the same. A read that goes past the attribute, by vars(),
    `__dict__` or pickle, does not raise: it is seen only where it shows in what comes out. Of a
    call that returns nothing, and writes a file for instance, it is not.

    It is reported only if qprof saw all reads of the objects: a call that returns no
    mapped objects and keeps none, a request, or a --touch step. Of a call that returns objects
    without a touch step, only its caller knows what is read, and nothing is claimed.

    How to fix
    ----------
    Do not load it here. If the mapping loads it, leave it out by an option.

        # bad
        artists = select(Artist).options(selectinload(Artist.tracks))
        return [artist.name for artist in session.scalars(artists)]
        # good
        artists = select(Artist)
        return [artist.name for artist in session.scalars(artists)]
        # good, where relationship(lazy="selectin") loads it
        artists = select(Artist).options(raiseload(Artist.tracks))

    When to ignore
    --------------
    When other arguments, other data or another reader do read it: a branch that this run did not
    take, a template that shows it on request, or a reader that goes past the attribute.
    """

    id = "QP301"
    name = "unused-eager-load"
    level = "warning"

    def inspect(self, call: Call, thresholds: Thresholds) -> Iterable[Finding]:
        """Yield a finding for each path of the call that nobody asked for."""
        for idle in call.idle:
            if idle.use == "unread":
                yield self.finding(
                    call,
                    paths=(idle.path,),
                    title=f"{idle.path} is loaded ({idle.strategy}) but never read",
                    facts=f"that costs {price(idle.cost)}. {READERS[idle.reader]}",
                    fix=_fix(call, idle),
                    change=OptionChange({idle.path: "lazy"}),
                    evidence=figures(idle),
                    location=idle.site or loaded_at(call, idle.path),
                    subject=idle.site.function if idle.site else "",
                )


def _fix(call: Call, idle: Idle) -> str:
    joins = [join_of(each.joins, idle.path) for each in call.executions]
    if any(join is not None and join.mapped for join in joins):
        return (
            f'The mapping loads it (lazy="joined"): say raiseload({idle.hops[-1]}) in the options, '
            "or map it by the default lazy."
        )
    return (
        f"Take {eager(idle.strategy, idle.hops[-1])} out of the options; where the mapping loads "
        f"it, say raiseload({idle.hops[-1]})."
    )
