"""One conversation with a system under test: frames in, judgements out. No I/O and no clock.

The conversation plays the tester's role on the wire and keeps the belief set. What to do next is
somebody else's decision (a planner, a generated test, a person); what may be done is in `menu`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from ocpp_verify.ir.lower import InFlight, Stored
from ocpp_verify.ir.model import Call, Event, Reply, Role, SetLink, peer
from ocpp_verify.ir.system import Command, State
from ocpp_verify.ir.types import Value
from ocpp_verify.live.belief import Belief, Overdue
from ocpp_verify.live.binding import Binding, Expected, command_args, field_of, sort_of
from ocpp_verify.live.oracle import Args, Oracle
from ocpp_verify.ocpp import facts as wire
from ocpp_verify.ocpp.rpc import Session
from ocpp_verify.ocpp.v16.fill import Filler
from ocpp_verify.ocpp.v16.messages import MESSAGES
from ocpp_verify.ocpp.v16.schemas import Schemas
from ocpp_verify.semantics.ground import take

FindingKind: TypeAlias = Literal[
    "unexpected", "missing", "schema", "protocol", "ended", "flood", "advice"
]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the system under test did or left undone. Kind `advice` fails nothing."""

    kind: FindingKind
    message: str
    rules: tuple[str, ...]
    at: float
    observed: str = ""
    expected: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. `->` we sent, `<-` we received, `*` happened outside the wire."""

    at: float
    mark: Literal["->", "<-", "*"]
    text: str
    step: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something the tester may do now. `commands` are the model's steps it stands for."""

    kind: Literal["call", "answer", "event", "own"]
    name: str
    args: Args
    commands: tuple[int, ...]
    outcome: str | None = None
    answer: Args = ()

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in (*self.args, *self.answer))
        return f"{self.name}{'.' + self.outcome if self.outcome else ''}({told})"


