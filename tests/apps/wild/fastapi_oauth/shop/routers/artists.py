"""Artists, for who is signed in."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.database import Artist, get_db
from shop.security import current_user

router = APIRouter(prefix="/artists", dependencies=[Depends(current_user)])
Db = Annotated[Session, Depends(get_db)]


class AlbumOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    title: str


class ArtistOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    albums: list[AlbumOut]


@router.get("/", response_model=list[ArtistOut])
def artists(db: Db, skip: int = 0, limit: int = 100) -> object:
    return db.scalars(select(Artist).order_by(Artist.id).offset(skip).limit(limit)).all()


@router.get("/{artist_id}", response_model=ArtistOut)
def artist(artist_id: int, db: Db) -> object:
    found = db.get(Artist, artist_id)
    if found is None:
        raise HTTPException(404)
    return found


@router.post("/", response_model=ArtistOut)
def add_artist(artist: ArtistOut, db: Db) -> object:
    made = Artist(name=artist.name)
    db.add(made)
    db.commit()
    return made
