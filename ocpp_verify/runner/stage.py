"""The connection with one system under test over all runs of a test, and the way back to a start."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal, Protocol, TypeAlias

from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.model import Role
from ocpp_verify.ir.system import State
from ocpp_verify.live.conversation import Conversation
from ocpp_verify.live.drivers.bench import Bench, HttpBench
from ocpp_verify.live.drivers.clock import Clock
from ocpp_verify.live.drivers.operator import Operator
from ocpp_verify.live.drivers.outcome import Done
from ocpp_verify.live.labs import ChargerLab, CsmsLab, Lab
from ocpp_verify.live.record import Entry
from ocpp_verify.live.shells.client import ChargerClient
from ocpp_verify.live.shells.server import CsmsServer
from ocpp_verify.live.shells.wire import LinkFact, NoSubprotocol, RefusedPeer, Wire
from ocpp_verify.live.tester import Tester
from ocpp_verify.ocpp.flood import FloodLimit
from ocpp_verify.ocpp.v16.fill import Filler
from ocpp_verify.ocpp.v16.schemas import Schemas
from ocpp_verify.runner.caretaker import Caretaker
from ocpp_verify.runner.home import registered_states, registrations, with_any_cables
from ocpp_verify.runner.live import Setup, start_states

FLOOD_FRAMES = 400
FLOOD_SECONDS = 2.0
STEADY_CALLS = 800  # where judging them is what takes the time
STEADY_SECONDS = 30.0
_TRIES, _PAUSE = 8, 1.0  # of making a charger operative again; seconds between them

_IDLE_WITHIN = 35.0  # seconds for a use to end, time-outs of 30 s included
_SOON = 1.0

Homecoming: TypeAlias = Literal["restarted", "tidied", "lost"]
"""`restarted`: it boots anew. `tidied`: as far as messages could do it. `lost`: it is not there."""


class Relay:
    """The wire of the shell: hands everything to whoever is in charge, unless it is a flood."""

    def __init__(self) -> None:
        self.is_connected = False
        self.refused: dict[str, int] = {}
        self.before: Callable[[str | bytes, float], None] | None = None
        self.flood: tuple[str, str] | None = None
        """What was said of the last flood, also of one between two runs, and its last frame."""
        self._target: Wire | None = None
        self._tester: Tester | None = None
        self._flood = FloodLimit(FLOOD_FRAMES, FLOOD_SECONDS)
        self._steady = FloodLimit(STEADY_CALLS, STEADY_SECONDS)
        self._is_shut = False

    def attach(self, target: Wire, now: float) -> None:
        """From now on, this one is told.

        It is told of a connection that is there already, unless it is a tester, whose states say so.
        """
        self._target = target
        self._tester = target if isinstance(target, Tester) else None
        self._is_shut = False
        if self._tester is not None:
            self._tester.is_connected = self.is_connected
            self._tester.was_connected = self.is_connected
        elif self.is_connected:
            target.on_connected(now)

    def on_connected(self, now: float) -> None:
        self.is_connected = True
        if self._target is not None:
            self._target.on_connected(now)

    def on_frame(self, data: str | bytes, now: float) -> None:
        fact = self._flood.count(now)
        if fact is None and data[:3] in ("[2,", b"[2,"):
            fact = self._steady.count(now)
        if fact is not None and not self._is_shut:
            self._is_shut = True
            message = f"more than {fact.messages} frames within {fact.seconds:g} s"
            shown = (data if isinstance(data, str) else repr(data[:200]))[:500]
            self.flood = message, shown
            if self._tester is not None:
                self._tester.conversation.report("flood", message, self._tester.now(), shown)
                self._tester.wake()
        if self._is_shut or self._target is None:
            return
        if self.before is not None:
            self.before(data, now)
        self._target.on_frame(data, now)

    def on_disconnected(self, now: float, why: str) -> None:
        self.is_connected = False
        if self._target is not None:
            self._target.on_disconnected(now, why)

    def on_noticed(self, fact: LinkFact, now: float) -> None:
        if isinstance(fact, RefusedPeer):
            self._count_refused(f"{fact.station or '(no identity)'}: {fact.why}")
        elif isinstance(fact, NoSubprotocol):
            named = f"sub-protocol {', '.join(fact.offered)}" if fact.offered else "no sub-protocol"
            self._count_refused(f"somebody who names {named}")
        if self._target is not None:
            self._target.on_noticed(fact, now)

    def _count_refused(self, said: str) -> None:
        self.refused[said] = self.refused.get(said, 0) + 1


def last_statuses(log: Sequence[Entry]) -> dict[object, object]:
    """The status that a charger reported last, by connector."""
    found = {}
    for entry in log:
        if entry.mark == "<-" and '"StatusNotification"' in entry.text:
            with contextlib.suppress(ValueError, LookupError, TypeError, AttributeError):
                payload = json.loads(entry.text)[3]
                found[payload["connectorId"]] = payload.get("status")
    return found


class Stage(Protocol):
    """What a test needs to know about its system under test."""

    sut: Role
    relay: Relay
    has_backlog: bool
    """Whether it may hold transaction messages of a time before the next run."""

    @property
    def lab(self) -> Lab:
        """What it is surrounded by."""
        ...

    async def open(self) -> None:
        """Be there for connections."""
        ...

    async def close(self) -> None:
        """Leave."""
        ...

    async def begin(self, patience: float) -> Homecoming | None:
        """Before the first run: bring the system under test to a known start; None where nothing
        can, and nobody knows what it was used for before.
        """
        ...

    @property
    def address(self) -> str:
        """Where the connection is made, for messages."""
        ...

    async def home(self, last: Conversation | None) -> Homecoming:
        """Bring the system under test to where a run may begin."""
        ...

    async def go(self) -> None:
        """The tester is in charge now: let the system under test start again if it was stopped."""
        ...

    def states(self, lowering: Lowering, setup: Setup, came: Homecoming | None) -> list[State]:
        """The states that a run may begin in; `came` is None for the first one."""
        ...


@dataclass(slots=True)
class ChargerStage:
    """We are the CSMS: a server, and a bench at the charger."""

    bench: Bench
    clock: Clock
    schemas: Schemas
    connectors: tuple[int, ...]
    host: str
    port: int
    station: str | None
    seed: int
    patience: float
    sut: Role = "charger"
    relay: Relay = field(default_factory=Relay)
    lab: ChargerLab = field(init=False)
    _server: CsmsServer = field(init=False)
    _address: str = field(init=False)
    _is_off: bool = False
    _open: set[int] = field(default_factory=set)
    _reserved: set[int] = field(default_factory=set)
    _homes: int = 0
    _is_known: bool = False
    has_backlog: bool = True
    _idle_within: float = field(init=False)

    def __post_init__(self) -> None:
        self._idle_within = min(_IDLE_WITHIN, self.patience)
        self._address = f"ws://{self.host}:{self.port}"
        self._server = CsmsServer(
            self.relay, self.clock, station=self.station, host=self.host, port=self.port
        )
        self.lab = ChargerLab(self.bench, self._server)

    @property
    def address(self) -> str:
        return self._address

    async def open(self) -> None:
        if isinstance(self.bench, HttpBench):
            self._is_known = await self.bench.discover()
        await self._server.start()
        self._address = self._server.url

    async def close(self) -> None:
        await self.go()  # nobody wants their charger back switched off
        await self._server.stop()

    async def begin(self, patience: float) -> Homecoming | None:
        await self._ask_again(patience)
        if not {"power_off", "power_on"} <= self.bench.verbs:
            return None
        return await self._bring_home(None, patience)

    async def _ask_again(self, patience: float) -> None:
        """A bench that was not there yet may have come with its charger."""
        if self._is_known or not isinstance(self.bench, HttpBench):
            return
        end = self.clock.now() + patience
        while not self.relay.is_connected and self.clock.now() < end:
            await self.clock.sleep_until(min(end, self.clock.now() + 0.1))
        self._is_known = await self.bench.discover()

    async def home(self, last: Conversation | None) -> Homecoming:
        return await self._bring_home(last, self.patience)

    async def _bring_home(self, last: Conversation | None, patience: float) -> Homecoming:
        self._homes += 1
        keeper = Caretaker(
            "csms",
            self.clock,
            self.schemas,
            Filler(self.schemas, Random(self.seed)),
            self._server.send,
            f"home{self.seed}-{self._homes}-",
        )
        if last is not None:
            keeper.statuses.update(last_statuses(last.log))
        self.relay.attach(keeper, self.clock.now())
        await self.lab.link(up=True)
        verbs = self.bench.verbs
        if not await keeper.until(lambda: keeper.is_connected, min(2.0, patience)):
            if "power_on" in verbs:
                await self.bench.do("power_on", {})
            if not await keeper.until(lambda: keeper.is_connected, patience):
                return "lost"
            await keeper.calm(_SOON, 5.0)  # it boots: let it say how it stands
        for connector in self.connectors:
            for verb in ("clear_fault", "plug_out"):
                if verb in verbs:
                    await self.bench.do(verb, {"connectorId": connector})
        await self._tidy(keeper, last)
        self.has_backlog = last is None or not await self._drain(keeper, last)
        # Someone who was let in but has not plugged in yet may outlive a restart.
        if not await keeper.until(keeper.is_idle, self._idle_within):
            self._idle_within = _SOON
        if {"power_off", "power_on"} <= verbs:
            outcome = await self.bench.do("power_off", {})
            gone = await keeper.until(lambda: not keeper.is_connected, 10.0)
            if isinstance(outcome, Done) and gone:
                self._is_off = True
                return "restarted"
            if isinstance(outcome, Done):
                await self.bench.do("power_on", {})
        answer = await keeper.call("Reset", {"type": "Hard"})
        if answer is not None and answer.get("status") == "Accepted":
            gone = await keeper.until(lambda: not keeper.is_connected, patience)
            if gone:
                return "restarted"
        await keeper.calm(0.5, 2.0)
        return "tidied" if keeper.is_connected else "lost"

    async def _tidy(self, keeper: Caretaker, last: Conversation | None) -> None:
        for _ in range(_TRIES if last is not None else 0):
            wanted = {"connectorId": 0, "type": "Operative"}
            answer = await keeper.call("ChangeAvailability", wanted)
            if answer is not None and answer.get("status") in ("Accepted", "Scheduled"):
                break
            # It may have to wait before it registers again, or to finish a restart.
            await keeper.until(lambda: False, _PAUSE)
        tokens = last.binding.tokens.fresh if last is not None else {}
        self._open |= {*tokens.get("TransactionId", {}).values(), *keeper.transactions}
        for number in sorted(self._open):
            if await keeper.call("RemoteStopTransaction", {"transactionId": number}) is not None:
                self._open.discard(number)
        self._reserved |= {*tokens.get("ReservationId", {}).values()}
        for number in sorted(self._reserved):
            if await keeper.call("CancelReservation", {"reservationId": number}) is not None:
                self._reserved.discard(number)
        await keeper.calm(0.3, 3.0)

    async def _drain(self, keeper: Caretaker, last: Conversation) -> bool:
        """Wait for transaction messages of the last run, however long the charger holds them back;
        whether none is left.
        """
        if not last.has_backlog or keeper.delivered:
            return True
        arrived = keeper.delivered
        limit = min(last.oracle.pause + _SOON, self.patience)
        if not await keeper.until(lambda: keeper.delivered > arrived, limit):
            return False
        await keeper.calm(0.3, 3.0)
        return True

    async def go(self) -> None:
        if self._is_off:
            self._is_off = False
            await self.bench.do("power_on", {})

    def states(self, lowering: Lowering, setup: Setup, came: Homecoming | None) -> list[State]:
        states = registered_states(lowering, setup, online=self.relay.is_connected)
        if came != "tidied":
            fresh = start_states(lowering, setup)
            # At first nobody knows whether it has booted before it came to us.
            states = fresh if came == "restarted" else [*fresh, *states]
        if "plug_in" in self.bench.verbs:
            return states
        return with_any_cables(lowering, states)


@dataclass(slots=True)
class CsmsStage:
    """We are the charger: a client, and somebody who operates the CSMS."""

    operator: Operator
    clock: Clock
    schemas: Schemas
    url: str
    station: str
    seed: int
    patience: float
    sut: Role = "csms"
    relay: Relay = field(default_factory=Relay)
    has_backlog: bool = False
    refusals: list[str] = field(default_factory=list)
    lab: CsmsLab = field(init=False)
    _client: ChargerClient = field(init=False)
    _homes: int = 0

    def __post_init__(self) -> None:
        self._client = ChargerClient(
            self.relay, self.clock, url=self.url, station=self.station, open_timeout=self.patience
        )
        self.lab = CsmsLab(self.operator, self._client, self._refused)

    def _refused(self, why: str) -> None:
        self.relay.refused[why] = self.relay.refused.get(why, 0) + 1

    @property
    def address(self) -> str:
        return self._client.address

    async def open(self) -> None:
        """Nothing to prepare: the tester connects."""

    async def close(self) -> None:
        await self._client.stop()

    async def begin(self, patience: float) -> Homecoming | None:
        del patience
        return None

    async def home(self, last: Conversation | None) -> Homecoming:
        self._homes += 1
        keeper = Caretaker(
            "charger",
            self.clock,
            self.schemas,
            Filler(self.schemas, Random(self.seed)),
            self._client.send,
            f"home{self.seed}-{self._homes}-",
        )
        self.relay.attach(keeper, self.clock.now())
        if not keeper.is_connected:
            await self.lab.link(up=True)
        if not await keeper.until(lambda: keeper.is_connected, self.patience):
            return "lost"
        numbers = last.binding.tokens.fresh.get("TransactionId", {}) if last is not None else {}
        for number in sorted(numbers.values()):
            await keeper.call("StopTransaction", {"transactionId": number})
        await keeper.calm(0.2, 2.0)
        await self.lab.link(up=False)
        await keeper.until(lambda: not keeper.is_connected, 5.0)
        return "restarted"

    async def go(self) -> None:
        """The tester connects by itself."""

    def states(self, lowering: Lowering, setup: Setup, came: Homecoming | None) -> list[State]:
        return registrations(lowering, setup)
