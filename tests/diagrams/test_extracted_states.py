"""State diagrams against models whose changes were counted by hand, and against every state."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ocpp_verify.diagrams.extract.moves import Effort, Moves, moves
from ocpp_verify.diagrams.extract.projection import Selection, diagram_of, state_diagram
from ocpp_verify.diagrams.extract.subject import Subject, cases, parse_subject, with_table
from ocpp_verify.diagrams.extract.tables import operations_table, transitions_table
from ocpp_verify.errors import WrongInput
from ocpp_verify.ir.lower import Lowering, lower
from ocpp_verify.lang.load import Loaded, load_text
from ocpp_verify.runner.settling import settle
from ocpp_verify.semantics.explore import explore
from ocpp_verify.semantics.ground import holds, steps, take

DOOR = """
profile Door
enum Leaf = {Open, Closed, Locked, Broken}
sort Guest = 1..2
charger state door : Leaf = Closed
charger state inside[Guest] : bool = false
csms state wanted : bool = any
link charger, csms fifo
define shut() : bool = door in {Closed, Locked}
event NetworkUp() at charger when not online then connect
event NetworkDown() at charger when online then disconnect
event Push() at charger when door == Closed then door := Open
event Pull() at charger when door == Open then door := Closed
event Enter(guest: Guest) at charger when door == Open then inside[guest] := true
event Kick() at charger when door == Locked and not (exists g: Guest . inside[g]) then door := Open
event Never() at charger when door == Broken then door := Open
call Lock() from csms @R-1
  when wanted
  reply Accepted when door == Closed then door := Locked @R-2
  reply Rejected, Busy when not shut()
call Unlock() from csms
  reply Accepted when door == Locked then door := Closed
"""
SPEC = """
spec Door
transitions Leaf of door except Kick {
  OC: Open -> Closed @R-3
  CO: Closed -> Open
  CL: Closed -> Locked
  XX: Broken -> Open
}
reach Inside
  exists g: Guest . inside[g]
"""
EDGES = {
    ("Closed", "Open"): ("CO Push",),
    ("Open", "Closed"): ("OC Pull",),
    ("Closed", "Locked"): ("CL Lock.Accepted",),
    ("Locked", "Closed"): ("Unlock.Accepted",),
    ("Locked", "Open"): ("Kick",),
}
NO_SEARCH = Effort(states=1)
"""As if the model were too large to be searched through."""


@pytest.fixture(scope="module")
def door() -> Loaded:
    loaded = load_text({"door.model": DOOR, "door.spec": SPEC})
    assert not loaded.diagnostics, loaded.diagnostics
    return loaded


@pytest.fixture(scope="module")
def lowering(door: Loaded) -> Lowering:
    assert door.model is not None
    return lower(door.model)


def subject_of(door: Loaded, lowering: Lowering, text: str) -> Subject:
    assert door.model is not None
    properties = door.specs[0].properties
    return with_table(lowering, parse_subject(door.model, properties, text), properties)


def kinds(lowering: Lowering, found: Moves) -> set[tuple[object, ...]]:
    labels = lowering.system.commands
    return {
        (m.source, m.target, labels[m.command].label.action, labels[m.command].label.outcome)
        for m in found.moves
    }


def by_hand(lowering: Lowering, subject: Subject) -> set[tuple[object, ...]]:
    """Every change in every reachable state, by the reference semantics."""
    found = set()
    values = cases(lowering, subject.instances[0])
    for state in explore(lowering.system).distance:
        before = next(name for name, here in values.items() if holds(here, state))
        for number, then in steps(lowering.system, state):
            after = next(name for name, here in values.items() if holds(here, then))
            label = lowering.system.commands[number].label
            if before != after:
                found.add((before, after, label.action, label.outcome))
    return found


@pytest.mark.parametrize("effort", [None, NO_SEARCH])
def test_the_edges_are_those_counted_by_hand(
    door: Loaded, lowering: Lowering, effort: Effort | None
) -> None:
    diagram = state_diagram(lowering, subject_of(door, lowering, "door"), effort=effort)
    assert {(edge.source, edge.target): edge.lines for edge in diagram.edges} == EDGES
    assert diagram.entries() == ("Closed",)
    assert [node.label for node in diagram.nodes] == ["Open", "Closed", "Locked"]
    assert "bound" not in diagram.note


@pytest.mark.parametrize("effort", [None, NO_SEARCH])
@pytest.mark.parametrize("text", ["door", "shut()", "inside[1]", "door, inside[2]", "online"])
def test_nothing_is_missing_and_nothing_is_made_up(
    door: Loaded, lowering: Lowering, text: str, effort: Effort | None
) -> None:
    subject = subject_of(door, lowering, text)
    found = moves(lowering, subject, effort)
    assert kinds(lowering, found) == by_hand(lowering, subject)
    assert found.exact


@pytest.mark.parametrize("effort", [None, NO_SEARCH])
def test_every_arrow_is_a_step_from_a_reachable_state(
    door: Loaded, lowering: Lowering, effort: Effort | None
) -> None:
    subject = subject_of(door, lowering, "door, inside[1]")
    values = cases(lowering, subject.instances[0])
    reachable = explore(lowering.system).distance
    found = moves(lowering, subject, effort)
    assert found.moves
    for move in found.moves:
        assert move.before in reachable
        after = take(lowering.system.commands[move.command], move.before)
        assert after is not None
        assert holds(values[move.source], move.before)
        assert holds(values[move.target], after)


CLOAKROOM = """
profile Cloakroom
sort Coat = {Grey, Red} symmetric
sort Hook = {Left, Right} symmetric
charger state hung[Hook] : Coat? = none
charger state tried : Coat? = none
event Hang(hook: Hook, coat: Coat) at charger when hung[hook] == none then hung[hook] := coat
event Swap(hook: Hook, coat: Coat) at charger
  when hung[hook] != none and hung[hook] != coat
  then hung[hook] := coat
