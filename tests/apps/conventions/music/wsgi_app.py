"""A Flask application."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, request
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, joinedload

from music.models import Artist

engine = create_engine("sqlite:///music.db")
app = Flask(__name__)


@app.get("/artists")
def list_artists() -> list[dict[str, Any]]:
    statement = select(Artist).options(joinedload(Artist.tracks), joinedload(Artist.albums))
    wanted = statement.where(Artist.name.contains(request.args.get("query", "")))
    with Session(engine) as session:
        return [artist.to_dict() for artist in session.scalars(wanted).unique()]


@app.get("/artists/<int:artist_id>")
def get_artist(artist_id: int) -> dict[str, Any]:
    with Session(engine) as session:
        artist = session.get(Artist, artist_id) or abort(404)
        return artist.to_dict()


def create_app(debug: bool = False) -> Flask:
    app.debug = debug
    return app
