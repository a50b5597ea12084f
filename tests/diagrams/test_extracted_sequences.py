"""Sequence diagrams of runs, trace files and logs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from ocpp_verify.diagrams.extract.documents import follow
from ocpp_verify.diagrams.extract.log import sequence_of_log
from ocpp_verify.diagrams.extract.sequence import SequenceOptions, sequence_of_trace
from ocpp_verify.diagrams.pictures import (
    Divider,
    Message,
    NoteBlock,
    SequenceDiagram,
)
from ocpp_verify.diagrams.render import formats_for, render
from ocpp_verify.engines.explicit import ExplicitEngine
from ocpp_verify.errors import WrongInput
from ocpp_verify.ir.lower import Lowering, lower
from ocpp_verify.ir.properties import Scenario
from ocpp_verify.lang.load import load_text
from ocpp_verify.semantics.result import Budget, Question, Reached, Trace
from ocpp_verify.semantics.traces import initial_values, lines

MAIL = """
profile Mail
sort Box = 1..2
charger state rung[Box] : bool = false
charger state got : bool = false
charger state asked : bool = false
charger config loud : bool = any
csms state known : bool = false
csms state day : bool = false
define mood() : 0..2 = if asked then 2 else if got then 1 else 0
link charger, csms fifo
event NetworkUp() at charger when not online then connect
event NetworkDown() at charger when online then disconnect
event Ring(box: Box) at charger @R-1 when not rung[box] then rung[box] := true
event Dawn() at csms when not day then day := true
hidden Think() of charger when loud and not got then got := true
call Report(box: Box) from charger @R-2 when rung[box]
  reply Accepted then got := true @R-3
  lost then rung[box] := false
call Ask() from csms when not known
  reply Accepted then asked := true, known := true
