"""Why a plan cannot run, or a database refused a statement."""

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import DetachedInstanceError


def reason_of(error: BaseException) -> str:
    """Return why a plan cannot run, in one line."""
    if isinstance(error, DetachedInstanceError):
        return "DetachedInstanceError: the objects were read after the session was closed"
    first = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
    return f"{type(error).__name__}: {first}"


def driver_reason(error: DBAPIError) -> str:
    """Return the first line of a driver's message; PyMySQL's comes with a number in front."""
    arguments = error.orig.args if error.orig else ()
    said = str(arguments[-1] if arguments else error.orig or "").strip()
    return said.splitlines()[0].rstrip(".") if said else "no reason given"
