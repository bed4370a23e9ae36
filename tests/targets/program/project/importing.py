"""Imports SQLAlchemy in an uncommon way, and sends one statement: importing.py WAY."""

import importlib.machinery
import importlib.util
import sys
from typing import Any


def probe() -> None:
    """Only ask whether it is there, as many libraries do."""
    importlib.util.find_spec("sqlalchemy")


def lazily() -> None:
    """Let it be executed at the first look into it."""
    spec = importlib.util.find_spec("sqlalchemy")
    spec.loader = importlib.util.LazyLoader(spec.loader)
    sys.modules["sqlalchemy"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


class Wrapping:
    """A loader that can be given no attribute, as import hooks have them."""

    __slots__ = ("loader",)

    def __init__(self, loader: Any) -> None:
        self.loader = loader

    def create_module(self, spec: Any) -> None:
        """Leave that to Python."""

    def exec_module(self, module: Any) -> None:
        self.loader.exec_module(module)


class Hook:
    """A finder of the program's own."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if self.names and name not in self.names:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and self.names:
            spec.loader = Wrapping(spec.loader)
        return spec


def hooked() -> None:
    """Be found by a hook that is asked first."""
    sys.meta_path.insert(0, Hook("sqlalchemy"))


def anew() -> None:
    """Import it, forget it, and import it again."""
    __import__("sqlalchemy")
    for name in [each for each in sys.modules if each.split(".")[0] == "sqlalchemy"]:
        del sys.modules[name]


def failing() -> None:
    """Fail at first."""
    sys.modules["sqlalchemy.util"] = None  # type: ignore[assignment]
    try:
        __import__("sqlalchemy")
    except ImportError:
        del sys.modules["sqlalchemy.util"]


def hidden() -> None:
    """Let nobody else see any import."""
    sys.meta_path[:] = [importlib.machinery.BuiltinImporter, Hook()]  # type: ignore[list-item]


globals()[sys.argv[1]]()

import sqlalchemy  # noqa: E402

with sqlalchemy.create_engine("sqlite://").connect() as connection:
    print(connection.scalar(sqlalchemy.text("select 1")))