"""


@dataclass(frozen=True, slots=True)
class Run:
    lowering: Lowering
    trace: Trace
    scenario: Scenario


def run(*items: str) -> Run:
    spec = f"spec Mail\nscenario Way {{ {'; '.join(items)} }}"
    loaded = load_text({"mail.model": MAIL, "mail.spec": spec})
    assert loaded.model is not None, loaded.diagnostics
    (scenario,) = loaded.specs[0].properties
    assert isinstance(scenario, Scenario)
    lowering = lower(loaded.model, (), (scenario,))
    question = Question("Way", lowering.goals["Way"])
    answer = ExplicitEngine().explore(lowering.system, (question,), Budget()).answers["Way"]
    assert isinstance(answer, Reached)
    return Run(lowering, answer.trace, scenario)


def drawn(way: Run, options: SequenceOptions | None = None) -> SequenceDiagram:
    return sequence_of_trace(way.lowering, way.trace, "Way", options=options, scenario=way.scenario)


def arrows(diagram: SequenceDiagram) -> list[tuple[str, str, str, str]]:
    return [(i.source, i.target, i.text, i.kind) for i in diagram.items if isinstance(i, Message)]


def notes(diagram: SequenceDiagram) -> list[str]:
    return [i.text for i in diagram.items if isinstance(i, NoteBlock)]


def test_an_exchange_is_two_arrows_with_what_they_change() -> None:
    diagram = drawn(run("Ring(box = 1)", "Report(box = 1).Accepted received"))
    assert arrows(diagram) == [
        ("bench", "charger", "Ring", "call"),
        ("charger", "csms", "Report", "call"),
        ("csms", "charger", "Report.Accepted", "reply"),
    ]
    ring, report, accepted = (i for i in diagram.items if isinstance(i, Message))
    assert ring.detail == "box=1\nrung[1]: false → true"
    assert ring.rules == ("R-1", "mail.model:14")
    assert report.rules == ("R-2", "mail.model:17")
    assert accepted.detail == "mood(): 0 → 1, got: false → true"
    assert [line.id for line in diagram.lifelines] == ["bench", "charger", "csms"]


def test_an_answer_that_arrives_later_shows_its_arrival() -> None:
    diagram = drawn(
        run("Ring(box = 1)", "Report()", "Ask()", "Report().Accepted", "Ask().Accepted",
            "Report().Accepted received")
    )  # fmt: skip
    shown = arrows(diagram)
    assert ("charger", "csms", "Report", "call") in shown
    assert shown.index(("csms", "charger", "Ask", "call")) < shown.index(
        ("csms", "charger", "Report.Accepted", "reply")
    )
    assert any(text.startswith("Report.Accepted arrives") for text in notes(diagram))


def test_what_the_link_loses_never_arrives() -> None:
    lost = drawn(run("Ring(box = 1)", "Report()", "NetworkDown()", "NetworkUp()"))
    assert ("charger", "csms", "Report", "lost") in arrows(lost)
    gone = drawn(run("Ring(box = 1)", "Report().Accepted", "NetworkDown()", "Dawn()"))
    assert ("csms", "charger", "Report.Accepted", "lost") in arrows(gone)
    assert ("charger", "csms", "Report", "call") in arrows(gone)
    assert ("operator", "csms", "Dawn", "call") in arrows(gone)
    assert "rung[1]: true → false" in notes(gone)


def test_steps_nobody_sees_are_notes_and_can_be_left_out() -> None:
    way = run("Think()", "state got")
    assert "Think\nmood(): 0 → 1, got: false → true" in notes(drawn(way))
    assert "here: got" in notes(drawn(way))
    assert not any("Think" in text for text in notes(drawn(way, SequenceOptions(hidden=False))))
    brief = drawn(way, SequenceOptions(changes="definitions"))
    assert "Think\nmood(): 0 → 1" in notes(brief)


def test_the_free_choices_of_the_start_are_told() -> None:
    assert notes(drawn(run("Think()")))[0] == "at the start: loud = true"


def test_the_link_is_a_line_across() -> None:
    diagram = drawn(run("NetworkUp()", "Ask()"))
    assert "NetworkUp: the link is up" in [i.text for i in diagram.items if isinstance(i, Divider)]


def test_numbers_are_those_of_the_trace() -> None:
    way = run("Ring(box = 1)", "Report(box = 1).Accepted received", "state got", "Dawn()")
    steps = [line for line in lines(way.lowering, way.trace) if "mark" not in line.label.action]
    numbers = [item.step for item in drawn(way).items if item.step is not None]
    assert numbers == sorted(numbers)
    assert numbers[-1] == len(steps)


def test_every_format_can_show_it() -> None:
    diagram = drawn(run("Ring(box = 1)", "Report()", "NetworkDown()", "Think()"))
    for format in formats_for(SequenceDiagram):
        assert render(diagram, format)


def document(way: Run) -> dict[str, object]:
    """The trace as `check --trace-dir` writes it."""
    return {
        "initial": initial_values(way.lowering, way.trace.states[0]),
        "steps": [
            {
                "label": str(line.label),
                "phase": line.label.phase,
                "action": line.label.action,
                "args": dict(line.label.args),
                "outcome": line.label.outcome,
                "answer": dict(line.label.answer),
            }
            for line in lines(way.lowering, way.trace)
            if not line.label.action.startswith("mark ")
        ],
    }


def test_a_trace_file_is_followed_before_it_is_drawn() -> None:
    way = run("Ring(box = 2)", "Report(box = 2).Accepted received")
    assert follow(way.lowering, document(way)) == way.trace


def test_a_trace_that_the_model_does_not_permit_is_refused() -> None:
    told = document(run("Ring(box = 2)", "Report(box = 2).Accepted received"))
    steps = told["steps"]
    assert isinstance(steps, list)
    other = run("Dawn()")
    with pytest.raises(WrongInput, match="is not possible in the model"):
        follow(other.lowering, {**told, "steps": steps[1:]})
    with pytest.raises(WrongInput, match="begins with"):
        follow(other.lowering, {"initial": {"loud": "perhaps"}, "steps": []})


# logs ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    at: float
    mark: str
    text: str
    step: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    kind: str
    message: str
    rules: tuple[str, ...] = ()


LOG: Sequence[Line] = (
    Line(10.0, "*", "connected"),
    Line(10.5, "<-", '[2,"1","Authorize",{"idTag":"A"}]'),
    Line(10.7, "->", '[3,"1",{"idTagInfo":{"status":"Blocked"}}]'),
    Line(11.0, "*", "PlugIn(connectorId=1)", "PlugIn(connectorId=1)"),
    Line(11.5, "->", '[2,"1","Reset",{"type":"Soft"}]'),
    Line(11.6, "<-", '[4,"1","InternalError","oh",{}]'),
    Line(11.7, "<-", "nonsense"),
    Line(12.0, "*", "unexpected: that was wrong"),
)


def test_a_log_shows_frames_and_findings() -> None:
    finding = Fault("unexpected", "that was wrong", ("R-1",))
    late = Fault("advice", "mind the reason")
    diagram = sequence_of_log(LOG, "charger", (finding, late), "Run")
    assert arrows(diagram) == [
        ("charger", "csms", "Authorize", "call"),
        ("csms", "charger", "Authorize.Blocked", "reply"),
        ("bench", "charger", "PlugIn", "call"),
        ("csms", "charger", "Reset", "call"),
        ("charger", "csms", "Reset: InternalError", "reply"),
        ("charger", "csms", "no message", "call"),
    ]
    wrong, advice = diagram.items[-2:]
    assert wrong == NoteBlock((), "unexpected: that was wrong", "bad", 8, ("R-1",))
    assert advice == NoteBlock((), "advice: mind the reason", "plain", None, ())
    assert [line.label for line in diagram.lifelines][1] == "charger (under test)"
    assert "idTag=A\n0.5 s" in {i.detail for i in diagram.items if isinstance(i, Message)}


def test_the_same_message_id_may_be_used_by_both_sides() -> None:
    texts = [text for _, _, text, _ in arrows(sequence_of_log(LOG, "charger"))]
    assert "Authorize.Blocked" in texts
    assert "Reset: InternalError" in texts


def test_an_empty_log_is_a_picture_too() -> None:
    assert sequence_of_log((), "csms").items == ()
