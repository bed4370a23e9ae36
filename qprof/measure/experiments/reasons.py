"""Why a plan cannot run."""

from sqlalchemy.orm.exc import DetachedInstanceError


def reason_of(error: BaseException) -> str:
    """Return why a plan cannot run, in one line."""
    if isinstance(error, DetachedInstanceError):
        return "the session is closed before the objects are read, so nothing can be loaded later"
    first = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
    return f"{type(error).__name__}: {first}"
