"""What has to happen before the library's methods can be called."""

from __future__ import annotations

from collections.abc import Iterator

from music.own_engine import Library


def opened(library: Library) -> Iterator[Library]:
    yield library.open("music.db")
    library.close()
