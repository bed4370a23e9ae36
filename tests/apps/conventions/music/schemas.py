"""What leaves the application."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class AlbumOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    title: str


class ArtistOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    albums: list[AlbumOut]
