"""QP203 swallowed-lazy-load."""

from collections.abc import Iterable
from dataclasses import astuple

from qprof.domain.report import Finding
from qprof.domain.trace import Call, Cost, OptionChange, Scalar, Swallowed
from qprof.domain.words import counted
from qprof.judge.rules.loader_code import eager, loaded_as
from qprof.judge.rules.rule import Rule
from qprof.judge.rules.thresholds import Thresholds
from qprof.judge.rules.wording import places, price


class SwallowedLazyLoad(Rule):
    """An `except` hides a failed lazy load.

    A relationship is read that was not loaded and cannot be: the session is gone
    (DetachedInstanceError), raiseload forbids it, or an async session is read without await
    (MissingGreenlet). The error does not come out of the call: an `except` on the way drops it.

    Why
    ---
    What could not be loaded is missing in what comes out, and the call looks cheap for it: no query
    and no row shows what is lost. That is no price saved, it is a wrong answer. It is none where
    the `except` loads the same in another way, parent by parent: then the figures hold that, and
    the finding is a note.

    The reads are observed while the call runs once, untimed, with a touch step or a request to its
    end; a read in code that was not run is not claimed. The price is measured where the call can be
    run again with the path loaded along with its parents and no read of it fails then: it is the
    difference between both runs. Else it says why there is none. What comes out of both is compared
    as well. Where it is nothing or mapped objects, that tells nothing, and it says "if anything".

    How to fix
    ----------
    Load the path along with its parents, and take the `except` away.

        # bad
        with Session() as session:
            artists = session.scalars(select(Artist)).all()
        try:
            return [artist.albums for artist in artists]
        except DetachedInstanceError:
            return []
        # good
        with Session() as session:
            artists = session.scalars(select(Artist).options(selectinload(Artist.albums))).all()
        return [artist.albums for artist in artists]

    When to ignore
    --------------
    When the code asks on purpose what is loaded; inspect(artist).unloaded tells it without error.
    """

    id = "QP203"
    name = "swallowed-lazy-load"
    level = "warning"

    def inspect(self, call: Call, thresholds: Thresholds) -> Iterable[Finding]:
        """Yield a finding for each path of the call whose lazy loads failed unheard."""
        for each in call.swallowed:
            yield self.finding(
                call,
                paths=(each.path,),
                title=f"{each.path} could not be loaded, and an `except` hides the error",
                facts=f"{_what(each)}{places(each.sites)}. {_MISSING[each.same]}. {_price(each)}",
                fix=_fix(call, each),
                change=OptionChange({each.path: each.strategy}),
                evidence=_evidence(each),
                location=each.sites[0] if each.sites else None,
                level="note" if each.same else None,
                subject=each.error,
            )


_WHY = {
    "DetachedInstanceError": "its session was gone",
    "raiseload": "raiseload forbids it",
    "MissingGreenlet": "an async session loads nothing without await",
}
_MISSING = {
    True: "The result is the same if the path is loaded",
    False: "The result differs if the path is loaded; no figure counts what is missing",
    None: "No figure counts what is missing, if anything",
}
"""By whether the same comes out with the path loaded."""


def _what(each: Swallowed) -> str:
    error = "" if each.error == "raiseload" else f" ({each.error})"
    return f"{counted(each.count, 'read')} failed because {_WHY[each.error]}{error}"


def _price(each: Swallowed) -> str:
    how = eager(each.strategy, each.hops[-1])
    if each.cost is None:
        return f"What {how} would cost was not measured: {each.reason}."
    return f"With {how}, measured, no read of it fails and the call costs {_change(each.cost)}."


def _change(cost: Cost) -> str:
    more = Cost(*(max(part, 0) for part in astuple(cost)))
    less = more - cost
    parts = [
        f"{price(part)} {word}"
        for part, word in ((more, "more"), (less, "less"))
        if part != Cost(0, 0, 0)
    ]
    return " and ".join(parts) or "no more"


def _fix(call: Call, each: Swallowed) -> str:
    if each.error == "raiseload":
        how = eager(each.strategy, each.hops[-1])
        return f"Put {how} in place of raiseload, or leave the read out; and drop the except."
    return loaded_as(call, each.hops, each.strategy)


def _evidence(each: Swallowed) -> dict[str, Scalar]:
    cost = each.cost
    return {
        "reads": each.count,
        "same_result": each.same,
        "error": each.error,
        "strategy": each.strategy,
        "queries": cost.queries if cost else None,
        "rows": cost.rows if cost else None,
        "cells": cost.cells if cost else None,
    }
