"""What mappings load by themselves: lazy="joined"."""

from pathlib import Path

from tests.scan.trees import IMPORTS, MODELS, found, scanned

JOINED = (
    MODELS.replace(
        "tracks: Mapped[list[Track]] = relationship(back_populates", "{0}(back_populates"
    )
    .replace("{0}(", 'tracks: Mapped[list[Track]] = relationship(lazy="joined", ')
    .replace(
        'albums: Mapped[list["Album"]] = relationship()',
        'albums: Mapped[list["Album"]] = relationship(lazy="joined")',
    )
)


def test_siblings_of_a_mapping_are_shown_at_the_mapping_alone(tmp_path: Path) -> None:
    """Each select() of it would say the same."""
    code = "def every():\n    return select(Artist)\n"
    result = scanned(tmp_path, {"models.py": JOINED, "repo.py": IMPORTS + code})
    assert found(result) == ["QP101 Artist Artist.tracks Artist.albums"]
    (suspect,) = result.suspects
    assert suspect.finding.location is not None
    assert suspect.finding.location.file.endswith("models.py")
    assert suspect.changes == ()
    assert "every other query shares" in suspect.kept


def test_a_mapping_does_not_lead_back(tmp_path: Path) -> None:
    """SQLAlchemy joins no mapping to a class on the way: Album.artist.albums is lazy here."""
    models = JOINED.replace(
        "tracks: Mapped[list[Track]] = relationship()",
        'tracks: Mapped[list[Track]] = relationship(lazy="joined")',
    ).replace('tracks: Mapped[list[Track]] = relationship(lazy="joined", back', "t = relation(back")
    code = "def page():\n    return select(Album).options(joinedload(Album.artist))\n"
    assert found(scanned(tmp_path, {"models.py": models, "repo.py": IMPORTS + code})) == []


def test_an_option_meets_a_mapping(tmp_path: Path) -> None:
    """Joined by both: a sibling of another's; overridden: none."""
    code = (
        "def page():\n    return select(Artist).options(selectinload(Artist.tracks)).limit(5)\n"
        "def apart():\n    return select(Artist).options("
        "selectinload(Artist.tracks), lazyload(Artist.albums)).limit(5)\n"
        "def star():\n    return select(Artist).options(lazyload('*')).limit(5)\n"
        "def bridge():\n    return select(Album).options("
        "joinedload(Album.artist), joinedload(Album.tracks))\n"
    )
    result = scanned(tmp_path, {"models.py": JOINED, "repo.py": IMPORTS + code})
    assert found(result) == [
        "QP101 Artist Artist.tracks Artist.albums",
        "QP101 bridge Album.artist.tracks Album.tracks",
        "QP401 page Artist.albums",
    ]
