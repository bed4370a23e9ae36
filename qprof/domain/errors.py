"""Errors shown to the user as one sentence, each with an exit code; `cli` alone catches them.

QprofError (exit code 2: usage or configuration) has one child, MeasureError (3: the database or
the call could not be measured), and that one children of its own, for what is no call to measure.
"""


class QprofError(Exception):
    """A sentence for the user: what was wrong, the value, and what to type next."""

    exit_code = 2
    meant: tuple[str, str] | None = None
    """A name that is wrong, and the one that is nearest, for the command line to exchange."""
    lacks: str = ""
    """The option that the command line needs, with its value: "--database URL"."""


class MeasureError(QprofError):
    """The database is out of reach, or the call raised: there is nothing to judge."""

    exit_code = 3


class NoCall(MeasureError):
    """The call is not for qprof to measure: a run of all calls leaves it out."""


class WriteRefused(NoCall):
    """The call writes, which qprof lets none do."""


class NothingSent(NoCall):
    """The call gives out a session or an engine, and sends no statement."""
