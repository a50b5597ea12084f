"""Pictures the tests share. The status diagram has the size and shape of OCPP 1.6 §4.9."""

from __future__ import annotations

from typing import Final

from ocpp_verify.diagrams.pictures import (
    Divider,
    Lifeline,
    Message,
    NoteBlock,
    Occurrence,
    SequenceDiagram,
    StateDiagram,
    StateEdge,
    StateNode,
    TransitionTable,
)

NASTY: Final = "a<b> & \"c\" 'd' {e|f} \\N #1; %% end: ÄÖÜß é → -- ~`*_|"

STATUSES: Final = (
    "Available",
    "Preparing",
    "Charging",
    "SuspendedEV",
    "SuspendedEVSE",
    "Finishing",
    "Reserved",
    "Unavailable",
    "Faulted",
)
# Per source letter, the digits of the targets: A2 leads from the first status to the second.
TRANSITIONS: Final = (
    "A2345789", "B134569", "C145689", "D135689", "E134689", "F1289", "G1289", "H123459",
    "I12345678",
)  # fmt: skip


def status_diagram() -> StateDiagram:
    nodes = tuple(StateNode(name, name) for name in STATUSES)
    edges = tuple(
        StateEdge(STATUSES["ABCDEFGHI".index(row[0])], STATUSES[int(digit) - 1], (row[0] + digit,))
        for row in TRANSITIONS
        for digit in row[1:]
    )
    return StateDiagram("Connector status", nodes, edges, ("Available",), "53 transitions")


def small_diagram() -> StateDiagram:
    nodes = (
        StateNode("a", "Available", ("holder = none",), "initial"),
        StateNode("r:1\\", NASTY, (NASTY[:20],), "highlighted"),
        StateNode('c"', "Charging"),
        StateNode("f", "Faulted", (), "unreached"),
    )
    edges = (
        StateEdge("a", "r:1\\", ("ReserveNow",), "highlighted"),
        StateEdge("r:1\\", 'c"', (NASTY[20:],)),
        *(StateEdge('c"', "a", (f"way {number}",)) for number in range(17)),
        StateEdge("a", "f", ("fault",), "unreached"),
        StateEdge('c"', 'c"', ("MeterValues",)),
    )
    return StateDiagram(f"Title {NASTY}", nodes, edges, note=f"Note {NASTY}")


def sequence() -> SequenceDiagram:
    return SequenceDiagram(
        f"Sequence {NASTY}",
        (Lifeline("u", "user"), Lifeline("c", "charger"), Lifeline("s", "csms & <more>")),
        (
            Divider("set-up"),
            Message("c", "s", "BootNotification", "model=M", step=1, rules=("CORE-BOOT-001",)),
            Message("s", "c", "Accepted", "interval=300", "reply", 2),
            Message("c", "s", "StatusNotification", "status=Available", "lost", 3),
            Occurrence("u", "plugs in", 4, ("CORE-X-001",)),
            Message("u", "s", "calls the operator", step=5),
            Message("s", "s", "looks up", "a tag", step=6),
            Message("c", "c", "gives up", kind="lost", step=7),
            Message("c", "s", "x" * 300, NASTY, step=1234),
            NoteBlock(("c", "s"), f"wrong {NASTY}", "bad", rules=("RES-USE-001",)),
            NoteBlock((), "as it should be", "good"),
            NoteBlock(("u",), "a remark"),
        ),
    )


def table() -> TransitionTable:
    return TransitionTable("Transitions", ("from", "to"), (("Available", "Preparing"), (NASTY, "")))
