"""Which function a statement belongs to."""

import sys
from types import FrameType

from qprof.targets.program.attribution import derived_qualname
from tests.targets.program.conftest import Shop


def test_by_default_the_function_that_issued_the_query(shop: Shop) -> None:
    """Module, class and method of the innermost frame that is the project's own."""
    done = shop.python("threads.py")
    assert set(done.calls) == {
        "shop.repositories.Customers._one",
        "shop.repositories.Customers.count",
    }


def test_a_pattern_names_the_outermost_function_that_matches(shop: Shop) -> None:
    """With --calls a repository method has what its helpers sent, though they match, too."""
    done = shop.python("threads.py", options=("--calls", "shop.repositories.*"))
    assert set(done.calls) == {
        "shop.repositories.Customers.get",
        "shop.repositories.Customers.count",
    }


def test_what_no_pattern_matches_is_elsewhere(shop: Shop) -> None:
    """Several patterns may be given; the rest keeps its figures, without a name."""
    done = shop.python("threads.py", options=("--calls", "*.count", "--calls", "nobody.*"))
    assert {name: call.cost.queries for name, call in done.calls.items()} == {
        "threads.count": 20,
        "elsewhere": 12,
    }


def test_patterns_that_match_nothing_are_said(shop: Shop) -> None:
    """A typing error in --calls does not look like a program without repositories."""
    done = shop.python("threads.py", options=("--calls", "shop.repository.*"))
    assert "No function matched 'shop.repository.*'" in done.err


def test_patterns_reach_across_the_greenlet(shop: Shop) -> None:
    """With --calls the coroutine above the session's greenlet is found."""
    done = shop.python("asynchronous.py", options=("--calls", "*.main"))
    assert set(done.calls) == {"elsewhere"}
    done = shop.python("asynchronous.py", options=("--calls", "asynchronous.orders"))
    assert done.calls["asynchronous.orders"].cost.queries == 3


def test_a_worker_names_the_main_module_as_its_parent_does(shop: Shop) -> None:
    """A spawned child runs the script as __mp_main__; its functions keep the script's name."""
    done = shop.python("processes.py", "spawn", options=("--calls", "processes.*"))
    assert set(done.calls) == {"processes.ask", "processes.<module>"}


def test_typed_in_code_has_a_name(shop: Shop) -> None:
    """Code of python -c has no file; its statements are not somewhere else for that."""
    script = "import sqlalchemy as sa; sa.create_engine('sqlite://').connect().scalar(sa.select(1))"
    assert set(shop.python("-c", script).calls) == {"<string>.<module>"}


def test_names_are_derived_where_python_does_not_keep_them() -> None:
    """As on Python 3.10: methods by their object, class methods by their class."""
    assert Sample().method() == "Sample.method"
    assert Child().method() == "Sample.method"
    assert Sample.of_class() == "Sample.of_class"
    assert Sample.static() == "static"
    assert plain("anything") == "plain"


def own_frame() -> FrameType:
    return sys._getframe(1)


class Sample:
    def method(self) -> str:
        return derived_qualname(own_frame())

    @classmethod
    def of_class(cls) -> str:
        return derived_qualname(own_frame())

    @staticmethod
    def static() -> str:
        return derived_qualname(own_frame())


class Child(Sample):
    pass


def plain(argument: str) -> str:
    return derived_qualname(own_frame())
