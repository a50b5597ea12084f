"""One conversation with a system under test: frames in, judgements out. No I/O and no clock.

The conversation plays the tester's role on the wire and keeps the belief set. What to do next is
somebody else's decision (a planner, a generated test, a person); what may be done is in `menu`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from ocpp_verify.ir.model import Role, peer
from ocpp_verify.ir.types import Value
from ocpp_verify.live.belief import Belief
from ocpp_verify.live.binding import Binding, command_args
from ocpp_verify.live.deviations import deviation, violations
from ocpp_verify.live.explanations import Explanations
from ocpp_verify.live.instants import instant_of
from ocpp_verify.live.judgement import NOT_SUPPORTED, Judgement
from ocpp_verify.live.menu import Choice, Menu
from ocpp_verify.live.networking import Networking
from ocpp_verify.live.numbers import Numbers
from ocpp_verify.live.oracle import Args, Oracle
from ocpp_verify.live.polite import least_answer
from ocpp_verify.live.record import Entry, Finding, FindingKind, Record
from ocpp_verify.ocpp import facts as wire
from ocpp_verify.ocpp.rpc import Session
from ocpp_verify.ocpp.v16.fill import Filler
from ocpp_verify.ocpp.v16.messages import MESSAGES, Direction
from ocpp_verify.ocpp.v16.schemas import Schemas

_CLOCKS_DIFFER = timedelta(seconds=2)


class _Request(NamedTuple):
    """A request that waits for its answer, with its arguments in the model."""

    action: str
    args: Mapping[str, Value]


class Conversation:
    """State of one conversation. Times are seconds of any one clock; `start` is its date at 0.

    Attributes:
        sut: the role of the system under test; `role` is ours.
        taken: how often each step of the model was taken; `last_taken` those of the last frames.
        not_supported: calls that were refused as such.
        polite: fields of our answer to a message that the model does not cover; None: as the schema
            says.
        asides: answers to requests made with `aside`, by message id; None where there was none.
        lenient: whether calls that the model forbids the other side are taken as if it did not.
        tolerates: whether the conversation can go on after a finding as if there were none.
        outside: connectors of the system under test beyond those that the model counts.
        repeat_after: seconds that the system under test waits before it repeats a transaction
            message that was not answered, times the number of its transmissions (CORE-QUE-008);
            infinite: nobody knows.
        backlog: whether transaction messages may come that tell of a time before the conversation.
        has_visitors: whether anybody may show a card, since nobody shows one for the test.
    """

    def __init__(
        self,
        oracle: Oracle,
        binding: Binding,
        session: Session,
        schemas: Schemas,
        filler: Filler,
        belief: Belief,
        start: datetime,
        *,
        last_number: int = 1000,
    ) -> None:
        self.oracle = oracle
        self.sut: Role = oracle.sut
        self.role: Role = peer(oracle.sut)
        self.binding = binding
        self.session = session
        self.schemas = schemas
        self.filler = filler
        self.belief = belief
        self.start = start
        self.record = Record()
        self.taken: dict[int, int] = {}
        self.last_taken: set[int] = set()
        self.not_supported: set[str] = set()
        self.polite: Callable[[str, Mapping[str, Any]], dict[str, Any] | None] = (
            lambda action, payload: None
        )
        self.asides: dict[str, Mapping[str, Any] | None] = {}
        self.lenient = False
        self.tolerates: Callable[[Finding], bool] = lambda finding: False
        self.outside: set[int] = set()
        self.repeat_after = 0.0
        self.backlog = False
        self.has_visitors = False
        self._asked: set[str] = set()
        self._waiting: dict[str, _Request] = {}
        self._ours: dict[str, _Request] = {}
        self._meant: list[str] = []
        self._zero = start.timestamp()
        calls = oracle.lowering.model.calls()
        self._judged = frozenset(each.name for each in calls if each.sender == self.sut)
        self._menu = Menu(oracle, binding)
        self._numbers = Numbers(oracle, binding, belief, last_number)
        self._networking = Networking(oracle, belief)
        self._explanations = Explanations(oracle, binding, belief, self._numbers, self.record)
        self._judgement = Judgement(
            oracle, binding, belief, self._explanations, self._numbers, self.record
        )

    @property
    def findings(self) -> list[Finding]:
        """What was found, in its order."""
        return self.record.findings

    @property
    def log(self) -> list[Entry]:
        """What was sent, received and done, in its order."""
        return self.record.log

    @property
    def observations(self) -> Mapping[str, int]:
        """What is worth a line in the report and no finding, and how often it was seen."""
        return self.record.observations

    @property
    def failed(self) -> bool:
        """Whether some finding ends the run."""
        return bool(self.record.findings) and self.first_failing() is not None

    def first_failing(self) -> Finding | None:
        """The first finding that ends the run."""
        for each in self.record.findings:
            if each.kind != "advice" and not self.tolerates(each):
                return each
        return None

    def date(self, now: float) -> datetime:
        """The date of a moment."""
        return datetime.fromtimestamp(self._zero + now, UTC)

    # the connection ---------------------------------------------------------------------------

    def connected(self, now: float) -> None:
        """The connection is there."""
        self.session.connection_made(now)
        self.record.note(now, "*", "connected")
        if not self._networking.came(now):
            self.report("unexpected", "the connection came back too early", now, "connected")

    def disconnected(self, now: float, why: str = "") -> None:
        """The connection is gone; what was in flight is lost."""
        self.session.connection_lost(now)
        self._waiting.clear()
        self._ours.clear()
        for message_id in list(self._asked):
            self._asked_in_vain(message_id)
        self.record.note(now, "*", f"disconnected {why}".strip())
        self._networking.went(now, self.repeat_after)

    def is_link_event(self, name: str, *, up: bool) -> bool:
        """Whether the event is nothing but the link coming up or going down."""
        return self._networking.is_event(name, up=up)

    @property
    def has_backlog(self) -> bool:
        """Whether transaction messages may be waiting at the system under test."""
        return self._networking.has_backlog

    # what arrives -----------------------------------------------------------------------------

    def receive(self, data: str | bytes, now: float) -> None:
        """A frame has arrived."""
        text = data if isinstance(data, str) else repr(data[:200])
        self.record.note(now, "<-", text)
        for fact in self.session.receive(data, now):
            match fact:
                case wire.Called():
                    self._called(fact, now)
                case wire.Answered():
                    self._answered(fact, now)
                case wire.AnsweredWithError():
                    self._refused(fact, now)
                case _:
                    found = deviation(fact, text, now)
                    if found is None:
                        self.observe(type(fact).__name__)
                    else:
                        self.record.add(found)

    def tick(self, now: float) -> None:
        """Time has passed: judge silence."""
        for fact in self.session.tick(now):
            if isinstance(fact, wire.TimedOut):
                self._ours.pop(fact.id, None)
                self._asked_in_vain(fact.id)
                self._judgement.no_answer(fact, now, is_crossing=bool(self._waiting))
                self._explanations.give_up(now)
        overdue = self.belief.overdue(now)
        if overdue:
            self._judgement.silence(overdue, now)
            self.belief.forgive(now)

    def next_deadline(self, now: float) -> float:
        """When `tick` is due at the latest; infinite if nothing is waited for."""
        session = self.session.next_deadline()
        belief = self.belief.next_deadline(now)
        return belief if session is None else min(session, belief)

    def _called(self, fact: wire.Called, now: float) -> None:
        action, payload = fact.action, fact.payload
        if action not in MESSAGES:
            self.report("protocol", f"unknown action {action}", now, action, "RPC-MSG-009")
            self.session.answer_error(fact.id, "NotImplemented", f"no action {action}")
            self._meant.append("")
            return
        self._validate(action, "request", payload, now)
        why = self._why_not_counted(action, payload)
        if why is not None:
            self.observe(why)
            self._chore(fact, now)
            return
        if self.binding.call(action).queued:
            self._networking.delivered(payload)
        used = self._explanations.request(action, payload, now)
        if used:
            self._count(used)
            self.last_taken |= used
            args = command_args(self.oracle.system.commands[min(used)])
            self._waiting[fact.id] = _Request(action, args)
            return
        forced = self._explanations.force(action, payload, now) if self.lenient else None
        if forced is not None:
            self._waiting[fact.id] = _Request(action, forced)
        elif self._is_of_before(payload):
            self.observe(f"{action} of before the run")
            starts = action == "StartTransaction"
            self._reply(fact, {"idTagInfo.status": "Accepted"} if starts else {}, now)
        else:
            self._judgement.request(fact, now, is_crossing=bool(self._waiting))
            self._chore(fact, now)

    def _why_not_counted(self, action: str, payload: Mapping[str, Any]) -> str | None:
        """Why a request concerns nothing that this test judges, if so."""
        if self.sut == "csms" and self._networking.is_cut:
            return f"{action} that crossed the end of the connection"
        if action not in self._judged:
            return f"{action} (not in the model)"
        beyond = self.binding.beyond(action, payload)
        if beyond is not None:
            self.outside.add(beyond)
            return f"{action} of connector {beyond}, which this test does not count"
        if self.sut == "charger" and not self.has_visitors:
            return None
        foreign = self.binding.foreign(action, payload)
        if foreign is None:
            return None
        # An operator may name anybody; a charger knows only whom it was shown or told.
        if self.sut == "csms":
            return f"{action} for {foreign}, which is none of the tags: name it in `--tags`"
        if self.has_visitors and action == "Authorize":
            return f"{action} for {foreign}, a card that somebody else has shown"
        return None

    def _is_of_before(self, payload: Mapping[str, Any]) -> bool:
        """Whether a message tells of a time before this conversation began."""
        told = instant_of(payload) if self.backlog else None
        return told is not None and told < self.start - _CLOCKS_DIFFER

    def _asked_in_vain(self, message_id: str) -> None:
        if message_id in self._asked:
            self._asked.remove(message_id)
            self.asides[message_id] = None

    def _answered(self, fact: wire.Answered, now: float) -> None:
        if fact.id in self._asked:
            self._asked.remove(fact.id)
            self.asides[fact.id] = fact.payload
            self._validate(fact.action, "response", fact.payload, now)
            return
        if fact.id not in self._ours:
            self.observe(f"{fact.action}.conf (not in the model)")
            return
        action, args = self._ours.pop(fact.id)
        self._validate(action, "response", fact.payload, now)
        if self.sut == "csms" and self._networking.is_cut:
            self.observe(f"{action}.conf that crossed the end of the connection")
            return
        outcome = self.binding.outcome(action, fact.payload)
        if outcome is not None and self._is_explained(action, outcome, args, fact.payload, now):
            self._judgement.numbers(fact, outcome, now)
            return
        self._judgement.answer(fact, outcome, now)
        self._explanations.give_up(now)

    def _is_explained(
        self,
        action: str,
        outcome: str,
        args: Mapping[str, Value],
        payload: Mapping[str, Any],
        now: float,
    ) -> bool:
        used = self._explanations.answer(action, outcome, args, payload, now)
        self._count(used)
        self.last_taken |= used
        return bool(used)

    def _refused(self, fact: wire.AnsweredWithError, now: float) -> None:
        self._asked_in_vain(fact.id)
        if fact.id not in self._ours:
            self.observe(f"{fact.action} refused with {fact.code}")
            return
        action, args = self._ours.pop(fact.id)
        if self._is_explained(action, "CallError", args, {}, now):
            return
        if fact.code in NOT_SUPPORTED:
            self.not_supported.add(action)
            self.observe(f"{action} is not supported ({fact.code})")
        self._judgement.refusal(fact, now, is_crossing=bool(self._waiting))
        self._explanations.give_up(now)

    def _validate(self, action: str, direction: Direction, payload: object, now: float) -> None:
        if not self.schemas.validator(action, direction).is_valid(payload):
            for each in violations(self.schemas, action, direction, payload, now):
                self.record.add(each)

    # what may be done -------------------------------------------------------------------------

    def menu(self, now: float) -> list[Choice]:
        """What the tester may do now: calls, answers to what waits, steps of its own."""
        del now
        return self._menu.choices(
            self.belief.kernel,
            {each.action for each in self._waiting.values()},
            busy=bool(self.session.outstanding or self.session.queued),
            narrow=bool(self.outside),
        )

    def answers(self, action: str) -> list[Choice]:
        """What of the menu answers a waiting request of that name."""
        for each in self._waiting.values():
            if each.action == action:
                return self._menu.answers(action, self.belief.kernel)
        return []

    def events(self, now: float) -> list[Choice]:
        """Physical events at the system under test that some possible state permits."""
        return self._menu.events(self.belief.states(now))

    def is_possible(self, event: str, args: Args, now: float) -> bool:
        """Whether some possible state permits the physical event."""
        return any(self.oracle.event(state, event, args) for state in self.belief.states(now))

    def pending_calls(self) -> list[str]:
        """Requests of the system under test that we have not answered, each name once."""
        names = [each.action for each in self._waiting.values()]
        return names if len(names) < 2 else list(dict.fromkeys(names))

    def physical(self, action: str, args: Args, commands: tuple[int, ...]) -> Choice:
        """A physical event at the system under test, possible or not."""
        return self._menu.event(action, args, commands)

    # what we do -------------------------------------------------------------------------------

    def call(self, choice: Choice, now: float, **extra: Any) -> None:
        """Send a request. `extra` fields are put into the payload as they are."""
        args = dict(choice.args)
        payload = {**self.request_for(choice.name, args, now), **extra}
        payload = self.filler.fill(choice.name, "request", payload, now=self.date(now))
        if not self._take(choice, now):
            return
        message_id = self.session.call(choice.name, payload, now)
        self._ours[message_id] = _Request(choice.name, args)
        self._meant.append(choice.text)

    def aside(self, action: str, payload: Mapping[str, Any], now: float) -> str:
        """Send a request that the model does not know of; its answer will stand in `asides`."""
        message_id = self.session.call(action, payload, now)
        self._asked.add(message_id)
        self._meant.append("")
        return message_id

    def request_for(self, action: str, args: dict[str, Value], now: float) -> dict[str, Any]:
        """A request's payload with these arguments, as an operator would hand it over."""
        self._numbers.make_up(self.binding.asked(action), args)
        fields = self.binding.request_fields(action, args)
        return self.filler.fill(action, "request", fields, now=self.date(now))

    def answer(self, choice: Choice, now: float, **extra: Any) -> None:
        """Answer the oldest waiting request of that name."""
        action, outcome = choice.name, choice.outcome or ""
        waiting = [name for name, each in self._waiting.items() if each.action == action]
        if not waiting:
            return
        message_id = waiting[0]
        told = dict(choice.answer)
        self._numbers.make_up(self.binding.told(action, outcome), told, anew=True)
        if not self._take(choice, now):
            return
        del self._waiting[message_id]
        if outcome == "CallError":
            self.session.answer_error(message_id, "InternalError", "as the test demands")
        else:
            fields = {**self.binding.answer_fields(action, outcome, told), **extra}
            payload = self.filler.fill(action, "response", fields, now=self.date(now))
            self.session.answer(message_id, payload)
        self._meant.append(choice.text)

    def own(self, choice: Choice, now: float) -> None:
        """Take a step of the tester's role that is not on the wire."""
        if self._take(choice, now):
            self._note_step(choice, now)

    def event(self, choice: Choice, now: float) -> None:
        """A driver begins to cause a physical event at the system under test."""
        self._count(choice.commands)
        self.belief.happen(choice.name, choice.args, now)
        self._note_step(choice, now)

    def event_done(self, now: float, *, happened: bool = True) -> None:
        """The driver says that the last event is done, or that it did not come about."""
        if happened:
            self.belief.done(now)
        else:
            self.belief.cancel()
            self.record.note(now, "*", "that did not happen")

    def _take(self, choice: Choice, now: float) -> bool:
        """The step as the belief has it; False, and no change, where no state permits it."""
        done = bool(self.belief.step(choice.commands, now))
        if done:
            self._count(choice.commands)
        return done

    def _count(self, commands: Iterable[int]) -> None:
        for number in commands:
            self.taken[number] = self.taken.get(number, 0) + 1

    def _note_step(self, choice: Choice, now: float) -> None:
        self.record.note(now, "*", choice.text, choice.text)

    def _chore(self, fact: wire.Called, now: float) -> None:
        """Answer a message that the model does not cover, as a polite peer would."""
        fields = self.polite(fact.action, fact.payload)
        self._reply(
            fact, least_answer(self.schemas, fact.action) if fields is None else fields, now
        )

    def _reply(self, fact: wire.Called, fields: Mapping[str, Any], now: float) -> None:
        payload = self.filler.fill(fact.action, "response", fields, now=self.date(now))
        self.session.answer(fact.id, payload)
        self._meant.append("")

    # records ----------------------------------------------------------------------------------

    def take_outbox(self, now: float) -> list[str | bytes]:
        """The frames to send now."""
        frames = self.session.take_outbox()
        if not frames and not self._meant:
            return frames
        for at, frame in enumerate(frames):
            text = frame if isinstance(frame, str) else repr(frame[:200])
            self.record.note(now, "->", text, self._meant[at] if at < len(self._meant) else "")
        self._meant.clear()
        return frames

    def observe(self, what: str) -> None:
        """Count something that is worth a line in the report and no finding."""
        self.record.observe(what)

    def report(
        self, kind: FindingKind, message: str, now: float, observed: str, *rules: str
    ) -> None:
        """Something was found, here or by somebody outside such as the shell."""
        self.record.add(Finding(kind, message, rules, now, observed))
