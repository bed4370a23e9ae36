"""A program over the library: python -m qprof.seeding.library.start_page library.db.

It prints what the start page of a player shows, and is as careless as programs are: for
`qprof run -- python -m qprof.seeding.library.start_page library.db`.
"""

import sys

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from qprof.seeding.library.models import Playlist
from qprof.seeding.library.repositories import Repositories


def main(file: str) -> None:
    """Print the start page of the library in `file`."""
    engine = create_engine(f"sqlite:///{file}")
    with Session(engine) as session:
        found = Repositories(session).artists.search("The A")
        sys.stdout.write(f"{len(found)} artists found\n")
    with Session(engine) as session:
        sys.stdout.write(f"{longest(session)} tracks in the longest playlist\n")


def longest(session: Session) -> int:
    """Return the length of the longest playlist, by loading all of them."""
    return max(len(each.tracks) for each in session.scalars(select(Playlist)))


if __name__ == "__main__":
    main(sys.argv[1])
