"""A finding names the rules that forbade or owed what was observed, also where the cause lies before it."""

from typing import Any

from ocpp_verify.live.conversation import Conversation
from ocpp_verify.live.menu import Choice
from tests.sans_io.test_strange_conversations import (
    STANDING,
    a_conversation,
    hear,
    status,
    the_lowering,
)


def a_charger() -> Conversation:
    """A charger that has told that it is free."""
    charger = a_conversation(the_lowering(), "charger")
    for connector in (0, 1):
        tell(charger, "StatusNotification", status(connector, "Available"))
    return charger


def tell(charger: Conversation, action: str, payload: dict[str, Any], outcome: str = "") -> None:
    """The charger sends a request, which we answer if it is as it should be."""
    hear(charger, action, payload, f"{action}{len(charger.log)}")
    for choice in charger.answers(action):
        if (choice.outcome or "") == outcome:
            charger.answer(choice, 1.0)
            charger.take_outbox(1.0)
            return


def happen(charger: Conversation, event: str, **args: Any) -> None:
    """Something is done at the charger."""
    wanted = tuple(args.items())
    (choice,) = [each for each in charger.events(1.0) if (each.name, each.args) == (event, wanted)]
    charger.event(choice, 1.0)
    charger.event_done(1.0)


def ask(charger: Conversation, call: str, **args: Any) -> str:
    """We send a request; its message id."""
    choice = next(
        each
        for each in charger.menu(1.0)
        if isinstance(each, Choice) and each.name == call and dict(each.args) == args
    )
    charger.call(choice, 1.0)
    (frame,) = charger.take_outbox(1.0)
    return str(frame).split('"')[1]


def rules_of(charger: Conversation) -> tuple[str, ...]:
    (finding,) = [each for each in charger.findings if each.kind != "advice"]
    return finding.rules


def start(id_tag: str) -> dict[str, Any]:
    return {
        "connectorId": 1,
        "idTag": id_tag,
        "meterStart": 0,
        "timestamp": "2026-01-01T00:00:00Z",
    }


def test_a_start_after_a_refusal_breaks_the_rule_of_the_refusal() -> None:
    charger = a_charger()
    happen(charger, "PlugIn", connectorId=1)
    tell(charger, "StatusNotification", status(1, "Preparing"))
    happen(charger, "PresentTag", idTag="B")
    tell(charger, "Authorize", {"idTag": "TAG-B"}, STANDING["B"])
    tell(charger, "StartTransaction", start("TAG-B"))
    assert {"CORE-AUTH-001", "CORE-AUTH-009"} <= set(rules_of(charger))


def test_what_holds_is_not_named() -> None:
    charger = a_charger()
    happen(charger, "PlugIn", connectorId=1)
    tell(charger, "StatusNotification", status(1, "Preparing"))
    happen(charger, "PresentTag", idTag="B")
    tell(charger, "Authorize", {"idTag": "TAG-B"}, STANDING["B"])
    tell(charger, "StartTransaction", start("TAG-B"))
    assert not {each for each in rules_of(charger) if each.startswith("RES-")}


def test_a_reservation_that_vanishes_breaks_the_rules_of_its_end() -> None:
    charger = a_charger()
    number = ask(charger, "ReserveNow", connectorId=1, idTag="A", reservationId="R")
    charger.receive(f'[3,"{number}",{{"status":"Accepted"}}]', 1.0)
    tell(charger, "StatusNotification", status(1, "Reserved"))
    tell(charger, "StatusNotification", status(1, "Available"))
    assert {"RES-END-001", "RES-END-009"} <= set(rules_of(charger))


def test_a_wrong_answer_names_the_rules_of_the_right_ones() -> None:
    charger = a_charger()
    number = ask(charger, "CancelReservation", reservationId="R")
    charger.receive(f'[3,"{number}",{{"status":"Accepted"}}]', 1.0)
    assert "RES-END-005" in rules_of(charger)
