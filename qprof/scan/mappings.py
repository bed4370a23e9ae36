"""What mappings load by themselves: relationship(lazy="joined")."""

from collections.abc import Iterator

from qprof.scan.calls.loading import Loading, Select
from qprof.scan.calls.reading import Built
from qprof.scan.calls.values import Entity, Place, Statement
from qprof.scan.models.catalogue import Catalogue
from qprof.scan.models.facts import Class
from qprof.scan.static_rule import Loaded


def mapped(catalogue: Catalogue, loading: Loading) -> Iterator[Loaded]:
    """Yield each class whose own relationships are joined wherever it is selected."""
    for found in catalogue.classes():
        own = [each for each in found.relationships.values() if each.lazy == "joined"]
        if own:
            selects = tuple(_own(found, each) for each in loading.mapping(found))
            yield _loaded(found, (own[0].line, own[0].last), selects)


def _own(found: Class, select: Select) -> Select:
    """Return `select` without what the mappings of other classes join to themselves alone."""
    tops = {node.path.split(".")[1] for node in select.nodes if node.to_many}
    return select if len(tops) > 1 else Select((), select.is_root)


def _loaded(found: Class, lines: tuple[int, int], selects: tuple[Select, ...]) -> Loaded:
    place = Place(found.key, found.file, lines[0], 0, lines)
    statement = Statement(0, (Entity(found.name, found),), (), place, built=(lines,))
    built = Built(found.name, found.name, found.file, lines, (statement,), is_mapping=True)
    return Loaded(built, statement, (), selects)
