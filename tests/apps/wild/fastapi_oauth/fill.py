"""20 artists with 3 albums each, and one user."""

from shop.database import Album, Artist, Base, SessionLocal, User, engine
from shop.security import signed

Base.metadata.create_all(engine)
with SessionLocal.begin() as session:
    session.add(User(name="ann", hashed_password=signed("correct horse")))
    for number in range(20):
        albums = [Album(title=f"t{each}") for each in range(3)]
        session.add(Artist(name=f"a{number}", albums=albums))
engine.dispose()
