"""Authors by repositories of advanced-alchemy."""

from __future__ import annotations

from typing import Any

from advanced_alchemy.extensions.litestar import (
    AsyncSessionConfig,
    SQLAlchemyAsyncConfig,
    SQLAlchemyPlugin,
)
from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from litestar import Controller, Litestar, get
from litestar.di import Provide
from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    books: Mapped[list[Book]] = relationship(lazy="joined")
    prizes: Mapped[list[Prize]] = relationship(lazy="joined")


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))


class Prize(Base):
    __tablename__ = "prize"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))


class AuthorRepository(SQLAlchemyAsyncRepository[Author]):
    model_type = Author
    uniquify = True  # for what the mapping joins


async def provide_authors(db_session: AsyncSession) -> AuthorRepository:
    return AuthorRepository(session=db_session)


def shown(author: Author) -> dict[str, Any]:
    books = [each.title for each in author.books]
    return {"name": author.name, "books": books, "prizes": [each.name for each in author.prizes]}


class AuthorController(Controller):
    path = "/authors"
    dependencies = {"authors": Provide(provide_authors)}  # noqa: RUF012

    @get("/")
    async def every(self, authors: AuthorRepository) -> list[dict[str, Any]]:
        return [shown(each) for each in await authors.list()]

    @get("/{author_id:int}")
    async def one(self, authors: AuthorRepository, author_id: int) -> dict[str, Any]:
        return shown(await authors.get(author_id))


config = SQLAlchemyAsyncConfig(
    connection_string="sqlite+aiosqlite:///app.db",
    session_config=AsyncSessionConfig(expire_on_commit=False),
)
app = Litestar([AuthorController], plugins=[SQLAlchemyPlugin(config)])
