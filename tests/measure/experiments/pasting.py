"""Printed options in place of those of a statement, without the code that printed them."""

import builtins
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy
import sqlalchemy.orm
from sqlalchemy.event import listen, remove
from sqlalchemy.orm import ORMExecuteState, Session


class Names(dict[str, Any]):
    """What code may name; an unknown name is the alias that the statement selects."""

    alias: Any = None

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            raise KeyError(name)
        return self.alias


def evaluated(code: str, names: Mapping[str, Any], alias: Any = None) -> tuple[Any, ...]:
    """Return the options of a text, ".options(a, b)"."""
    known = Names({**vars(sqlalchemy), **vars(sqlalchemy.orm), **names})
    known.alias = alias
    inner = code.removeprefix(".options(").removesuffix(")")
    return eval(f"({inner},)", {}, known) if inner else ()  # type: ignore[no-any-return]


@contextmanager
def pasting(codes: Sequence[str], names: Mapping[str, Any]) -> Iterator[None]:
    """Give the statements that calls send within the block these options, one after the other.

    Those after the last keep their own: SQLAlchemy sends selectin_polymorphic's without a mark.
    """
    left = iter(codes)

    def paste(state: ORMExecuteState) -> None:
        if not state.is_select or state.is_relationship_load or state.is_column_load:
            return
        code = next(left, None)
        if code is None:
            return
        statement: Any = state.statement._generate()  # type: ignore[attr-defined]
        statement._with_options = ()
        entity = statement.column_descriptions[0]["entity"]
        state.statement = statement.options(*evaluated(code, names, entity))

    listen(Session, "do_orm_execute", paste)
    try:
        yield
    finally:
        remove(Session, "do_orm_execute", paste)
