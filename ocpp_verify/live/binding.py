"""Between the payloads of messages and the arguments of a model's calls and replies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from ocpp_verify.ir.model import Call, Event, Model
from ocpp_verify.ir.system import Command
from ocpp_verify.ir.types import Value
from ocpp_verify.live.oracle import Args
from ocpp_verify.live.wording import ABSENT, Tokens, Wording, field_of, shown


@dataclass(frozen=True, slots=True)
class Expected:
    """Model values that a frame's fields may stand for, by parameter."""

    values: tuple[tuple[str, tuple[Value, ...]], ...]

    def fits(self, args: Sequence[tuple[str, Value]]) -> bool:
        """Whether the arguments of a command agree; what the frame does not tell may be anything."""
        known = dict(self.values)
        return all(value in known[name] for name, value in args if name in known)


class Binding:
    """Payloads of one model's messages. `outcome_path(action)` is where an answer's status stands."""

    def __init__(
        self, model: Model, tokens: Tokens, outcome_path: Callable[[str], str | None]
    ) -> None:
        self.model = model
        self.tokens = tokens
        self._outcome_path = outcome_path
        self._calls = {call.name: call for call in model.calls()}
        self._asked = {
            call.name: tuple(Wording(each, tokens) for each in call.params)
            for call in self._calls.values()
        }
        self._told = {
            (call.name, reply.name): tuple(Wording(each, tokens) for each in reply.params)
            for call in self._calls.values()
            for reply in call.replies
        }
        self._outcomes = {
            call.name: frozenset(reply.name for reply in call.replies)
            for call in self._calls.values()
        }

    def models(self, action: str) -> bool:
        """Whether the model knows the message."""
        return action in self._calls

    def call(self, action: str) -> Call:
        """The model's call of that name; KeyError if there is none."""
        return self._calls[action]

    def asked(self, action: str) -> tuple[Wording, ...]:
        """The parameters of a request."""
        return self._asked[action]

    def told(self, action: str, outcome: str | None) -> tuple[Wording, ...]:
        """The parameters of an answer; none if it has no such outcome."""
        return () if outcome is None else self._told.get((action, outcome), ())

    def caused(self, event: Event) -> tuple[Wording, ...]:
        """The parameters of a physical event."""
        return tuple(Wording(each, self.tokens) for each in event.params)

    # what is seen -----------------------------------------------------------------------------

    def meanings(
        self,
        words: Sequence[Wording],
        payload: Mapping[str, Any],
        in_use: Callable[[], frozenset[str]],
    ) -> Iterator[Expected]:
        """What the fields say, at least once.

        A number seen for the first time may be any token of its sort that is not in use: the owner
        has made it up just now. Each way to let tokens stand for such numbers is tried, and holds
        from when it is drawn.
        """
        unknown = []
        for each in words:
            if each.is_fresh and each.sort is not None:
                value = each.field(payload)
                if value is not ABSENT and self.tokens.token(each.sort.name, value) is None:
                    unknown.append((each.sort.name, each.sort.values, value))
        if not unknown:
            yield self._expected(words, payload)
            return
        taken = in_use()
        free = [
            [str(each) for each in tokens if str(each) not in taken] for _, tokens, _ in unknown
        ]
        for chosen in list(product(*free)) or [()]:
            for (sort, _, value), token in zip(unknown, chosen, strict=False):
                self.tokens.bind(sort, token, value)
            yield self._expected(words, payload)

    def beyond(self, action: str, payload: Mapping[str, Any]) -> int | None:
        """The number in a field of the request that is above all that the model counts."""
        for each in self._asked[action]:
            if each.highest is not None:
                number = each.field(payload)
                if isinstance(number, int) and number > each.highest:
                    return number
        return None

    def foreign(self, action: str, payload: Mapping[str, Any]) -> str | None:
        """The identifier in a field of the request that no token stands for."""
        for each in self._asked[action]:
            if each.sort is None or each.is_fresh:
                continue
            value = each.field(payload)
            if isinstance(value, str) and self.tokens.token(each.sort.name, value) is None:
                return f"{each.name} {value}"
        return None

    def leaves_open(self, action: str, args: Sequence[tuple[str, Value]]) -> bool:
        """Whether the request leaves to its receiver which of the things that it counts is meant."""
        known = dict(args)
        return any(
            each.highest is not None and each.is_optional and known.get(each.name) is None
            for each in self._asked[action]
            if not each.is_internal
        )

    def outcome(self, action: str, payload: Mapping[str, Any]) -> str | None:
        """The answer's outcome in the model's words; None if it has no such outcome."""
        names = self._outcomes[action]
        if names == {""}:
            return ""
        path = self._outcome_path(action)
        if path is None:
            return "" if "" in names else None
        found = field_of(payload, path)
        return found if isinstance(found, str) else None

    def _expected(self, words: Sequence[Wording], payload: Mapping[str, Any]) -> Expected:
        return Expected(
            tuple(
                [
                    (each.name, each.read(each.field(payload)))
                    for each in words
                    if not each.is_internal
                ]
            )
        )

    # what is sent -----------------------------------------------------------------------------

    def request_fields(self, action: str, args: Mapping[str, Value]) -> dict[str, Any]:
        """The fields of a request."""
        return _fields(self._asked[action], args)

    def answer_fields(self, action: str, outcome: str, args: Mapping[str, Value]) -> dict[str, Any]:
        """The fields of an answer, its status at the dotted path where the schema has it."""
        made = _fields(self._told[action, outcome], args)
        path = self._outcome_path(action) if outcome else None
        if path is not None:
            made[path] = outcome
        return made

    def event_fields(self, event: Event, args: Mapping[str, Value]) -> dict[str, Any]:
        """The arguments of a physical event, as its driver is told them."""
        return _fields(self.caused(event), args)

    # what is told to people -------------------------------------------------------------------

    def shown(self, action: str, args: Args, outcome: str | None = None, answer: Args = ()) -> str:
        """Arguments as they are on the wire, but tokens by their names; internal ones left out."""
        asked, told = self._asked.get(action, ()), self.told(action, outcome)
        return ", ".join([*_shown(asked, args), *_shown(told, answer)])

    # numbers that are made up -----------------------------------------------------------------

    @property
    def number_tokens(self) -> frozenset[str]:
        """The tokens of all sorts that stand for numbers."""
        words = [each for all_of in (self._asked, self._told) for each in all_of.values()]
        return frozenset(
            str(token)
            for several in words
            for each in several
            if each.is_fresh and each.sort is not None
            for token in each.sort.values
        )


def _fields(words: Sequence[Wording], args: Mapping[str, Value]) -> dict[str, Any]:
    """The fields of a message. Internal parameters and absent options are left out, and so are
    those that a queued call need not remember.
    """
    made = {}
    for each in words:
        if not each.is_internal and each.name in args:
            value = each.write(args[each.name])
            if value is not ABSENT:
                made[each.name] = value
    return made


def _shown(words: Sequence[Wording], args: Args) -> Iterator[str]:
    known = {each.name: each for each in words}
    for name, value in args:
        word = known.get(name)
        if word is None:
            yield f"{name}={shown(value)}"
        elif not word.is_internal:
            yield f"{name}={word.shown(value)}"


def command_args(command: Command) -> dict[str, Value]:
    """All argument values of a command's label, those of the answer included."""
    return {**dict(command.label.args), **dict(command.label.answer)}