event Take(hook: Hook) at charger when hung[hook] != none then hung[hook] := none
event Try(hook: Hook) at charger when tried == none and hung[hook] != none then tried := hung[hook]
"""


@pytest.mark.parametrize("effort", [None, NO_SEARCH])
def test_one_box_stands_for_all_that_are_alike(effort: Effort | None) -> None:
    loaded = load_text({"cloakroom.model": CLOAKROOM})
    assert loaded.model is not None, loaded.diagnostics
    lowering = lower(loaded.model)
    diagram = state_diagram(lowering, parse_subject(loaded.model, (), "hung[Left]"), effort=effort)
    assert [each.label for each in diagram.nodes] == ["none", "Grey"]
    assert {(each.source, each.target): each.lines for each in diagram.edges} == {
        ("none", "Grey"): ("Hang",),
        ("Grey", "none"): ("Take",),
        ("Grey", "Grey"): ("Swap (another)",),
    }
    assert "Grey stands for any Coat" in diagram.note

    both = parse_subject(loaded.model, (), "hung[Left], tried")
    labels = [each.label for each in state_diagram(lowering, both, effort=effort).nodes]
    assert sorted(labels) == [
        "Grey, Grey", "Grey, Red", "Grey, none", "none, Grey", "none, none",
    ]  # fmt: skip


def test_a_value_that_is_named_stands_for_itself() -> None:
    more = """charger state under[Coat] : Coat? = none
event Cover(coat: Coat, other: Coat) at charger
  when under[coat] == none then under[coat] := other
