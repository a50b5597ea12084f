"""What every state does alike is said once."""

from __future__ import annotations

from itertools import permutations

from ocpp_verify.diagrams.extract.hubs import MANY, fold
from ocpp_verify.diagrams.pictures import StateEdge, StateNode

NAMES = ("Idle", "Ready", "Busy", "Done", "Closed", "Broken")
NODES = tuple(StateNode(each, each) for each in NAMES)
AMONG = tuple(StateEdge(a, b, (f"step from {a} to {b}",)) for a, b in permutations(NAMES[:-1], 2))
BREAKS = tuple(StateEdge(each, "Broken", (f"{at}B Break",)) for at, each in enumerate(NAMES[:-1]))
CODES = {(each, "Broken"): f"{at}B" for at, each in enumerate(NAMES[:-1])}


def test_arrows_of_a_hub_become_lines_of_its_box() -> None:
    nodes, edges = fold(NODES, (*AMONG, *BREAKS), CODES)
    assert edges == AMONG
    assert nodes[:-1] == NODES[:-1]
    assert nodes[-1].lines == ("from every other state: Break", "0B 1B 2B 3B 4B")


def test_a_hub_that_not_all_lead_to_names_those_that_do() -> None:
    nodes, edges = fold(NODES, (*AMONG, *BREAKS[:-1]), CODES)
    assert edges == AMONG
    assert nodes[-1].lines == ("from Idle, Ready, Busy, Done: Break", "0B 1B 2B 3B")


def test_arrows_that_say_something_else_stay() -> None:
    other = StateEdge("Idle", "Broken", ("0B Break", "Drop"))
    _, edges = fold(NODES, (*AMONG, other, *BREAKS[1:]), CODES)
    assert edges == (*AMONG, other)


def test_forbidden_arrows_stay() -> None:
    forbidden = tuple(StateEdge(e.source, e.target, e.lines, "highlighted") for e in BREAKS)
    _, edges = fold(NODES, (*AMONG, *forbidden), CODES)
    assert edges == (*AMONG, *forbidden)


def test_a_small_picture_is_drawn_in_full() -> None:
    few = (*AMONG[: MANY - len(BREAKS) - 1], *BREAKS)
    assert fold(NODES, few, CODES) == (NODES, few)
