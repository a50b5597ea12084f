"""Graph questions on examples counted by hand, and against definitions on random graphs."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp_verify.graph.build import graphml, state_graph
from ocpp_verify.graph.shape import shape
from ocpp_verify.graph.tour import tour

DOOR = state_graph(
    ("open", "closed", "locked", "broken", "gone", "spare"),
    (
        ("open", "closed", "push"),
        ("closed", "open", "pull"),
        ("closed", "locked", "lock"),
        ("locked", "closed", "unlock"),
        ("locked", "broken", "force"),
        ("broken", "gone", "scrap"),
        ("spare", "open", "fit"),
    ),
    ("open",),
)


def test_the_shape_of_a_door() -> None:
    found = shape(DOOR)
    assert found.unreached == ("spare",)
    assert found.stuck == ("gone",)
    assert found.traps == (("broken",),)
    assert found.gates == ("closed", "locked", "broken")
    assert not found.always_home


def test_a_graph_that_always_comes_home() -> None:
    graph = state_graph("ab", (("a", "b", "go"), ("b", "a", "back"), ("b", "b", "stay")), "a")
    assert shape(graph).always_home
    assert shape(graph).gates == ()


def test_a_change_to_an_unknown_state_is_refused() -> None:
    with pytest.raises(ValueError, match="no state is called 'x'"):
        state_graph("ab", (("a", "x", "go"),))


def test_a_tour_makes_every_change_that_can_be_made() -> None:
    walks = tour(DOOR, "open")
    named = [[DOOR.edges[step]["name"] for step in walk] for walk in walks]
    assert named == [["push", "pull", "push", "lock", "unlock", "lock", "force", "scrap"]]


def test_graphml_is_read_back_and_numbers_its_edges() -> None:
    assert [f'id="{number}"' in graphml(DOOR).decode() for number in range(7)] == [True] * 7
    read = nx.parse_graphml(graphml(DOOR).decode(), force_multigraph=True)
    assert dict(read.nodes(data="initial")) == dict(DOOR.nodes(data="initial"))
    assert sorted(read.edges(data="name")) == sorted(DOOR.edges(data="name"))


NODES = "abcde"
graphs = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=12).map(
    lambda pairs: state_graph(NODES, [(a, b, f"{a}{b}{n}") for n, (a, b) in enumerate(pairs)], "a")
)


@given(graphs)
def test_the_shape_is_as_defined(graph: nx.MultiDiGraph) -> None:
    found = shape(graph)
    reached = {state for state in graph if nx.has_path(graph, "a", state)}
    home = {state for state in graph if nx.has_path(graph, state, "a")}
    assert set(found.unreached) == set(graph) - reached
    assert set(found.stuck).union(*found.traps) == reached - home
    for gate in set(graph) - {"a"}:
        without = graph.subgraph(set(graph) - {gate})
        cuts = any(not nx.has_path(without, "a", each) for each in reached - {gate})
        assert (gate in found.gates) == (gate in reached and cuts)


@given(graphs)
def test_a_tour_is_made_of_walks(graph: nx.MultiDiGraph) -> None:
    walks = tour(graph, "a")
    made = [step for walk in walks for step in walk]
    reached = {state for state in graph if nx.has_path(graph, "a", state)}
    assert set(made) == {step for step in graph.edges(keys=True) if step[0] in reached}
    for walk in walks:
        assert walk[0][0] == "a"
        assert all(one[1] == two[0] for one, two in pairwise(walk))
