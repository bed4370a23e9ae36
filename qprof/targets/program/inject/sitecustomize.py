"""Python imports this at its start, because `qprof run` put this folder first on PYTHONPATH.

It waits until the program has imported SQLAlchemy, and costs next to nothing where that never
happens. It never prints and never raises; what goes wrong is written to the trace folder. Any
interpreter may come by here: nothing is imported that is not already there, and the syntax is old.
"""

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


def begin() -> None:
    """Load qprof and let it wait for the first connection."""
    try:
        if sys.version_info < OLDEST:
            raise RuntimeError(f"Python {sys.version.split()[0]} is too old, 3.10 is needed")
        if "qprof" not in sys.modules:
            load_qprof()
        from qprof.targets.program.child import start

        start(TRACES)
    except Exception as error:
        write("failures", f"{type(error).__name__}: {error}")


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
    """Sees the import of SQLAlchemy pass by; everything else is found as ever."""

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "Any":
        """Return the spec of SQLAlchemy, whose execution will be followed by `begin`."""
        if name != "sqlalchemy":
            return None
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find and finder is not self else None
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    follow(spec.loader)
                    sys.meta_path.remove(self)
                return spec
        return None


def follow(loader: "Any") -> None:
    """Let `begin` run after `loader` executed its module, and leave no trace on `loader`."""
    execute = loader.exec_module

    def exec_module(module: "Any") -> None:
        del loader.exec_module
        execute(module)
        begin()

    loader.exec_module = exec_module


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
if __name__ == "sitecustomize":
    hand_over()
