"""Both peers on loopback with every frame on record, and what must be true of any record."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Self

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.peers import clock
from tests.peers.charger import Charger, ChargerSettings
from tests.peers.charger.transitions import PERMITTED
from tests.peers.csms import CSMS, CSMSSettings, tags_from
from tests.peers.csms.records import StationRecord
from tests.peers.csms.settings import Registration
from tests.peers.http_door import ProblemError
from tests.peers.rpc import Link
from tests.peers.schema import CALL, CALL_RESULT, CallFaultError, Payload, check

PATIENCE = 5.0
QUIET = 0.12
"""Seconds without a frame after which a peer is taken to have nothing more to say."""

TAGS = tags_from(
    {
        "T1": {"status": "Accepted", "parentIdTag": "FAMILY"},
        "T2": {"status": "Accepted", "parentIdTag": "FAMILY"},
        "T3": {"status": "Accepted"},
        "T4": {"status": "Accepted"},
        "BLOCKED": {"status": "Blocked"},
        "EXPIRED": {"status": "Expired"},
        "UNSET": {},
        "WITH-HYPHEN": {"status": "Accepted"},
    }
)

Party = Literal["charger", "csms"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: who sent it, and what it says."""

    sender: Party
    text: str

    @property
    def content(self) -> list[Any]:
        content: list[Any] = json.loads(self.text)
        return content

    @property
    def is_call(self) -> bool:
        return bool(self.content[0] == CALL)


class SilentError(AssertionError):
    """Something that should have happened on the wire did not."""


