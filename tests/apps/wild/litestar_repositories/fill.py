"""10 authors, each with 9 books and 6 prizes."""

from books.app import Author, Base, Book, Prize
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

engine = create_engine("sqlite:///app.db")
Base.metadata.create_all(engine)
with Session(engine) as session:
    for number in range(10):
        books = [Book(title=f"b{each}") for each in range(9)]
        prizes = [Prize(name=f"p{each}") for each in range(6)]
        session.add(Author(name=f"a{number}", books=books, prizes=prizes))
    session.commit()
engine.dispose()
