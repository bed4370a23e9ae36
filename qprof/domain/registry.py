"""A name, or "module:attribute", to an object; a wrong one to a sentence with the nearest name."""

import difflib
import importlib
import pkgutil
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from operator import eq
from pathlib import Path
from typing import TypeVar

from qprof.domain.errors import QprofError

T = TypeVar("T")
_NEAR = 0.6
"""From which ratio of difflib on a name is near: below, half of the letters are others."""
_FEW = 5
"""How many names stand beside the nearest one."""
_LISTED = 30
"""How many names an error lists; more is no help."""


def nearest(name: str, names: Iterable[str]) -> str:
    """Return " Did you mean …?" for the closest of `names`, or "" where none is close."""
    return suggestion(closest(name, names))


def suggestion(close: str | None) -> str:
    """Return " Did you mean …?" for a name; "" for None."""
    return f" Did you mean {close!r}?" if close else ""


def closest(name: str, names: Iterable[str]) -> str | None:
    """Return the closest of `names`; None where none is close."""
    known = {each.lower(): each for each in names}
    close = difflib.get_close_matches(name.lower(), known, n=5, cutoff=_NEAR)
    return known[_closest(name.lower(), close)] if close else None


def _closest(name: str, close: Sequence[str]) -> str:
    """Return the best match; of equally good ones, that with most letters in their place."""

    def likeness(other: str) -> tuple[float, int]:
        ratio = difflib.SequenceMatcher(None, other, name).ratio()
        return ratio, sum(map(eq, name, other))

    return max(close, key=likeness)


def unknown(what: str, name: str, names: Iterable[str], where: str = "") -> QprofError:
    """Return the error for a `name` that is not one of `names`; `where` says of what they are."""
    known = sorted(names)
    close = closest(name, known)
    listed = ", ".join(known[:_LISTED]) or "none"
    if len(known) > _LISTED:
        listed += f" and {len(known) - _LISTED} more"
    # Beside the name that was meant, a list of many is no help.
    told = f" Known: {listed}." if close is None or len(known) <= _FEW else ""
    place = f" {where}" if where else ""
    found = QprofError(f"Unknown {what} {name!r}{place}.{suggestion(close)}{told}")
    found.meant = (name, close) if close else None
    return found


def lookup(what: str, name: str, members: Mapping[str, T]) -> T:
    """Return the member called `name`.

    Raises QprofError, naming the nearest member, where there is none.
    """
    if name not in members:
        raise unknown(what, name, members)
    return members[name]


def load(reference: str) -> object:
    """Return the object at "package.module:attribute" (attributes may be dotted).

    Raises QprofError where the form, the module or the attribute is wrong, or the module raises
    while it is imported.
    """
    module_name, colon, attribute = reference.partition(":")
    if not colon or not module_name or not attribute:
        raise QprofError(
            f"{reference!r} is not of the form package.module:attribute. Write, for example, "
            "myapp.repositories:ArtistRepository."
        )
    found: object = _module(module_name)
    for name in attribute.split("."):
        if not hasattr(found, name) and not _is_submodule(found, name):
            raise unknown("attribute", name, _public(found), f"of {module_name}")
        found = getattr(found, name)
    return found


def _is_submodule(package: object, name: str) -> bool:
    """Return whether `name` is a module of the package; from then on it is an attribute."""
    if name not in _submodules(package):
        return False
    _module(f"{package.__name__}.{name}")  # type: ignore[attr-defined]
    return True


def _module(name: str) -> object:
    # As `python -m qprof` has it; the console script starts without this folder.
    if str(Path.cwd()) not in sys.path and "" not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        if missing is None or not f"{name}.".startswith(f"{missing}."):
            raise _broken(name, error) from error
        raise QprofError(
            f"There is no module {name!r} on the Python path.{_nearest_module(name, missing)} "
            "Run qprof from the folder that holds it, or install it in the same environment."
        ) from error


def _broken(name: str, error: BaseException) -> QprofError:
    """Return the sentence for a module that raises, or ends the process, while it is imported."""
    *_, last = traceback.extract_tb(error.__traceback__)
    place = f"{last.filename}:{last.lineno}"
    if isinstance(error, SyntaxError):
        place = f"{error.filename}:{error.lineno}"
    said = f"{type(error).__name__}: {error}".strip(": ").splitlines()[0]
    is_script = isinstance(error, SystemExit)
    ends = " Put what it runs below if __name__ == '__main__'." if is_script else ""
    return QprofError(f"The module {name!r} cannot be imported: {said} ({place}).{ends}")


def _nearest_module(name: str, missing: str) -> str:
    """Return the question after the module that is meant, where one is close.

    `missing` is the first part of `name` that is not there, with its packages.
    """
    package, _, last = missing.rpartition(".")
    # Of what is installed, hundreds of names are close to anything; this folder is the user's.
    where = getattr(sys.modules.get(package), "__path__", []) if package else [str(Path.cwd())]
    there = [each.name for each in pkgutil.iter_modules(where)]
    close = difflib.get_close_matches(last, there, n=1, cutoff=_NEAR)
    if not close:
        return ""
    meant = f"{package}.{close[0]}".lstrip(".") + name[len(missing) :]
    return f" Did you mean {meant!r}?"


def _submodules(package: object) -> set[str]:
    return {each.name for each in pkgutil.iter_modules(getattr(package, "__path__", []))}


def _public(owner: object) -> list[str]:
    return [name for name in {*dir(owner), *_submodules(owner)} if not name.startswith("_")]
