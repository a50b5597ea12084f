"""The charger's line to the central system: connecting, registering, sending, staying in touch."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from tests.peers.charger.clockwork import Clock
from tests.peers.charger.configuration import Configuration
from tests.peers.charger.settings import ChargerSettings
from tests.peers.charger.transactions import Entry, Outbox
from tests.peers.clock import monotonic
from tests.peers.faults import Faults
from tests.peers.rpc import Link, LinkLostError, NoAnswerError, Quirks, RefusedError
from tests.peers.schema import Payload

LOGGER = logging.getLogger(__name__)

SUBPROTOCOL = Subprotocol("ocpp1.6")
SUPPORTED = frozenset(
    {
        "CancelReservation",
        "ChangeAvailability",
        "ChangeConfiguration",
        "ClearCache",
        "DataTransfer",
        "GetConfiguration",
        "RemoteStartTransaction",
        "RemoteStopTransaction",
        "ReserveNow",
        "Reset",
        "UnlockConnector",
    }
)
DAY = 86400.0

Registration = Literal["none", "Accepted", "Pending", "Rejected"]


class LineEvents(Protocol):
    """What the line tells the station."""

    def serve(self, action: str, payload: Payload) -> Payload | None: ...
    def accepted(self) -> None: ...
    def pending(self, link: Link) -> None: ...
    def reconnected(self) -> None: ...
    def clock_was_set(self) -> None: ...
    def answered(self, entry: Entry, answer: Payload) -> None: ...


@dataclass(slots=True, eq=False)
class Job:
    """A request that is worth sending only while the present connection lasts."""

    action: str
    payload: Payload
    number: int
    answer: asyncio.Future[Payload]


class Line:
    """Keeps a connection, registers after each start, and sends one request at a time.

    Requests go out in the order of their events; a transaction message that waits for its
    retransmission lets others pass.
    """

    def __init__(
        self,
        settings: ChargerSettings,
        faults: Faults,
        config: Configuration,
        outbox: Outbox,
        clock: Clock,
        network: asyncio.Event,
        events: LineEvents,
    ) -> None:
        self._settings = settings
        self._faults = faults
        self._config = config
        self._outbox = outbox
        self._network = network
        self._events = events
        self._jobs: deque[Job] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._config_changed = asyncio.Event()
        self._busy: set[Job | Entry] = set()
        self._link: Link | None = None
        self._task: asyncio.Task[None] | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self._boot_not_before = 0.0
        self._gives_up = False
        self.clock = clock
        self.registration: Registration = "none"
        self.reconnections = 0
        self.last_heartbeat = monotonic()

    # For the station.

    @property
    def is_online(self) -> bool:
        """Whether the charger is connected and accepted."""
        link = self._link
        return link is not None and link.is_open and self.registration == "Accepted"

    def start(self) -> None:
        self._task = asyncio.create_task(self._stay_connected())

    async def stop(self, is_abrupt: bool) -> None:
        """End the line for good, with or without the closing handshake."""
        link = self._link
        if link is not None:
            if is_abrupt:
                link.cut()
            else:
                await link.close(1001, "restart")
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._lose()

    def cut(self) -> None:
        """The network is gone."""
        if self._link is not None:
            self._link.cut()
        self._fail_jobs()

    def ask(self, action: str, payload: Payload) -> asyncio.Future[Payload]:
        """Queue a request; its answer, or `LinkLostError`, `NoAnswerError` or `RefusedError`."""
        answer: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(_look_at)
        if self.is_online:
            self._jobs.append(Job(action, payload, self._outbox.next_number(), answer))
            self.poke()
        else:
            answer.set_exception(LinkLostError())
        return answer

    def send(self, action: str, payload: Payload, then: Callable[[], None]) -> None:
        """Queue a request whose answer does not matter; `then` runs when there was one."""

        def after(answer: asyncio.Future[Payload]) -> None:
            if not answer.cancelled() and not isinstance(answer.exception(), LinkLostError):
                then()

        self.ask(action, payload).add_done_callback(after)

    def is_about_to_tell(self, number: int, status: str) -> bool:
        """Whether this is the last that waits to be told of a connector's status."""
        told = [
            job.payload["status"]
            for job in self._jobs
            if job.action == "StatusNotification" and job.payload["connectorId"] == number
        ]
        return told[-1:] == [status]

    def poke(self) -> None:
        """There may be something to send."""
        self._idle.clear()
        self._wake.set()

    def config_changed(self) -> None:
        self._config_changed.set()

    async def flush(self, patience: float) -> None:
        """Wait until nothing is left to send, for `patience` seconds at most."""
        if not self.is_online:
            return
        self.poke()
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._idle.wait()

    # The connection.

    async def _stay_connected(self) -> None:
        first, longest = (self._settings.delay(pause) for pause in self._settings.reconnect_pause)
        pause, bound = first, longest
        while not self._gives_up:
            await self._network.wait()
            try:
                socket = await self._connect()
            except InvalidStatus as refused:
                # After 404 the pauses grow; whatever else is wrong may be over soon.
                is_unknown = refused.response.status_code == 404
                bound = self._settings.refused_pause if is_unknown else longest
            except (OSError, WebSocketException, TimeoutError):
                bound = longest
            else:
                if not self._network.is_set():
                    socket.transport.abort()
                elif socket.subprotocol != SUBPROTOCOL:
                    await socket.close(1002, "no common subprotocol")
                else:
                    pause = first
                    await self._talk(socket)
            await asyncio.sleep(pause)
            pause = min(pause * 2, bound)

    async def _connect(self) -> ClientConnection:
        identity = quote(self._settings.station, safe="")
        return await connect(
            f"{self._settings.csms.rstrip('/')}/{identity}",
            subprotocols=[SUBPROTOCOL],
            compression=None,
            ping_interval=None,
            proxy=None,
            open_timeout=10,
            close_timeout=1,
        )

    async def _talk(self, socket: ClientConnection) -> None:
        link = Link(
            socket,
            self._events.serve,
            SUPPORTED,
            self._quirks(),
            self._settings.trace,
        )
        link.is_silent = self.registration == "Rejected"
        self._link = link
        reading = asyncio.create_task(link.run())
        talking = asyncio.create_task(self._converse(link))
        try:
            await asyncio.wait([reading, talking], return_when=asyncio.FIRST_COMPLETED)
            if talking.done() and talking.exception() is not None:
                LOGGER.error("the charger's line failed", exc_info=talking.exception())
        finally:
            for task in (reading, talking, *self._sending):
                task.cancel()
            await asyncio.gather(reading, talking, *self._sending, return_exceptions=True)
            link.is_open = False
            self._lose()
            socket.transport.abort()

    def _quirks(self) -> Quirks:
        has = self._faults.has
        twice = {"ChangeAvailability", "GetConfiguration", "ReserveNow"}
        return Quirks(
            action_in_results=has("CP-R8"),
            answers_twice=frozenset(twice if has("CP-E1") else ()),
            drops_call_errors=has("CP-R6"),
            any_answer_fits=has("CP-R5"),
            pipelines=has("CP-R1"),
            later_error_codes=has("CP-E3"),
        )

    def _lose(self) -> None:
        self._link = None
        self._busy.clear()
        self._fail_jobs()

    def _fail_jobs(self) -> None:
        jobs, self._jobs = self._jobs, deque()
        for job in jobs:
            if not job.answer.done():
                job.answer.set_exception(LinkLostError())

    async def _converse(self, link: Link) -> None:
        """Everything this side says on one connection."""
        if self.registration == "Accepted":
            self.reconnections += 1
            if self._faults.has("CP-O4"):
                self._outbox.drop(lambda entry: True)
            self._outbox.hurry()
            self._events.reconnected()
        else:
            with suppress(LinkLostError):
                await self._register(link)
            if not self.is_online:
                return
            self._outbox.hurry()
            self._events.accepted()
        parts: list[Coroutine[Any, Any, None]] = [
            self._pump(link),
            self._beat(link),
            self._ping(link),
        ]
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(part)

    # Registration.

    async def _register(self, link: Link) -> None:
        """Send BootNotification until it is accepted, no more often than the answers permit."""
        await asyncio.sleep(max(0.0, self._boot_not_before - monotonic()))
        while True:
            link.is_silent = False
            pause = self._settings.delay(self._settings.boot_retry)
            try:
                answer = await link.call(
                    "BootNotification",
                    {
                        "chargePointVendor": self._settings.vendor,
                        "chargePointModel": self._settings.model,
                        "chargePointSerialNumber": self._settings.station[:25],
                        "firmwareVersion": "1.0",
                    },
                    self._config.number("MessageTimeout"),
                )
            except (NoAnswerError, RefusedError):
                pass
            else:
                if answer["interval"] > 0:
                    pause = float(answer["interval"])
                if self._take_registration(link, answer):
                    return
            self._boot_not_before = monotonic() + pause
            await asyncio.sleep(pause)

    def _take_registration(self, link: Link, answer: Payload) -> bool:
        """Act on the answer to a BootNotification; whether it was accepted."""
        self.registration = answer["status"]
        link.is_silent = self.registration == "Rejected"
        if self.registration == "Pending":
            self._events.pending(link)
        if self.registration != "Accepted":
            return False
        self.clock.set(answer["currentTime"])
        self._events.clock_was_set()
        if answer["interval"] > 0 and not self._faults.has("CP-B6"):
            self._config.store("HeartbeatInterval", str(answer["interval"]))
        return True

    # Sending.

    async def _pump(self, link: Link) -> None:
        while link.is_open:
            self._wake.clear()
            chosen = self._next()
            if chosen is None:
                if not self._outbox and not self._busy:
                    self._idle.set()
                await self._rest()
            elif self._faults.has("CP-R1"):
                task = asyncio.create_task(self._perform(link, chosen))
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)
            else:
                await self._perform(link, chosen)

    async def _rest(self) -> None:
        """Wait for something to send, or for the time of the next retransmission."""
        head = self._outbox.head()
        patience = None
        if head is not None and head not in self._busy:
            patience = max(0.0, head.not_before - monotonic())
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._wake.wait()

    def _next(self) -> Job | Entry | None:
        """The oldest request that may go out now; it counts as busy from here on."""
        head = self._outbox.head()
        if head is not None and (head in self._busy or head.not_before > monotonic()):
            head = None
        chosen: Job | Entry | None = head
        if self._jobs and (head is None or self._jobs[0].number < head.number):
            chosen = self._jobs.popleft()
        if chosen is not None:
            self._busy.add(chosen)
        return chosen

    async def _perform(self, link: Link, chosen: Job | Entry) -> None:
        try:
            if isinstance(chosen, Job):
                await self._send_job(link, chosen)
            else:
                await self._send_entry(link, chosen)
        finally:
            self._busy.discard(chosen)
            self._wake.set()

    async def _send_job(self, link: Link, job: Job) -> None:
        try:
            answer = await link.call(job.action, job.payload, self._config.number("MessageTimeout"))
        except (LinkLostError, NoAnswerError, RefusedError) as problem:
            if not job.answer.done():
                job.answer.set_exception(problem)
        except asyncio.CancelledError:
            if not job.answer.done():
                job.answer.set_exception(LinkLostError())
            raise
        else:
            if not job.answer.done():
                job.answer.set_result(answer)

    async def _send_entry(self, link: Link, entry: Entry) -> None:
        """Transmit the head of the outbox once; only CALLERROR counts as a failure."""
        patience = float(self._config.number("MessageTimeout"))
        retry = float(self._config.number("TransactionMessageRetryInterval"))
        is_hasty = self._faults.has("CP-R2")
        if is_hasty:
            patience = 1.0
        entry.sent += 1
        try:
            answer = await link.call(entry.kind, self._message(entry), patience)
        except LinkLostError:
            return
        except NoAnswerError:
            entry.not_before = monotonic() + (0.0 if is_hasty else retry * entry.sent)
        except RefusedError:
            entry.failures += 1
            entry.not_before = monotonic() + retry * entry.sent
            if entry.failures >= self._config.number("TransactionMessageAttempts"):
                self._outbox.done(entry)
        else:
            self._outbox.done(entry)
            if entry.kind == "StopTransaction":
                self._outbox.last_stop = entry
            self._events.answered(entry, answer)

    def _message(self, entry: Entry) -> Payload:
        message = entry.message()
        if (
            self._faults.has("CP-O1")
            and entry.kind == "StopTransaction"
            and entry.transaction.begun_offline
        ):
            message["transactionId"] = -1
        return message

    # Staying in touch.

    async def _beat(self, link: Link) -> None:
        """A heartbeat after each silence of HeartbeatInterval seconds, and one a day at least."""
        if self._faults.has("CP-B7") and self.reconnections:
            return
        frozen = self._config.number("HeartbeatInterval")
        while True:
            self._config_changed.clear()
            interval = self._config.number("HeartbeatInterval")
            if self._faults.has("CP-B8"):
                interval = frozen
            due = self.last_heartbeat + DAY
            if interval > 0:
                due = min(due, link.last_sent + interval)
            if due > monotonic():
                await self._pause_until_changed(due - monotonic())
                continue
            try:
                answer = await self.ask("Heartbeat", {})
            except LinkLostError:
                return
            except (NoAnswerError, RefusedError):
                pass
            else:
                self.clock.set(answer["currentTime"])
                self._events.clock_was_set()
            self.last_heartbeat = monotonic()

    async def _ping(self, link: Link) -> None:
        """WebSocket pings at WebSocketPingInterval; no pong means that the line is dead."""
        while True:
            interval = self._config.number("WebSocketPingInterval")
            if await self._pause_until_changed(interval if interval > 0 else DAY):
                continue
            if interval <= 0:
                continue
            try:
                async with asyncio.timeout(self._config.number("MessageTimeout")):
                    await (await link.socket.ping())
            except (TimeoutError, WebSocketException):
                self._gives_up = self._faults.has("CP-O9")
                link.cut()
                return

    async def _pause_until_changed(self, seconds: float) -> bool:
        """Wait; whether a configuration key changed meanwhile."""
        self._config_changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._config_changed.wait()
                return True
        return False


def _look_at(answer: asyncio.Future[Payload]) -> None:
    """Mark the outcome as seen; nobody has to wait for it."""
    if not answer.cancelled():
        answer.exception()