"""
    loaded = load_text({"cloakroom.model": CLOAKROOM + more})
    assert loaded.model is not None, loaded.diagnostics
    lowering = lower(loaded.model)
    found = moves(lowering, parse_subject(loaded.model, (), "under[Grey]"))
    assert found.values == ("none", "Grey", "Red")
    assert found.exact


def test_what_neither_runs_nor_a_projection_tell_is_decided(
    door: Loaded, lowering: Lowering
) -> None:
    subject = subject_of(door, lowering, "door")
    found = moves(lowering, subject, replace(NO_SEARCH, steps=0, decide=settle))
    assert kinds(lowering, found) == by_hand(lowering, subject)
    assert found.exact
    assert all(move.before is not None for move in found.moves)


def test_what_nobody_met_and_nothing_excludes_is_marked(door: Loaded, lowering: Lowering) -> None:
    blind = replace(NO_SEARCH, steps=0)
    diagram = state_diagram(lowering, subject_of(door, lowering, "door"), effort=blind)
    edges = {(edge.source, edge.target): edge.lines for edge in diagram.edges}
    assert edges["Closed", "Open"] == ("CO ? Push",)
    assert edges["Locked", "Closed"] == ("? Unlock.Accepted",)
    assert EDGES.keys() == edges.keys()
    assert {edge.emphasis for edge in diagram.edges} == {"normal"}  # no step is known to be wrong
    assert "upper bound" in diagram.note


def test_a_change_that_the_table_forbids_stands_out(door: Loaded, lowering: Lowering) -> None:
    diagram = state_diagram(lowering, subject_of(door, lowering, "Leaf"))
    emphasis = {(edge.source, edge.target): edge.emphasis for edge in diagram.edges}
    assert emphasis["Locked", "Closed"] == "highlighted"
    assert emphasis["Locked", "Open"] == "normal"  # the table does not judge Kick
    assert "not permitted" in diagram.note
    assert "does not judge Kick" in diagram.note


def test_unreached_rows_are_drawn_only_on_request(door: Loaded, lowering: Lowering) -> None:
    subject = subject_of(door, lowering, "door")
    found = moves(lowering, subject)
    plain = diagram_of(lowering, subject, found)
    full = diagram_of(lowering, subject, found, Selection(show_unreached=True))
    assert {edge.emphasis for edge in plain.edges} == {"normal", "highlighted"}
    assert [edge.lines for edge in full.edges if edge.emphasis == "unreached"] == [("XX",)]
    assert [node.kind for node in full.nodes if node.label == "Broken"] == ["unreached"]


def test_only_some_actions(door: Loaded, lowering: Lowering) -> None:
    subject = subject_of(door, lowering, "door")
    diagram = state_diagram(lowering, subject, Selection(only=("Lock", "Unlock")))
    assert {(edge.source, edge.target) for edge in diagram.edges} == {
        ("Closed", "Locked"),
        ("Locked", "Closed"),
    }
    assert "only Lock, Unlock" in diagram.note


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dor", "did you mean `door`"),
        ("inside", "write `inside[1]`"),
        ("inside[3]", "it has 1, 2"),
        ("inside[1", "write a variable"),
        ("shut(1)", "write `shut`"),
        ("door[1]", "write `door`"),
    ],
)
def test_what_cannot_be_drawn_is_explained(door: Loaded, text: str, message: str) -> None:
    assert door.model is not None
    with pytest.raises(WrongInput) as caught:
        parse_subject(door.model, (), text)
    assert message in caught.value.help


def test_the_table_of_an_action_speaks_the_language(door: Loaded) -> None:
    assert door.model is not None
    assert operations_table(door.model, ("Lock",)).rows == (
        ("Lock()", "csms", "", "wanted", "", "R-1"),
        ("", "charger", "Accepted", "door == Closed", "door := Locked", "R-2"),
        ("", "charger", "Rejected", "not shut()", "", ""),
        ("", "charger", "Busy", "not shut()", "", ""),
    )


def test_the_table_of_transitions_names_the_steps(door: Loaded, lowering: Lowering) -> None:
    subject = subject_of(door, lowering, "Leaf")
    assert subject.table is not None
    table = transitions_table(lowering, subject.table, moves(lowering, subject))
    assert table.rows == (
        ("OC", "Open", "Closed", "Pull", "R-3"),
        ("CO", "Closed", "Open", "Push", ""),
        ("CL", "Closed", "Locked", "Lock.Accepted", ""),
        ("XX", "Broken", "Open", "(nothing does this)", ""),
        ("", "Locked", "Closed", "Unlock.Accepted", ""),
        ("", "Locked", "Open", "Kick", ""),
    )
