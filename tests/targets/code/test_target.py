"""What counts as a call of a user's."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Literal, Optional, Protocol

import pytest
from sqlalchemy.orm import Session, sessionmaker

from qprof.targets.code import find_calls
from qprof.targets.code.needs import Kind, Need
from tests.cli.door import environment


def names(attribute: object) -> list[str]:
    """Return the names of the calls of an attribute."""
    return sorted(find_calls(attribute, "app:it"))


ANNOTATIONS = [
    Session,
    "Session",
    "orm.Session",
    "Session | None",
    "Optional[Session]",
    Optional[Session],  # noqa: UP045
    Annotated[Session, "injected"],
]


@pytest.mark.parametrize("annotation", ANNOTATIONS)
def test_an_annotation_makes_a_session(annotation: Any) -> None:
    """Whatever the parameter is called, and however its type is written."""

    def call(query: str, s: Any) -> None: ...

    call.__annotations__["s"] = annotation
    assert find_calls(call, "app:call")["call"].parameters.keys() == {"query"}


MAKERS = [
    sessionmaker,
    "sessionmaker",
    "orm.sessionmaker[Session]",
    sessionmaker[Session],
    Callable[[], Session],
    "Callable[[], Session]",
    Callable[[], AbstractContextManager[Session]],
    Optional[sessionmaker[Session]],  # noqa: UP045
]


@pytest.mark.parametrize("annotation", MAKERS)
def test_an_annotation_makes_a_maker_of_sessions(annotation: Any) -> None:
    """Which is called by the function, and is no session."""

    def call(s: Any) -> None: ...

    call.__annotations__["s"] = annotation
    function = find_calls(call, "app:call")["call"].function
    assert function is not None
    assert function.needs == {"s": Need(Kind.FACTORY)}


class SessionLike(Protocol):
    def scalars(self, statement: Any) -> Any: ...


@pytest.mark.parametrize("annotation", ["DBSession", "db.Handle", SessionLike, Any])
def test_a_name_tells_where_the_annotation_does_not(annotation: Any) -> None:
    """A protocol, or a type that is imported for type checkers only."""

    def call(db: Any) -> None: ...

    call.__annotations__["db"] = annotation
    assert find_calls(call, "app:call")["call"].supplied


@pytest.mark.parametrize(
    "annotation", [str, "list[Artist]", int | None, Literal["asc"], Literal["a"] | None]
)
def test_another_annotation_is_an_argument_of_the_user_s(annotation: Any) -> None:
    """Even where its name has Session in it."""

    def call(session: Any) -> None: ...

    call.__annotations__["session"] = annotation
    found = find_calls(call, "app:call")["call"]
    assert found.missing == ("session",)
    assert not found.supplied


@pytest.mark.parametrize("name", ["session", "db_session", "db"])
def test_a_name_makes_a_session(name: str) -> None:
    """Without an annotation."""
    scope: dict[str, Any] = {}
    exec(f"def call({name}, query='A'): ...", scope)
    assert names(scope["call"]) == ["call"]


class Repository:
    def __init__(self, session: Session) -> None:
        self.session = session

    def all(self) -> None: ...

    def _own(self) -> None: ...


class Unit:
    def __init__(self, session: Session) -> None:
        self.artists = Repository(session)


def test_a_class_gives_its_public_methods() -> None:
    """Named by the class."""
    assert names(Repository) == ["Repository.all"]


def test_a_class_gives_those_of_its_repositories() -> None:
    """Named by the attribute that holds each."""
    assert names(Unit) == ["artists.all"]


def test_a_mapping_names_its_calls() -> None:
    """By its keys."""
    assert names({"shop": Repository, "one": lambda session: None}) == ["one", "shop.all"]


def test_a_module_gives_what_it_defines() -> None:
    """Not what it imported."""
    module = ModuleType("own")
    own = "def one(session): ...\ndef _two(session): ...\n"
    exec(own, vars(module))
    vars(module)["other"] = Repository
    assert names(module) == ["one"]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 cannot start without it")
def test_the_console_script_finds_a_module_of_this_folder(tmp_path: Path) -> None:
    """As `python -m qprof` does, although a script's path starts elsewhere."""
    (tmp_path / "shop.py").write_text("def one(session): ...\n")
    program = "from qprof.targets.code import load_target; print(*load_target('shop:one'))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "one\n", done.stderr
