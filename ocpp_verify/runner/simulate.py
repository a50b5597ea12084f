"""A model played as a live endpoint: an executable reference peer.

The same conversation and tester as in a test, but nothing is planned: the role does what it owes,
its timers run out, and it answers with the most obliging outcome that its model permits. The bench
or the operator comes in over HTTP.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal, TypeAlias

from ocpp_verify.errors import PeerUnreachable
from ocpp_verify.ir.lower import lower
from ocpp_verify.ir.model import Event, Model, peer
from ocpp_verify.ir.types import Value
from ocpp_verify.live.conversation import Conversation
from ocpp_verify.live.drivers.bench import NoBench
from ocpp_verify.live.drivers.clock import Clock
from ocpp_verify.live.drivers.endpoints import BenchEndpoint, OperatorEndpoint
from ocpp_verify.live.drivers.operator import NoOperator
from ocpp_verify.live.drivers.outcome import Done, Outcome, Refused, Unavailable
from ocpp_verify.live.labs import verb
from ocpp_verify.live.menu import Choice
from ocpp_verify.live.own_role import OwnRole
from ocpp_verify.live.polite import ChargerAnswers, csms_answer
from ocpp_verify.live.tester import Pace, Tester
from ocpp_verify.live.wording import Wording
from ocpp_verify.ocpp.v16.schemas import Schemas
from ocpp_verify.runner.campaign import charger_keys
from ocpp_verify.runner.live import Setup, make_conversation
from ocpp_verify.runner.stage import ChargerStage, CsmsStage, Stage

Say: TypeAlias = Callable[[str], None]

_TICK = 0.1  # seconds between two looks at the timers
_RETRY = 2.0  # seconds between two attempts to connect


@dataclass(frozen=True, slots=True)
class Played:
    """What is played and where; `control_port` is that of the bench or the operator."""

    model: Model
    role: Literal["charger", "csms"]
    setup: Setup
    station: str
    control_port: int = 0
    host: str = "127.0.0.1"
    port: int = 0
    url: str = ""


class Player:
    """One role, played until it is stopped."""

    def __init__(self, played: Played, clock: Clock, say: Say) -> None:
        self.ready = asyncio.Event()
        self.address = ""
        self.control = ""
        self._played = played
        self._clock = clock
        self._say = say
        self._lowering = lower(played.model, on_the_wire=True)
        self._schemas = Schemas()
        self._stage = self._make_stage()
        self._answered: dict[str, Mapping[str, Any]] = {}
        self._lock = asyncio.Lock()
        self._is_off = False
        self.conversation = self._make_conversation()
        self.tester = self._make_tester()
        self._own = OwnRole(self.tester)

    def _make_stage(self) -> Stage:
        played = self._played
        if played.role == "charger":
            return CsmsStage(
                NoOperator(), self._clock, self._schemas, played.url, played.station, 0, 10.0
            )
        return ChargerStage(
            NoBench(), self._clock, self._schemas, (), played.host, played.port, played.station,
            0, 10.0,
        )  # fmt: skip

    def _make_conversation(self) -> Conversation:
        played = self._played
        conversation = make_conversation(
            self._lowering, peer(played.role), played.setup, self._clock, self._schemas
        )
        if played.role == "charger":
            conversation.polite = ChargerAnswers(charger_keys(self._lowering, played.setup))
        else:
            conversation.polite = csms_answer
            conversation.lenient = True
        return conversation

    def _make_tester(self) -> Tester:
        tester = Tester(
            self.conversation, None, [], self._clock, Random(0), Pace(connect=_RETRY, step=2.0),
            self._say,
        )  # fmt: skip
        tester.use(self._stage.lab)
        self._stage.relay.attach(tester, self._clock.now())
        return tester

    # the life of the endpoint ---------------------------------------------------------------------

    async def run(self) -> None:
        """Play until cancelled. Raises PeerUnreachable if a charger's CSMS is not there at first."""
        control = self._control()
        await control.start()
        self.control = control.url
        try:
            await self._stage.open()
            self.address = self._stage.address
            if self._played.role == "charger":
                await self._connect_first()
            self.ready.set()
            while True:
                async with self._lock:
                    await self._live()
                await self.tester.until(lambda: False, _TICK)
        finally:
            await control.stop()
            await self._stage.close()

    async def _connect_first(self) -> None:
        await self._stage.lab.link(up=True)
        if not await self.tester.until(lambda: self.tester.is_connected, _RETRY):
            refused = "; ".join(self._stage.relay.refused) or "no connection came about"
            raise PeerUnreachable(
                f"no connection with {self.address}: {refused}",
                help="start the CSMS first, and check the address and the station's identity",
            )

    async def _live(self) -> None:
        """What is due now. A charger that has lost its connection tries again."""
        for each in self.conversation.findings:
            self._say(f"{each.kind}: {each.message}")
        self.conversation.findings.clear()
        self.conversation.log.clear()
        self.tester.inconclusive, self.conversation.belief.has_overflown = None, False
        await self._own.keep_up()
        lost = not self.tester.is_connected and not self._stage.lab.is_link_cut
        if lost and self._played.role == "charger" and self._has_power():
            await self._stage.lab.link(up=True)
            await self.tester.until(lambda: self.tester.is_connected, _RETRY)

    def _has_power(self) -> bool:
        cells = self.conversation.oracle.system.cells
        at = next((number for number, cell in enumerate(cells) if cell.variable == "power"), None)
        if at is None:
            return True
        return all(cells[at].domain[each[at]] == "On" for each in self.conversation.belief.kernel)

    # the lab of the other side ----------------------------------------------------------------------

    def _control(self) -> BenchEndpoint | OperatorEndpoint:
        port = self._played.control_port
        model = self._played.model
        if self._played.role == "charger":
            verbs = [
                verb(each.name)
                for each in model.actions
                if isinstance(each, Event) and each.role == "charger"
            ]
            return BenchEndpoint(self._happen, verbs=verbs, port=port)
        actions = [each.name for each in model.calls() if each.sender == "csms"]
        return OperatorEndpoint(
            self._send, station=self._played.station, actions=actions, port=port
        )

    async def _happen(self, name: str, arguments: Mapping[str, Any]) -> Outcome:
        """A bench verb: an event at our own role."""
        async with self._lock:
            event = next(
                (each for each in self._played.model.actions if verb(each.name) == name), None
            )
            if not isinstance(event, Event):
                return Unavailable(f"the model has no {name}")
            wanted = self._wanted(self.conversation.binding.caused(event), arguments)
            if isinstance(wanted, Refused):
                return wanted
            choice = self._on_the_menu("own", event.name, wanted)
            if choice is None:
                return Refused(f"{name} is not possible now")
            if self.conversation.is_link_event(event.name, up=False):
                await self._stage.lab.link(up=False)
                return Done()
            if self.conversation.is_link_event(event.name, up=True):
                await self._stage.lab.link(up=True)
                return Done()
            self.tester.take(choice)
            await self._own.keep_up()
            if name == "power_on":
                await self._stage.lab.link(up=True)
            return Done(choice.text)

    async def _send(self, action: str, payload: Mapping[str, Any]) -> Outcome:
        """An operator action: a call of our own role; tells the charger's answer."""
        conversation = self.conversation
        if not self.tester.is_connected:
            return Refused("the charger is not connected")
        self._learn(action, payload)
        async with self._lock:
            await self.tester.until(lambda: not conversation.session.outstanding, 30.0)
            wanted = self._wanted(conversation.binding.asked(action), payload)
            if isinstance(wanted, Refused):
                return wanted
            choice = self._on_the_menu("call", action, wanted)
            if choice is None:
                return Refused(f"{action} is not permitted now")
            before = len(conversation.log)
            self.tester.take(choice)
            if not conversation.session.outstanding:
                return Refused(f"{action} is not permitted now")
            message_id = conversation.session.outstanding[-1].id
            await self.tester.until(lambda: not conversation.session.outstanding, 30.0)
            answers = (_answer(each.text, message_id) for each in conversation.log[before:])
            return Done(next((each for each in answers if each is not None), "no answer"))

    def _learn(self, action: str, payload: Mapping[str, Any]) -> None:
        """Numbers that the operator makes up get a token."""
        binding = self.conversation.binding
        next(binding.meanings(binding.asked(action), payload, frozenset))

    def _wanted(
        self, words: Sequence[Wording], given: Mapping[str, Any]
    ) -> dict[str, tuple[Value, ...]] | Refused:
        """The model's values for the arguments."""
        found: dict[str, tuple[Value, ...]] = {}
        for each in words:
            if each.is_internal:
                continue
            values = each.read(each.field(given))
            if not values:
                return Refused(f"{each.name}={given.get(each.name)} is nothing that the model has")
            found[each.name] = values
        return found

    def _on_the_menu(
        self, kind: str, name: str, wanted: Mapping[str, tuple[Value, ...]]
    ) -> Choice | None:
        for each in self.conversation.menu(self.tester.now()):
            if (each.kind, each.name) != (kind, name):
                continue
            if all(value in wanted[key] for key, value in each.args if key in wanted):
                return each
        return None


def _answer(text: str, message_id: str) -> str | None:
    """The payload or error of a frame that answers this call, as JSON."""
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return None
    is_answer = isinstance(frame, list) and frame[:1] in ([3], [4]) and frame[1:2] == [message_id]
    return json.dumps(frame[2]) if is_answer and len(frame) > 2 else None