@dataclass(slots=True)
class Conversation:
    """State of one conversation. Times are seconds of any one clock; `start` is its date at 0."""

    oracle: Oracle
    binding: Binding
    session: Session
    schemas: Schemas
    filler: Filler
    belief: Belief
    start: datetime
    findings: list[Finding] = field(default_factory=list)
    log: list[Entry] = field(default_factory=list)
    taken: dict[int, int] = field(default_factory=dict)
    last_taken: set[int] = field(default_factory=set)
    observations: dict[str, int] = field(default_factory=dict)
    not_supported: set[str] = field(default_factory=set)
    numbers: int = 1000
    polite: Callable[[str, Mapping[str, Any]], dict[str, Any] | None] = lambda action, payload: None
    """Fields of our answer to a message that the model does not cover; None: as the schema says."""
    asides: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    """Answers to requests made with `aside`, by message id; None where there was none."""
    lenient: bool = False
    """Whether calls that the model forbids the other side are taken as if it did not."""
    tolerates: Callable[[Finding], bool] = lambda finding: False
    """Whether the conversation can go on after a finding as if nothing had been found."""
    outside: set[int] = field(default_factory=set)
    """Connectors of the system under test beyond those that the model counts."""
    _asked: set[str] = field(default_factory=set)
    _made_up: dict[tuple[str, str, object], str] = field(default_factory=dict)
    _waiting: dict[str, tuple[str, dict[str, Value], Mapping[str, Any]]] = field(
        default_factory=dict
    )
    _ours: dict[str, tuple[str, dict[str, Value]]] = field(default_factory=dict)
    _pending_log: list[tuple[float, str]] = field(default_factory=list)
    _token_cells: list[tuple[int, tuple[object, ...]]] | None = None

    @property
    def sut(self) -> Role:
        """The role of the system under test."""
        return self.oracle.sut

    @property
    def role(self) -> Role:
        """The role that we play."""
        return peer(self.oracle.sut)

    @property
    def failed(self) -> bool:
        """Whether some finding ends the run."""
        return self.first_failing() is not None

    def first_failing(self) -> Finding | None:
        """The first finding that ends the run."""
        return next(
            (each for each in self.findings if each.kind != "advice" and not self.tolerates(each)),
            None,
        )

    def date(self, now: float) -> datetime:
        """The date of a moment."""
        return datetime.fromtimestamp(self.start.timestamp() + now, UTC)

    # the connection ---------------------------------------------------------------------------

    def connected(self, now: float) -> None:
        """The connection is there."""
        self.session.connection_made(now)
        self._note(now, "*", "connected")
        events = self._link_events(up=True)
        if not self.belief.step(events, now) and not self._all_online(now):
            self._report("unexpected", "the connection came back too early", (), now, "connected")

    def disconnected(self, now: float, why: str = "") -> None:
        """The connection is gone; what was in flight is lost."""
        self.session.connection_lost(now)
        self._waiting.clear()
        self._ours.clear()
        for message_id in list(self._asked):
            self._asked_in_vain(message_id)
        self._note(now, "*", f"disconnected {why}".strip())
        online = self.oracle.system.cell("online")
        events = [self.oracle.system.commands[number] for number in self._link_events(up=False)]

        def drop(state: State) -> State | None:
            if not state[online]:
                return state
            for command in events:
                target = take(command, state)
                if target is not None:
                    return target
            return None

        self.belief.unheard(now)
        self.belief.rewrite(drop, now)

    def is_link_event(self, name: str, *, up: bool) -> bool:
        """Whether the event is nothing but the link coming up or going down."""
        commands = self.oracle.system.commands
        return any(commands[number].label.action == name for number in self._link_events(up=up))

    def _all_online(self, now: float) -> bool:
        online = self.oracle.system.cell("online")
        return all(state[online] for state in self.belief.states(now))

    def _link_events(self, *, up: bool) -> list[int]:
        names = {
            action.name
            for action in self.oracle.lowering.model.actions
            if isinstance(action, Event)
            and not action.params
            and any(isinstance(each, SetLink) and each.up == up for each in action.updates)
            and len(action.updates) == 1
        }
        return [
            number
            for number, command in enumerate(self.oracle.system.commands)
            if command.label.action in names
        ]

    # what arrives -----------------------------------------------------------------------------

    def receive(self, data: str | bytes, now: float) -> None:
        """A frame has arrived."""
        text = data if isinstance(data, str) else repr(data[:200])
        self._note(now, "<-", text)
        for fact in self.session.receive(data, now):
            match fact:
                case wire.Called():
                    self._called(fact, now)
                case wire.Answered():
                    self._answered(fact, now)
                case wire.AnsweredWithError():
                    self._refused(fact, now)
                case wire.Malformed() | wire.Deviation():
                    self._report("protocol", fact.why, fact.rules, now, text)
                case wire.BinaryFrame():
                    self._report("protocol", "a binary frame", fact.rules, now, text)
                case wire.TooLong():
                    message = f"a frame of {fact.size} characters, above the limit of {fact.limit}"
                    self._report("protocol", message, fact.rules, now, fact.head)
                case wire.DuplicateAnswer():
                    message = f"a second answer to {fact.action}"
                    self._report("protocol", message, fact.rules, now, text)
                case wire.Unmatched():
                    self._report("protocol", "an answer that fits no call", fact.rules, now, text)
                case wire.DuplicateId() if fact.rules:
                    where = "" if fact.same_connection else ", on two connections"
                    message = f"one message id is used for two different calls{where}"
                    self._report("protocol", message, fact.rules, now, text)
                case wire.Overlapping():
                    message = f"{fact.action} is sent while another call waits for its answer"
                    self._report("advice", message, fact.rules, now, text)
                case _:
                    self.observe(type(fact).__name__)

    def tick(self, now: float) -> None:
        """Time has passed: judge silence."""
        for fact in self.session.tick(now):
            if isinstance(fact, wire.TimedOut):
                self._ours.pop(fact.id, None)
                self._asked_in_vain(fact.id)
                message = f"no answer to {fact.action} within {fact.waited:.0f} s"
                self._report("missing", message, ("RPC-SYNC-006",), now, "silence")
                self._abandon(now)
        overdue = self.belief.overdue(now)
        if overdue:
            self._overdue(overdue, now)
            self.belief.forgive(now)

    def next_deadline(self, now: float) -> float:
        """When `tick` is due at the latest; infinite if nothing is waited for."""
        session = self.session.next_deadline()
        belief = self.belief.next_deadline(now)
        return belief if session is None else min(session, belief)

    def _overdue(self, overdue: list[Overdue], now: float) -> None:
        texts: list[str] = []
        rules: list[str] = []
        clauses: list[str] = []
        for each in [each for each in overdue if each.duty >= 0] or overdue:
            if each.duty >= 0:
                duty = self.oracle.duty(each.duty)
                texts.append(duty.name)
                rules += duty.rules
                clauses.append(str(duty.at))
            elif each.duty > -(10**9):
                command = self.oracle.system.commands[-1 - each.duty]
                texts.append(str(command.label))
                rules += command.rules
                clauses.append(str(command.at))
        since = min(each.since for each in overdue)
        wanted = " or ".join(dict.fromkeys(texts)) or "a reaction to what happened"
        message = f"{wanted} is owed, but the {self.sut} is silent for {now - since:.1f} s"
        self._report(
            "missing",
            message,
            tuple(dict.fromkeys(rules)),
            now,
            "silence",
            tuple(dict.fromkeys(texts)),
            tuple(dict.fromkeys(clauses)),
        )

    def _called(self, fact: wire.Called, now: float) -> None:
        action, payload = fact.action, fact.payload
        if action not in MESSAGES:
            self._report("protocol", f"unknown action {action}", ("RPC-MSG-009",), now, action)
            self.session.answer_error(fact.id, "NotImplemented", f"no action {action}")
            self._sent(now)
            return
        self._validate(action, "request", payload, now)
        if not self.binding.models(action) or self.binding.call(action).sender != self.sut:
            self.observe(f"{action} (not in the model)")
            self._chore(fact, now)
            return
        beyond = self.binding.beyond(action, payload)
        if beyond is not None:
            self.outside.add(beyond)
            self.observe(f"{action} of connector {beyond}, which this test does not count")
            self._chore(fact, now)
            return
        foreign = self.binding.foreign(action, payload)
        if foreign is not None and self.sut == "csms":
            # Its operator may name anybody; a charger knows only whom it was shown or told.
            self.observe(f"{action} for {foreign}, which is none of the tags: name it in `--tags`")
            self._chore(fact, now)
            return
        params = self.binding.call(action).params
        for tokens in list(self.binding.unbound(params, payload, self._tokens_in_use())) or [{}]:
            for name, token in tokens.items():
                sort = sort_of(next(each for each in params if each.name == name))
                assert sort is not None
                self.binding.tokens.bind(sort.name, token, field_of(payload, name))
            expected = self.binding.request(action, payload)
            used = self._match("sent", action, None, expected, {}, now)
            if used is not None:
                break
        if (
            used is None
            and self.lenient
            and (args := self._force(action, expected, now)) is not None
        ):
            self._waiting[fact.id] = (action, args, payload)
            return
        if used is None:
            self._unexpected(f"{action}", fact.action, payload, now)
            self._chore(fact, now)
            return
        args = command_args(self.oracle.system.commands[min(used)])
        self._waiting[fact.id] = (action, args, payload)

    def _force(self, action: str, expected: Expected, now: float) -> dict[str, Value] | None:
        """Let the call be in flight whatever its sender's state; its arguments, or None."""
        made: dict[int, int] = {}
        args: dict[str, Value] = {}
        for number, cell in enumerate(self.oracle.system.cells):
            if cell.name not in (f"{self.sut}'s call", f"{self.sut}'s queue[0]"):
                continue
            for at, value in enumerate(cell.domain):
                if not isinstance(value, InFlight | Stored) or value.call != action:
                    continue
                if not getattr(value, "behind", False) and expected.fits(value.args):
                    made[number] = at
                    args.update(value.args)
                    break
        if not made:
            return None

        def forced(state: State) -> State:
            return tuple(made.get(number, each) for number, each in enumerate(state))

        self.belief.rewrite(forced, now)
        return args

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
        outcome = self.binding.outcome(action, fact.payload)
        replies = self.binding.call(action).replies
        params = next((each.params for each in replies if each.name == outcome), ())
        in_use = self._tokens_in_use()
        attempts = list(self.binding.unbound(params, fact.payload, in_use)) or [{}]
        for tokens in attempts:
            for name, token in tokens.items():
                sort = sort_of(next(each for each in params if each.name == name))
                assert sort is not None
                self.binding.tokens.bind(sort.name, token, field_of(fact.payload, name))
            expected = self.binding.answer(action, outcome or "", fact.payload)
            if outcome is not None and self._match("reply", action, outcome, expected, args, now):
                self._judge_numbers(action, outcome, fact, now)
                return
        what = f"{action}.conf {outcome or ''}".strip()
        self._unexpected(what, action, fact.payload, now, outcome)
        self._abandon(now)

    def _judge_numbers(self, action: str, outcome: str, fact: wire.Answered, now: float) -> None:
        """A number that an answer makes up has not been made up for another call."""
        call = self.binding.call(action)
        reply = next(each for each in call.replies if each.name == outcome)
        for each in self.binding.fresh_params(reply.params):
            number = field_of(fact.payload, each.name)
            first = self._made_up.setdefault((action, each.name, number), fact.id)
            if first != fact.id:
                self._report(
                    "unexpected",
                    f"{each.name} {number} was given to an earlier {action} already",
                    reply.rules,
                    now,
                    f"{action}.conf {each.name}={number}",
                    clauses=(str(reply.at),),
                )

    def _refused(self, fact: wire.AnsweredWithError, now: float) -> None:
        self._asked_in_vain(fact.id)
        if fact.id not in self._ours:
            self.observe(f"{fact.action} refused with {fact.code}")
            return
        action, args = self._ours.pop(fact.id)
        if self._match("reply", action, "CallError", Expected(()), args, now):
            return
        if fact.code in ("NotImplemented", "NotSupported"):
            self.not_supported.add(action)
            self.observe(f"{action} is not supported ({fact.code})")
        else:
            message = f"{action} is answered with CALLERROR {fact.code} {fact.description}".strip()
            self._report("unexpected", message, ("RPC-ERR-011",), now, fact.code)
        self._abandon(now)

    def _match(
        self,
        phase: str,
        action: str,
        outcome: str | None,
        expected: Expected,
        known: Mapping[str, Value],
        now: float,
    ) -> set[int] | None:
        """Let the belief explain a frame; a wrong value of an advisory parameter is advice."""
        call = self.binding.call(action)
        internal = {each.name for each in call.params if each.internal}
        wanted = {name: value for name, value in known.items() if name not in internal}

        def fits(command: Command, skip: frozenset[str] = frozenset()) -> bool:
            label = command.label
            args = label.args if outcome is None else label.answer
            told = [(name, value) for name, value in args if name not in skip]
            if not expected.fits(told):
                return False
            return outcome is None or all(
                name not in wanted or wanted[name] == value for name, value in label.args
            )

        used = self.belief.observe(phase, action, outcome, fits, now)
        if not used:
            lenient = frozenset(each.name for each in call.params if each.advice)
            if lenient:
                used = self.belief.observe(
                    phase, action, outcome, lambda command: fits(command, lenient), now
                )
                if used:
                    told = dict(expected.values)
                    shown = ", ".join(f"{name}={told.get(name)}" for name in sorted(lenient))
                    message = f"{action} with another {shown} than the one described"
                    self._report("advice", message, call.rules, now, shown)
        self._count(used)
        self.last_taken |= used
        return used or None

    def _unexpected(
        self,
        what: str,
        action: str,
        payload: Mapping[str, Any],
        now: float,
        outcome: str | None = None,
    ) -> None:
        expected: dict[str, None] = {}
        clauses: dict[str, None] = {}
        rules: dict[str, None] = {}
        for state in self.belief.states(now)[:200]:
            for number in self.oracle.permitted(state):
                command = self.oracle.system.commands[number]
                if command.label.phase == "queued":
                    continue
                expected.setdefault(self.wire_label(command))
                if command.label.action == action:
                    clauses.setdefault(str(command.at))
                    for rule in command.rules:
                        rules.setdefault(rule)
        call = self.binding.call(action)
        steps: list[Call | Reply] = [call, *(each for each in call.replies if each.name == outcome)]
        for step in steps:
            if step is not call:
                clauses = {str(step.at): None} | clauses
            for clause in step.guards:
                rules |= dict.fromkeys(clause.rules)
            rules |= dict.fromkeys(step.rules)
        shown = ", ".join(f"{name}={value}" for name, value in payload.items())
        self._report(
            "unexpected",
            f"{what}({shown}) is not allowed here",
            tuple(rules),
            now,
            f"{what}({shown})",
            tuple(expected),
            tuple(clauses) or (str(call.at),),
        )

    def wire_label(self, command: Command) -> str:
        """A step as it looks on the wire: internal parameters left out."""
        label = command.label
        call = self.binding.call(label.action) if self.binding.models(label.action) else None
        internal = {each.name for each in call.params if each.internal} if call else set()
        if call:
            for reply in call.replies:
                internal |= {each.name for each in reply.params if each.internal}
        words = {None: "none", True: "true", False: "false"}
        told = ", ".join(
            f"{name}={words[value] if value is None or isinstance(value, bool) else value}"
            for name, value in (*label.args, *label.answer)
            if name not in internal
        )
        if label.phase == "reply":
            return f"{label.action}.conf {label.outcome}({told})".replace("()", "")
        return f"{label.action}({told})"

    # what we do -------------------------------------------------------------------------------

    def menu(self, now: float) -> list[Choice]:
        """What the tester may do now: calls, answers to what waits, steps of its own.

        An answer counts for every way in which the system under test may have meant its call:
        arguments that are not on the wire do not tell choices apart.
        """
        del now
        return self._choices(self.oracle.own_commands)

    def answers(self, action: str) -> list[Choice]:
        """What of the menu answers a waiting request of that name."""
        return self._choices(self.oracle.own_answers(action))

    def _choices(self, numbers: Iterable[int]) -> list[Choice]:
        found: dict[tuple[object, ...], Choice] = {}
        waiting = {action for action, _, _ in self._waiting.values()}
        busy = bool(self.session.outstanding or self.session.queued)
        kernel = self.belief.kernel
        for number in numbers:
            command = self.oracle.system.commands[number]
            label = command.label
            if label.phase == "reply":
                if label.action not in waiting:
                    continue
                kind: Literal["call", "answer", "event", "own"] = "answer"
                args = self.oracle.outer(label.action, label.args)
            elif label.phase == "sent":
                if busy or (self.outside and self.binding.leaves_open(label.action, label.args)):
                    continue
                kind, args = "call", label.args
            else:
                kind, args = "own", label.args
            if not any(self.oracle.enabled(number, state) for state in kernel):
                continue
            key = (kind, label.phase, label.action, args, label.outcome, label.answer)
            known = found.get(key)
            commands = (number,) if known is None else (*known.commands, number)
            found[key] = Choice(kind, label.action, args, commands, label.outcome, label.answer)
        return list(found.values())

    def events(self, now: float) -> list[Choice]:
        """Physical events at the system under test that some possible state permits."""
        found: dict[tuple[str, Args], Choice] = {}
        states = self.belief.states(now)
        for (action, args), numbers in self.oracle.events.items():
            if any(
                self.oracle.holds(self.oracle.system.commands[number].guard, state)
                for state in states
                for number in numbers
            ):
                found[action, args] = Choice("event", action, args, tuple(numbers))
        return list(found.values())

    def is_possible(self, event: str, args: Args, now: float) -> bool:
        """Whether some possible state permits the physical event."""
        return any(self.oracle.event(state, event, args) for state in self.belief.states(now))

    def call(self, choice: Choice, now: float, **extra: Any) -> None:
        """Send a request. `extra` fields are put into the payload as they are."""
        args = dict(choice.args)
        payload = {**self.request_for(choice.name, args, now), **extra}
        payload = self.filler.fill(choice.name, "request", payload, now=self.date(now))
        if not self._own("sent", choice, set(choice.commands), now):
            return
        message_id = self.session.call(choice.name, payload, now)
        self._ours[message_id] = (choice.name, args)
        self._sent(now, str(choice))

    def aside(self, action: str, payload: Mapping[str, Any], now: float) -> str:
        """Send a request that the model does not know of; its answer will stand in `asides`."""
        message_id = self.session.call(action, payload, now)
        self._asked.add(message_id)
        self._sent(now)
        return message_id

    def request_for(self, action: str, args: dict[str, Value], now: float) -> dict[str, Any]:
        """A request's payload with these arguments, as an operator would hand it over."""
        call = self.binding.call(action)
        for each in self.binding.fresh_params(call.params):
            self._bind_number(each, args)
        fields = self.binding.fields(call.params, args)
        return self.filler.fill(action, "request", fields, now=self.date(now))

    def answer(self, choice: Choice, now: float, **extra: Any) -> None:
        """Answer the oldest waiting request of that name."""
        waiting = (each for each, (name, _, _) in self._waiting.items() if name == choice.name)
        message_id = next(waiting, None)
        if message_id is None:
            return
        action = choice.name
        outcome = choice.outcome or ""
        call = self.binding.call(action)
        reply = next(each for each in call.replies if each.name == outcome)
        told = dict(choice.answer)
        for each in self.binding.fresh_params(reply.params):
            self._bind_number(each, told, anew=True)
        if not self._own("reply", choice, set(choice.commands), now):
            return
        del self._waiting[message_id]
        if outcome == "CallError":
            self.session.answer_error(message_id, "InternalError", "as the test demands")
        else:
            fields = {**self.binding.answer_fields(action, outcome, told), **extra}
            payload = self.filler.fill(action, "response", fields, now=self.date(now))
            self.session.answer(message_id, payload)
        self._sent(now, str(choice))

    def own(self, choice: Choice, now: float) -> None:
        """Take a step of the tester's role that is not on the wire."""
        if self.belief.step(choice.commands, now):
            self._count(choice.commands)
            self._note(now, "*", str(choice), str(choice))

    def event(self, choice: Choice, now: float) -> None:
        """A driver begins to cause a physical event at the system under test."""
        self._count(choice.commands)
        self.belief.happen(choice.name, choice.args, now)
        self._note(now, "*", str(choice), str(choice))

    def event_done(self, now: float, *, happened: bool = True) -> None:
        """The driver says that the last event is done, or that it did not come about."""
        if happened:
            self.belief.done(now)
        else:
            self.belief.cancel()
            self._note(now, "*", "that did not happen")

    def pending_calls(self) -> list[str]:
        """Requests of the system under test that we have not answered."""
        return [action for action, _, _ in self._waiting.values()]

    def _own(self, phase: str, choice: Choice, chosen: set[int], now: float) -> bool:
        commands = self.oracle.system.commands
        numbers = {id(commands[number]) for number in chosen}
        done = self.belief.send(
            phase, choice.name, choice.outcome, lambda command: id(command) in numbers, now
        )
        if done:
            self._count(choice.commands)
        return done

    def _count(self, commands: Iterable[int]) -> None:
        for number in commands:
            self.taken[number] = self.taken.get(number, 0) + 1

    def _bind_number(
        self, parameter: Any, args: Mapping[str, Value], *, anew: bool = False
    ) -> None:
        value = args.get(parameter.name)
        of = parameter.type.of if hasattr(parameter.type, "of") else parameter.type
        if value is None:
            return
        if anew or self.binding.tokens.wire(of.name, str(value)) is None:
            in_use = self._tokens_in_use()
            if anew and str(value) in in_use:
                return
            self.numbers += 1
            self.binding.tokens.bind(of.name, str(value), self.numbers)

    def _tokens_in_use(self) -> frozenset[str]:
        """Numbers' tokens that some variable has in some possible state."""
        if self._token_cells is None:
            tokens = self.binding.number_tokens
            self._token_cells = [
                (number, cell.domain)
                for number, cell in enumerate(self.oracle.system.cells)
                if not tokens.isdisjoint(cell.domain)
            ]
        return frozenset(
            str(domain[state[number]])
            for state in self.belief.kernel
            for number, domain in self._token_cells
        )

    def _abandon(self, now: float) -> None:
        """The call that we have out will not be answered as the model knows it: forget it."""
        slot = self.oracle.system.cell(f"{self.role}'s call")

        def forget(state: State) -> State:
            return (*state[:slot], 0, *state[slot + 1 :])

        self.belief.rewrite(forget, now)

    def _chore(self, fact: wire.Called, now: float) -> None:
        """Answer a message that the model does not cover, as a polite peer would."""
        fields: dict[str, Any] = {}
        path = self.schemas.outcome_field(fact.action)
        chosen = self.polite(fact.action, fact.payload)
        if chosen is not None:
            fields = chosen
        elif fact.action == "DataTransfer":
            fields = {"status": "UnknownVendorId"}
        elif path is not None and len(path.path) == 2:
            fields = {".".join(path.path): "Invalid"}
        payload = self.filler.fill(fact.action, "response", fields, now=self.date(now))
        self.session.answer(fact.id, payload)
        self._sent(now)

    def _sent(self, now: float, step: str = "") -> None:
        """Log what the session is about to send; the shell takes it with `take_outbox`."""
        self._pending_log.append((now, step))

    # records ----------------------------------------------------------------------------------

    def take_outbox(self, now: float) -> list[str | bytes]:
        """The frames to send now."""
        frames = self.session.take_outbox()
        steps = [step for _, step in self._pending_log]
        self._pending_log.clear()
        for at, frame in enumerate(frames):
            text = frame if isinstance(frame, str) else repr(frame[:200])
            self._note(now, "->", text, steps[at] if at < len(steps) else "")
        return frames

    def _validate(
        self, action: str, direction: Literal["request", "response"], payload: object, now: float
    ) -> None:
        validator = self.schemas.validator(action, direction)
        if validator.is_valid(payload):
            return
        for violation in validator.explain(payload):
            message = f"{action}.{'req' if direction == 'request' else 'conf'}: {violation}"
            self._report("schema", message, ("RPC-MSG-012",), now, str(violation))

    def observe(self, what: str) -> None:
        """Count something that is worth a line in the report and no finding."""
        self.observations[what] = self.observations.get(what, 0) + 1

    def report(
        self, kind: FindingKind, message: str, now: float, observed: str, *rules: str
    ) -> None:
        """Somebody outside, such as the shell, has found something."""
        self._report(kind, message, rules, now, observed)

    def _note(self, now: float, mark: Literal["->", "<-", "*"], text: str, step: str = "") -> None:
        self.log.append(Entry(now, mark, text, step))

    def _report(
        self,
        kind: FindingKind,
        message: str,
        rules: tuple[str, ...],
        now: float,
        observed: str = "",
        expected: tuple[str, ...] = (),
        clauses: tuple[str, ...] = (),
    ) -> None:
        finding = Finding(kind, message, rules, now, observed, expected, clauses)
        if any(each.kind == kind and each.message == message for each in self.findings):
            self.observe(f"again: {message}")
            return
        self.findings.append(finding)
        self._note(now, "*", f"{kind}: {message}")
