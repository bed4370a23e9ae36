"""QP302 count-only-load."""

from collections.abc import Iterable

from qprof.domain.report import Finding
from qprof.domain.trace import Call, Idle
from qprof.judge.rules.rule import Rule
from qprof.judge.rules.thresholds import Thresholds
from qprof.judge.rules.wording import READERS, figures, loaded_at, price


class CountOnlyLoad(Rule):
    """A collection loaded only to be counted.

    A collection is loaded, by an option or lazily, and then asked for nothing but its length, by
    len(), bool() or `if artist.tracks:`.

    Why
    ---
    Every row is fetched and made into an object, for a number that the database can tell. The
    price that is told is measured: what the statements of the collection fetch, and, where it is
    joined, what the JOIN adds to the rows of the others.

    Collections are watched while the call runs once, untimed; a collection that is iterated,
    searched or handed on has been read. As with QP301, it speaks only where whoever reads the
    objects was observed to the end, and does not see what goes past the attribute. It is silent on
    sets, which Python reads past their methods, and on dicts whose key is read off each object
    (attribute_keyed_dict): such objects have been read.

    How to fix
    ----------
    Let the database count, in the same statement or in one for all parents.

        # bad
        artists = select(Artist).options(selectinload(Artist.tracks))
        return {artist.name: len(artist.tracks) for artist in session.scalars(artists)}
        # good
        counts = (
            select(Artist.name, func.count(track_artists.c.track_id))
            .outerjoin(track_artists)
            .group_by(Artist.id)
        )
        return dict(session.execute(counts).all())

    A column_property() over such a count, or with_expression(), keeps the objects. For "is there
    any", use Artist.tracks.any().

    When to ignore
    --------------
    When the collections are small and few, or when the same objects are read later in the session.
    """

    id = "QP302"
    name = "count-only-load"
    level = "warning"

    def inspect(self, call: Call, thresholds: Thresholds) -> Iterable[Finding]:
        """Yield a finding for each collection of the call that was only counted."""
        for idle in call.idle:
            if idle.use == "counted":
                yield self.finding(
                    call,
                    paths=(idle.path,),
                    title=f"{idle.path} is loaded ({idle.strategy}) only to be counted",
                    facts=f"that costs {price(idle.cost)}; one count for each parent is enough. "
                    f"{READERS[idle.reader]}",
                    fix=_fix(idle),
                    evidence=figures(idle),
                    location=loaded_at(call, idle.path),
                )


def _fix(idle: Idle) -> str:
    parent = idle.hops[-1].partition(".")[0]
    return (
        f"Count in SQL: func.count() over an outer join of {idle.hops[-1]}, grouped by the key of "
        f"{parent}; as a column_property() to keep the objects; {idle.hops[-1]}.any() to ask "
        "whether there is one."
    )
