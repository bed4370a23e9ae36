"""What is to be seeded on a server, whichever server it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import URL

from qprof.seeding.library.bulk import Wrote
from qprof.seeding.library.content import Block
from qprof.seeding.library.provenance import Provenance
from qprof.seeding.library.servers.staging import content_tables


@dataclass(frozen=True)
class Job:
    """One library, on its way to one database."""

    url: URL
    blocks: Iterable[Block]
    provenance: Provenance
    wrote: Wrote
    replace: bool

    @property
    def place(self) -> str:
        """The database for people: its options are left out, since one may be a password."""
        return self.url.set(query={}).render_as_string(hide_password=True)

    def deal(self, load: Callable[[Block], None]) -> dict[str, int]:
        """Hand every block to `load`, tell the progress, and answer with the rows of each table."""
        counts = Counter({table.name: 0 for table in content_tables()})
        for block in self.blocks:
            load(block)
            counts[block.table] += len(block.columns[0])
            self.wrote(block.table, counts[block.table])
        return dict(counts)