class Record:
    """Every frame between the peers, in the order in which the CSMS saw them."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.breaks: set[int] = set()
        """Places in `frames` at which a new connection begins."""
        self._news = asyncio.Event()

    def note(self, station: str, direction: str, text: str) -> None:
        if direction == "--":
            self.breaks.add(len(self.frames))
            return
        self.frames.append(Frame("charger" if direction == "<-" else "csms", text))
        self._news.set()

    async def until(self, holds: Callable[[], bool], patience: float = PATIENCE) -> None:
        """Wait until something holds that can only come true by a frame."""
        try:
            async with asyncio.timeout(patience):
                while not holds():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            tail = "\n".join(f"  {frame.sender:7} {frame.text}" for frame in self.frames[-12:])
            raise SilentError(
                f"nothing of the kind within {patience} s; last frames:\n{tail}"
            ) from None

    async def quiet(self, seconds: float = QUIET) -> None:
        """Wait until no frame has come for a while."""
        while True:
            self._news.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._news.wait()
            except TimeoutError:
                return

    def calls(self, action: str | None = None, sender: Party = "charger") -> list[Payload]:
        """The payloads of the requests of one side."""
        return [
            frame.content[3]
            for frame in self.frames
            if frame.is_call and frame.sender == sender and action in (None, frame.content[2])
        ]

    def actions(self, sender: Party = "charger") -> list[str]:
        return [f.content[2] for f in self.frames if f.is_call and f.sender == sender]

    def answers(self, action: str, sender: Party = "charger") -> list[Any]:
        """The answers of one side to requests of one kind: payload, or error code."""
        ids = {f.content[1] for f in self.frames if f.is_call and f.content[2] == action}
        found = []
        for frame in self.frames:
            content = frame.content
            if frame.sender == sender and not frame.is_call and content[1] in ids:
                found.append(content[2])
        return found

    def statuses(self, connector: int) -> list[str]:
        """What was reported of a connector, in order."""
        return [
            payload["status"]
            for payload in self.calls("StatusNotification")
            if payload["connectorId"] == connector
        ]


class ScriptedDesk:
    """A desk whose next answers can be laid down: a payload, silence, or CALLERROR."""

    def __init__(self, serve: Callable[[StationRecord, str, Payload], Payload | None]) -> None:
        self._serve = serve
        self._script: dict[str, list[Payload | CallFaultError | None]] = {}

    def lay_down(self, action: str, *answers: Payload | CallFaultError | None) -> None:
        self._script.setdefault(action, []).extend(answers)

    def serve(self, station: StationRecord, action: str, payload: Payload) -> Payload | None:
        script = self._script.get(action)
        if not script:
            return self._serve(station, action, payload)
        answer = script.pop(0)
        if isinstance(answer, CallFaultError):
            raise answer
        return answer


class Rig:
    """A CSMS and a charger connected to it."""

    def __init__(
        self,
        connectors: int = 1,
        config: Mapping[str, str] | None = None,
        charger_faults: Sequence[str] = (),
        csms_faults: Sequence[str] = (),
        registrations: Sequence[Registration] = ("Accepted",),
        interval: int = 300,
        boot_retry: float = 5.0,
    ) -> None:
        self.record = Record()
        self.csms = CSMS(
            CSMSSettings(
                tags=TAGS,
                faults=csms_faults,
                registrations=registrations,
                interval=interval,
                trace=self.record.note,
            )
        )
        self.desk = ScriptedDesk(self.csms.desk.serve)
        self.csms.desk.serve = self.desk.serve  # type: ignore[method-assign]
        self.is_faultless = not charger_faults and not csms_faults
        self._connectors = connectors
        self._config = config or {}
        self._faults = charger_faults
        self._boot_retry = boot_retry
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.csms)
        self.charger = await self._stack.enter_async_context(
            Charger(
                ChargerSettings(
                    csms=self.csms.url,
                    connectors=self._connectors,
                    config=self._config,
                    faults=self._faults,
                    boot_retry=self._boot_retry,
                )
            )
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def station(self) -> StationRecord:
        return self.csms.stations["CP1"]

    async def booted(self, times: int = 1) -> None:
        """Wait for an accepted boot and the status reports that follow it."""
        await self.record.until(
            lambda: (
                len(self.record.statuses(self._connectors)) >= 1
                and len(self.record.calls("BootNotification")) >= times
            )
        )
        await self.record.quiet()

    async def bench(self, verb: str, **arguments: Any) -> None:
        await self.charger.act(verb, arguments)

    async def operator(self, action: str, **payload: Any) -> Payload:
        return await self.csms.send("CP1", action, payload)

    async def answer_status(self, action: str, **payload: Any) -> str:
        return str((await self.operator(action, **payload))["status"])

    async def reserve(
        self, connector: int, id_tag: str, number: int = 7, seconds: float = 60.0, **more: Any
    ) -> str:
        expiry = clock.to_wire(clock.now() + timedelta(seconds=seconds))
        return await self.answer_status(
            "ReserveNow",
            connectorId=connector,
            idTag=id_tag,
            reservationId=number,
            expiryDate=expiry,
            **more,
        )

    async def charging(self, id_tag: str = "T1", connector: int = 1) -> int:
        """Plug in, present a tag, and give the id of the transaction that follows."""
        before = len(self.station.transactions)
        await self.bench("plug_in", connectorId=connector)
        await self.bench("present_tag", idTag=id_tag, connectorId=connector)
        await self.record.until(lambda: len(self.station.transactions) > before)
        await self.shows(connector, "Charging")
        return self.station.transactions[-1].transaction_id

    async def shows(self, connector: int, status: str) -> None:
        """Wait until the last report of a connector is `status`, and answered."""
        await self.record.until(lambda: self.record.statuses(connector)[-1:] == [status])
        await self.record.quiet(0.02)

    async def stopped(self, times: int = 1) -> Payload:
        """Wait for a StopTransaction that has been answered."""
        await self.record.until(
            lambda: len(self.record.answers("StopTransaction", "csms")) >= times
        )
        return self.record.calls("StopTransaction")[-1]


@asynccontextmanager
async def peers(**options: Any) -> AsyncIterator[Rig]:
    """A rig that has booted; a faultless record is judged at the end."""
    async with Rig(**options) as rig:
        await rig.booted()
        yield rig
        await rig.record.quiet(QUIET / 2)
    if rig.is_faultless:
        judge(rig.record)


async def post(url: str, body: Any = None, method: str = "POST") -> tuple[int, Any]:
    """Status and JSON answer of an HTTP request."""

    def send() -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    return await asyncio.to_thread(send)


class RawStation:
    """A station that says what it is told: for the CSMS on its own."""

    def __init__(self, url: str, identity: str = "RAW") -> None:
        self._url = f"{url}/{identity}"
        self.answers: dict[str, Payload | None] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        socket = await self._stack.enter_async_context(
            connect(self._url, subprotocols=[Subprotocol("ocpp1.6")], compression=None, proxy=None)
        )
        self.link = Link(socket, lambda action, _: self.answers.get(action), frozenset(_ACTIONS))
        self._reading = asyncio.create_task(self.link.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def call(self, action: str, patience: float = PATIENCE, **payload: Any) -> Payload:
        return await self.link.call(action, payload, patience)

    async def boot(self) -> Payload:
        return await self.call(
            "BootNotification", chargePointVendor="Raw", chargePointModel="Station"
        )

    async def ended(self) -> None:
        """Wait for the end of the connection."""
        async with asyncio.timeout(PATIENCE):
            await self._reading


_ACTIONS = ("ChangeAvailability", "GetConfiguration", "RemoteStartTransaction", "ReserveNow")


def judge(record: Record) -> None:
    """Assert what holds of every record of two faithful peers."""
    _judge_frames(record)
    _judge_statuses(record)
    _judge_transactions(record)


def _judge_frames(record: Record) -> None:
    """Schemas, unique ids, one answer at most per CALL, one outstanding CALL per side."""
    outstanding: dict[Party, str | None] = {"charger": None, "csms": None}
    actions: dict[str, str] = {}
    answered: set[str] = set()
    for place, frame in enumerate(record.frames):
        content = frame.content
        message_id = content[1]
        if place in record.breaks:
            outstanding = {"charger": None, "csms": None}
        if frame.is_call:
            assert message_id not in actions, f"id used twice: {frame}"
            assert outstanding[frame.sender] is None, f"a call is outstanding already: {frame}"
            actions[message_id] = content[2]
            check(CALL, content[2], content[3])
            outstanding[frame.sender] = message_id
        else:
            assert message_id in actions, f"answers nothing: {frame}"
            assert message_id not in answered, f"answered twice: {frame}"
            answered.add(message_id)
            for party, waiting in outstanding.items():
                if waiting == message_id:
                    assert frame.sender != party, f"answers itself: {frame}"
                    outstanding[party] = None
            if content[0] == CALL_RESULT:
                check(CALL_RESULT, actions[message_id], content[2])


def _judge_statuses(record: Record) -> None:
    """Only permitted transitions between reports with nothing hidden between them."""
    last: dict[int, str] = {}
    for place, frame in enumerate(record.frames):
        if place in record.breaks:
            last.clear()
        if not frame.is_call or frame.sender != "charger":
            continue
        payload = frame.content[3]
        if frame.content[2] != "StatusNotification":
            continue
        number, status = payload["connectorId"], payload["status"]
        if number == 0:
            assert status in ("Available", "Unavailable", "Faulted")
        elif number in last and last[number] != status:
            assert status in PERMITTED[last[number]], f"{last[number]} -> {status}"  # type: ignore[index]
        last[number] = status


def _judge_transactions(record: Record) -> None:
    """One stop per transaction; the same words again, on another connection, repeat a message."""
    stops: dict[int, tuple[Payload, int]] = {}
    for place, frame in enumerate(record.frames):
        if not frame.is_call or frame.sender != "charger":
            continue
        payload = frame.content[3]
        if frame.content[2] == "StartTransaction":
            assert payload["connectorId"] > 0
        if frame.content[2] == "StopTransaction" and payload["transactionId"] != -1:
            said, where = stops.setdefault(payload["transactionId"], (payload, place))
            is_repeated = said == payload and any(where < cut <= place for cut in record.breaks)
            assert where == place or is_repeated, f"stopped twice: {frame}"


__all__ = ["PATIENCE", "ProblemError", "RawStation", "Record", "Rig", "judge", "peers", "post"]
