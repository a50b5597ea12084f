"""A CSMS is asked what it thinks of identifiers before it is judged by it."""

import asyncio
import json
from random import Random
from typing import Any

from ocpp_verify.live import tester as live
from ocpp_verify.live.drivers.clock import RealClock
from ocpp_verify.runner.standings import ask_standings, believe, what_it_means, with_standings
from ocpp_verify.runner.tags import Tag
from tests.sans_io.test_strange_conversations import Nobody, a_conversation, the_lowering


class Generous(Nobody):
    """A CSMS that lets everybody in, but says nothing of whom it calls odd."""

    def send(self, frame: str | bytes) -> bool:
        kind, message_id, _, payload = json.loads(frame)
        assert kind == 2
        assert self.tester is not None
        told: dict[str, Any] = {}
        if "idTag" in payload:
            told["idTagInfo"] = {} if payload["idTag"] == "ODD" else {"status": "Accepted"}
        answer = json.dumps([3, message_id, told])
        asyncio.get_running_loop().call_soon(self.tester.on_frame, answer, RealClock().now())
        return True


def test_what_the_csms_says_counts_from_then_on() -> None:
    tester = live.Tester(
        a_conversation(the_lowering(), "csms"), None, [], RealClock(), Random(1), live.Pace()
    )
    lab = Generous()
    lab.tester = tester
    tester.use(lab)
    tester.is_connected = True
    told = asyncio.run(ask_standings(tester, ("TAG-A", "ODD"), 0.5))
    assert told == {"TAG-A": "Accepted"}
    believe(tester.conversation, {"A": "Accepted", "B": "Accepted"}, tester.now())
    cells = the_lowering().system.cells
    at = [number for number, cell in enumerate(cells) if cell.variable == "standing"]
    states = tester.conversation.belief.kernel
    assert {cells[each].domain[state[each]] for state in states for each in at} == {"Accepted"}


def test_tags_keep_their_standing_where_the_csms_told_none() -> None:
    chosen = ((Tag("T1", "Invalid"), Tag("T2", "Invalid")),)
    assert with_standings(chosen, {"T2": "Blocked"}) == (
        (Tag("T1", "Invalid"), Tag("T2", "Blocked")),
    )


def test_the_report_says_what_cannot_be_judged_then() -> None:
    assert "so no transaction can start" in what_it_means({"T1": "Invalid"})
    assert "accepts T1 and T2, of which nobody has told it" in what_it_means(
        {"T1": "Accepted", "T2": "Accepted"}
    )
