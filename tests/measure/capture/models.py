"""A publishing house: every kind of relationship that capture has to tell apart."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Table, insert, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    """Root of every model."""


book_tags = Table(
    "book_tags",
    Base.metadata,
    Column("book_id", ForeignKey("book.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
)


class Author(Base):
    """Has two sibling collections, and itself."""

    __tablename__ = "author"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    mentor_id: Mapped[int | None] = mapped_column(ForeignKey("author.id"))
    biography: Mapped[str | None] = mapped_column(deferred=True)

    books: Mapped[list[Book]] = relationship(back_populates="author", order_by="Book.id")
    prizes: Mapped[list[Prize]] = relationship(order_by="Prize.id")
    mentor: Mapped[Author | None] = relationship(remote_side=id, back_populates="pupils")
    pupils: Mapped[list[Author]] = relationship(back_populates="mentor", order_by="Author.id")


class Prize(Base):
    """The author's second collection."""

    __tablename__ = "prize"

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))


class House(Base):
    """A to-one bridge from a book to further collections."""

    __tablename__ = "house"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    offices: Mapped[list[Office]] = relationship(order_by="Office.id")


class Office(Base):
    """Where a house is."""

    __tablename__ = "office"

    id: Mapped[int] = mapped_column(primary_key=True)
    house_id: Mapped[int] = mapped_column(ForeignKey("house.id"))


class Book(Base):
    """Has a required to-one, an optional to-one, a many-to-many and a one-to-many."""

    __tablename__ = "book"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    house_id: Mapped[int | None] = mapped_column(ForeignKey("house.id"))

    author: Mapped[Author] = relationship(back_populates="books")
    house: Mapped[House | None] = relationship()
    tags: Mapped[list[Tag]] = relationship(secondary=book_tags, order_by="Tag.id")
    reviews: Mapped[list[Review]] = relationship(order_by="Review.number")


class Tag(Base):
    """A word that many books share."""

    __tablename__ = "tag"

    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str]


class Review(Base):
    """Its primary key has two columns."""

    __tablename__ = "review"

    book_id: Mapped[int] = mapped_column(ForeignKey("book.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    stars: Mapped[int]

    votes: Mapped[list[Vote]] = relationship(order_by="Vote.id")


class Vote(Base):
    """Its foreign key has two columns."""

    __tablename__ = "vote"
    __table_args__ = (
        ForeignKeyConstraint(["book_id", "number"], ["review.book_id", "review.number"]),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int]
    number: Mapped[int]


class Loan(Base):
    """Its mapper joins the book by default, and the database fills one column in."""

    __tablename__ = "loan"

    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int | None] = mapped_column(ForeignKey("book.id"))
    state: Mapped[str] = mapped_column(server_default=text("'open'"))

    book: Mapped[Book | None] = relationship(lazy="joined")


class Person(Base):
    """Superclass in joined table inheritance."""

    __tablename__ = "person"
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "person"}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    house_id: Mapped[int | None] = mapped_column(ForeignKey("house.id"))

    house: Mapped[House | None] = relationship(backref="staff")


class Editor(Person):
    """Subclass with a collection of its own."""

    __tablename__ = "editor"
    __mapper_args__ = {"polymorphic_identity": "editor"}  # noqa: RUF012

    id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    desk: Mapped[str]

    notes: Mapped[list[Memo]] = relationship(order_by="Memo.id")


class Memo(Base):
    """What an editor wrote."""

    __tablename__ = "memo"

    id: Mapped[int] = mapped_column(primary_key=True)
    editor_id: Mapped[int] = mapped_column(ForeignKey("editor.id"))


AUTHORS, BOOKS, PRIZES, TAGS, REVIEWS = 12, 40, 24, 5, 30


def fill(session: Session) -> None:
    """Write a small house: 12 authors, 40 books of the first 10 authors, 24 prizes, 5 tags."""
    rows = {
        House: [{"id": i, "name": f"house {i}"} for i in (1, 2, 3)],
        Office: [{"id": i, "house_id": 1 + i % 2} for i in range(1, 8)],
        Author: [
            {"id": i, "name": f"author {i}", "mentor_id": i // 2 or None, "biography": "long"}
            for i in range(1, AUTHORS + 1)
        ],
        Prize: [{"id": i, "author_id": 1 + i % 5} for i in range(1, PRIZES + 1)],
        Book: [
            {"id": i, "title": f"book {i}", "author_id": 1 + i % 10, "house_id": i % 4 or None}
            for i in range(1, BOOKS + 1)
        ],
        Tag: [{"id": i, "word": f"tag {i}"} for i in range(1, TAGS + 1)],
        Review: [{"book_id": i, "number": n, "stars": n} for i in range(1, 16) for n in (1, 2)],
        Vote: [{"id": i, "book_id": 1 + i % 15, "number": 1 + i % 2} for i in range(1, 21)],
        Loan: [{"id": i, "book_id": i} for i in (1, 2, 3)],
        Editor: [{"id": i, "house_id": 1, "desk": "d"} for i in (1, 2)],
        Memo: [{"id": i, "editor_id": 1 + i % 2} for i in range(1, 6)],
    }
    for model, values in rows.items():
        session.execute(insert(model), values)
    links = [{"book_id": i, "tag_id": t} for i in range(1, 31) for t in {1 + i % 5, 1 + i % 3}]
    session.execute(book_tags.insert(), links)
