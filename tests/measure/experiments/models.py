"""A bookshop: every kind of relationship that a plan has to move, and a few rows of each."""

from __future__ import annotations

from sqlalchemy import Column, Engine, ForeignKey, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


book_tags = Table(
    "book_tags",
    Base.metadata,
    Column("book_id", ForeignKey("book.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
)


class Country(Base):
    __tablename__ = "country"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    country_id: Mapped[int | None] = mapped_column(ForeignKey("country.id"))
    country: Mapped[Country | None] = relationship()
    books: Mapped[list[Book]] = relationship(back_populates="author", order_by="Book.id")
    awards: Mapped[list[Award]] = relationship(order_by="Award.id")


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    title: Mapped[str]
    pages: Mapped[int]
    author: Mapped[Author] = relationship(back_populates="books")
    tags: Mapped[list[Tag]] = relationship(secondary=book_tags, order_by="Tag.id")


class Award(Base):
    __tablename__ = "award"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    name: Mapped[str]


class Tag(Base):
    __tablename__ = "tag"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Node(Base):
    """A tree that joins two levels of itself by default."""

    __tablename__ = "node"
    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("node.id"))
    children: Mapped[list[Node]] = relationship(lazy="joined", join_depth=2, order_by="Node.id")


class Shop(Base):
    """Loads its shelves and staff without being asked, each in its own way."""

    __tablename__ = "shop"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    shelves: Mapped[list[Shelf]] = relationship(lazy="joined", order_by="Shelf.id")
    staff: Mapped[list[Employee]] = relationship(lazy="selectin", order_by="Employee.id")


class Shelf(Base):
    __tablename__ = "shelf"
    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))


class Firm(Base):
    __tablename__ = "firm"
    id: Mapped[int] = mapped_column(primary_key=True)
    people: Mapped[list[Employee]] = relationship(order_by="Employee.id")


class Employee(Base):
    __tablename__ = "employee"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    shop_id: Mapped[int | None] = mapped_column(ForeignKey("shop.id"))
    firm_id: Mapped[int | None] = mapped_column(ForeignKey("firm.id"))
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "clerk"}  # noqa: RUF012


class Manager(Employee):
    __tablename__ = "manager"
    id: Mapped[int] = mapped_column(ForeignKey("employee.id"), primary_key=True)
    budget: Mapped[int]
    cars: Mapped[list[Car]] = relationship(order_by="Car.id")
    __mapper_args__ = {"polymorphic_identity": "manager"}  # noqa: RUF012


class Car(Base):
    __tablename__ = "car"
    id: Mapped[int] = mapped_column(primary_key=True)
    manager_id: Mapped[int] = mapped_column(ForeignKey("manager.id"))


def fill(engine: Engine) -> None:
    """Write 4 authors (3, 1, 0, 2 books; 2, 0, 3, 1 awards), 2 shops, a tree and a firm."""
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([*_authors(), *_shops(), *_nodes(), *_firms()])
        session.commit()


def _authors() -> list[Base]:
    countries = [Country(id=1, name="Chile"), Country(id=2, name="Mali")]
    tags = [Tag(id=each, name=f"tag {each}") for each in (1, 2, 3)]
    tagged = {1: (1, 2), 2: (), 3: (2,), 4: (1, 2, 3), 5: (3,), 6: ()}
    owner = {1: 1, 2: 1, 3: 1, 4: 2, 5: 4, 6: 4}
    homes = {1: 1, 2: 1, 3: 2, 4: None}
    authors = [Author(id=key, name=f"a{key}", country_id=home) for key, home in homes.items()]
    books = [
        Book(
            id=key,
            author_id=author,
            title=f"b{key}",
            pages=key * 100,
            tags=[tags[tag - 1] for tag in tagged[key]],
        )
        for key, author in owner.items()
    ]
    awards = [
        Award(id=key, author_id=author, name=f"w{key}")
        for key, author in enumerate((1, 1, 3, 3, 3, 4), start=1)
    ]
    return [*countries, *tags, *authors, *books, *awards]


def _shops() -> list[Base]:
    shelves = [Shelf(id=key, shop_id=shop) for key, shop in enumerate((1, 1, 1, 2), start=1)]
    clerks = [Employee(id=key, kind="clerk", shop_id=1) for key in (1, 2)]
    return [Shop(id=1, name="North"), Shop(id=2, name="South"), *shelves, *clerks]


def _nodes() -> list[Base]:
    parents = {1: None, 2: 1, 3: 1, 4: 2, 5: 2, 6: 3, 7: 4, 8: None}
    return [Node(id=key, parent_id=parent) for key, parent in parents.items()]


def _firms() -> list[Base]:
    managers = [Manager(id=key, firm_id=1, budget=key) for key in (11, 12)]
    cars = [Car(id=key, manager_id=boss) for key, boss in enumerate((11, 11, 12), start=1)]
    return [Firm(id=1), Firm(id=2), *managers, Employee(id=13, kind="clerk", firm_id=1), *cars]
