"""Flask-SQLAlchemy: `Model.query`, inside an application context."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import joinedload

db = SQLAlchemy()


class Artist(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "artists"
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String, nullable=False)
    tracks = db.relationship("Track")
    albums = db.relationship("Album")

    @classmethod
    def search(cls, query: str) -> list[Artist]:
        return (
            cls.query.options(joinedload(cls.tracks), joinedload(cls.albums))
            .filter(cls.name.contains(query))
            .all()
        )


class Track(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "tracks"
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String, nullable=False)
    artist_id = db.Column(db.ForeignKey("artists.id"), nullable=False)


class Album(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "albums"
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String, nullable=False)
    artist_id = db.Column(db.ForeignKey("artists.id"), nullable=False)


def all_artists() -> list[Artist]:
    """Every artist by name."""
    return Artist.query.order_by(Artist.name).all()


def create_app() -> Flask:
    app = Flask("music")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{Path('music.db').absolute()}"
    db.init_app(app)
    return app


def application_context() -> Iterator[None]:
    """Open what `flask shell` and each request have around them."""
    with create_app().app_context():
        yield
