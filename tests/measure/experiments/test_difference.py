"""Each phrase that says in what two graphs differ."""

from typing import Any

import pytest

from qprof.measure.experiments.difference import difference
from qprof.measure.experiments.graph import Entity, Graph, Node

ONE, TWO = Entity("Artist", (1,)), Entity("Artist", (2,))
POP, ROCK = Entity("Genre", ("pop", 1)), Entity("Genre", ("rock", 2))


def graph(value: Any, **node: Any) -> Graph:
    held = Node(node.get("columns", {}), node.get("related", {}))
    return Graph(value, {ONE: held, **node.get("others", {})})


CASES = {
    "it returns another value": (graph(3), graph(4)),
    "it returns 1 objects, not 2": (graph([ONE, TWO]), graph([ONE])),
    "it returns other objects": (graph([ONE]), graph([TWO])),
    "it returns the same objects in another order": (graph([ONE, TWO]), graph([TWO, ONE])),
    "Artist 2 is missing": (graph([], others={TWO: Node({}, {})}), graph([])),
    "Artist 1 has another name": (
        graph([], columns={"name": "a"}),
        graph([], columns={"name": "b"}),
    ),
    "Artist 1 has no name loaded": (graph([], columns={"name": None}), graph([])),
    "Artist 1 has no genres loaded": (graph([], related={"genres": ()}), graph([])),
    "Artist 1 has 2 objects, not 1, in genres": (
        graph([], related={"genres": (POP,)}),
        graph([], related={"genres": (POP, ROCK)}),
    ),
    "Artist 1 has other objects in genres": (
        graph([], related={"genres": (POP,)}),
        graph([], related={"genres": (ROCK,)}),
    ),
    "Artist 1 has the same objects in another order in genres": (
        graph([], related={"genres": (POP, ROCK)}),
        graph([], related={"genres": (ROCK, POP)}),
    ),
}


@pytest.mark.parametrize("phrase", CASES)
def test_a_difference_is_said(phrase: str) -> None:
    """The first difference, as a phrase that follows the plan's name."""
    assert difference(*CASES[phrase], ordered=True) == phrase


def test_the_order_of_roots_counts_only_where_it_was_asked_for() -> None:
    """Without ORDER BY the database may give any order."""
    assert difference(graph([ONE, TWO]), graph([TWO, ONE]), ordered=False) is None


def test_more_that_was_loaded_is_no_difference() -> None:
    """A plan may load beyond the call."""
    more = graph([ONE], columns={"name": "a"}, related={"genres": (POP,)})
    assert difference(graph([ONE]), more, ordered=True) is None


def test_equal_graphs_have_none() -> None:
    """None means proven."""
    same = {"columns": {"name": "a"}, "related": {"genres": (POP,)}}
    assert difference(graph([ONE], **same), graph([ONE], **same), ordered=True) is None


def test_a_composite_key_is_written_out() -> None:
    """The entity is named with all parts of its key."""
    assert str(ROCK) == "Genre rock, 2"
