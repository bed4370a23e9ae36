"""Python imports this at its start, because `qprof run` put this folder first on PYTHONPATH.

It waits until the program has imported SQLAlchemy, and costs next to nothing where that never
happens. It never prints and never raises; what goes wrong is written to the trace folder. Any
interpreter may come by here: nothing is imported that is not already there, and the syntax is old.
"""

import atexit
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OWN = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib is not loaded yet
PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(OWN)))  # noqa: PTH120
TRACES = os.environ.get("QPROF_TRACES", "")
OLDEST = (3, 10)


def write(name: str, text: str) -> None:
    """Append a line to a file of the trace folder; do nothing where that is gone."""
    try:
        with open(os.path.join(TRACES, name), "a") as stream:  # noqa: PTH118, PTH123
            stream.write(text.replace("\n", " ") + "\n")
    except (OSError, ValueError):
        pass


def write_failure(text: str) -> None:
    """Write into the room that is reserved for this process; `folder.py` has the same room."""
    try:
        with open(os.path.join(TRACES, "failures"), "r+b") as stream:  # noqa: PTH118, PTH123
            stream.seek(os.getpid() % 128 * 256)
            stream.write(text.replace("\n", " ").encode()[:255].ljust(255, b"\0"))
    except (OSError, ValueError):
        pass


def begin(late: bool = False) -> None:
    """Load qprof and let it wait for the first connection; `late` where it may have come."""
    begun.append(sys.modules.get("sqlalchemy"))
    try:
        if sys.version_info < OLDEST:
            raise RuntimeError(f"Python {sys.version.split()[0]} is too old, 3.10 is needed")
        if "qprof" not in sys.modules:
            load_qprof()
        from qprof.targets.program.child import start

        start(TRACES, late)
    except Exception as error:
        if late:
            begun.pop()  # It may be on its way in still: the next import tries again.
        else:
            write_failure(f"{type(error).__name__}: {error}")


def look_back() -> None:
    """Say, at the end, that SQLAlchemy was there and that nobody waited for its connections."""
    module = sys.modules.get("sqlalchemy")
    if module is not None and is_new(module) and is_whole(module):
        write_failure("SQLAlchemy was imported in a way that qprof does not see")


begun = []  # type: list[Any]
"""The modules of SQLAlchemy whose connections are waited for."""


def load_qprof() -> None:
    """Load qprof from where it is: it may belong to another environment than this program."""
    from importlib.util import module_from_spec, spec_from_file_location

    init = os.path.join(PACKAGE, "__init__.py")  # noqa: PTH118
    spec = spec_from_file_location("qprof", init, submodule_search_locations=[PACKAGE])
    assert spec is not None
    assert spec.loader is not None
    sys.modules["qprof"] = module = module_from_spec(spec)
    spec.loader.exec_module(module)


class Finder:
    """Sees the import of SQLAlchemy pass by; everything else is found as ever.

    It stays: many programs only ask whether there is an SQLAlchemy, an import may fail or be made
    anew, and another thread may be walking through `sys.meta_path`. Where a finder of the program's
    own is asked before this one, the next import of anything else tells.
    """

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "Any":
        """Return the spec of SQLAlchemy, whose execution will be followed by `begin`."""
        if name != "sqlalchemy":
            module = sys.modules.get("sqlalchemy")
            if module is not None and is_new(module) and is_whole(module):
                begin(late=True)
            return None
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find and finder is not self else None
            if spec is not None:
                follow(spec.loader)
                return spec
        return None


def follow(loader: "Any") -> None:
    """Let `begin` run after `loader` executed SQLAlchemy, and leave no trace on `loader`."""
    execute = getattr(loader, "exec_module", None)  # type: Any

    def exec_module(module: "Any") -> None:
        # One loader may be asked for several modules, as that of a zip file is.
        if module.__name__ == "sqlalchemy":
            vars(loader).pop("exec_module", None)
        execute(module)
        if module.__name__ == "sqlalchemy" and is_new(module):
            begin()

    try:
        if execute is not None and "exec_module" not in vars(loader):
            loader.exec_module = exec_module
    except (AttributeError, TypeError):
        pass  # Such a loader lets nobody follow; the next import tells.


def is_new(module: "Any") -> bool:
    """Return whether nobody waits for the connections of `module` yet."""
    return all(each is not module for each in begun)


def is_whole(module: "Any") -> bool:
    """Return whether `module` is SQLAlchemy, no stand-in of a test's, and not on its way in."""
    spec = getattr(module, "__spec__", None)
    is_real = type(module) is type(sys) and "sqlalchemy.pool" in sys.modules
    return is_real and hasattr(module, "__version__") and not getattr(spec, "_initializing", False)


def hand_over() -> None:
    """Import the sitecustomize that this one hides, as Python would have done; it may raise."""
    sys.path[:] = [each for each in sys.path if os.path.abspath(each or ".") != OWN]  # noqa: PTH100
    own = sys.modules.pop(__name__)
    try:
        __import__(__name__)
    except ImportError as error:
        if error.name != __name__:
            raise
    finally:
        # The import system takes this entry back when this module is done.
        sys.modules.setdefault(__name__, own)


if TRACES:
    write("processes", str(os.getpid()))
    if "sqlalchemy" in sys.modules:
        begin()
    else:
        finder = Finder()  # type: Any
        sys.meta_path.insert(0, finder)
    atexit.register(look_back)
if __name__ == "sitecustomize":
    hand_over()
