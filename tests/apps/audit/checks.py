"""The application's own tests: what each method returns, however it is loaded."""

from __future__ import annotations

from sqlalchemy.orm import Session

from .models import Artist
from .repositories import ArtistRepository


def check(session: Session) -> None:
    repository = ArtistRepository(session)
    everyone = [_shape(each) for each in repository.get_all()]
    assert everyone == [(f"Artist {n}", 15, 45, 3) for n in range(4)]
    session.expunge_all()
    assert [_shape(each) for each in repository.search("Artist")] == everyone
    session.expunge_all()
    one = repository.get_by_id(2)
    assert one is not None
    assert _shape(one) == everyone[1]
    assert repository.get_by_id(99) is None
    assert list(repository.search("none")) == []


def _shape(artist: Artist) -> tuple[str, int, int, int]:
    genres = sum(len(track.genres) for track in artist.tracks)
    return artist.name, len(artist.tracks), genres, len(artist.albums)
