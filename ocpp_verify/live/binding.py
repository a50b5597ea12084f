"""Between the model's values and what is on the wire.

Names of enumerations and numbers of connectors are the same on both sides. The values of other sorts
are *tokens*: `A` stands for a real idTag, `X` for a transaction number. Tokens of identifiers are bound
for the whole run; tokens of numbers that the owner makes up are bound anew each time they are used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from ocpp_verify.ir.model import Call, Model, Parameter
from ocpp_verify.ir.system import Command
from ocpp_verify.ir.types import EnumType, OptionType, RangeType, Value, domain

ABSENT = object()
"""A field that is not in the payload."""


def sort_of(parameter: Parameter) -> EnumType | None:
    """The named sort whose tokens the parameter carries; None if values travel as they are."""
    of = parameter.type.of if isinstance(parameter.type, OptionType) else parameter.type
    if isinstance(of, EnumType) and of.is_sort and of.values and isinstance(of.values[0], str):
        return of
    return None


@dataclass(slots=True)
class Tokens:
    """Which wire value each token stands for now, by sort.

    `fixed` sorts are bound for the run and compared without regard to letter case, as identifiers
    are. The others are bound when their owner makes up a number.
    """

    fixed: dict[str, dict[str, str]]
    fresh: dict[str, dict[str, int]] = field(default_factory=dict)

    def wire(self, sort: str, token: str) -> Any:
        """The wire value, or None if the token is not bound."""
        if sort in self.fixed:
            return self.fixed[sort].get(token)
        return self.fresh.get(sort, {}).get(token)

    def token(self, sort: str, value: object) -> str | None:
        """The token that stands for the wire value, or None."""
        if sort in self.fixed:
            for token, text in self.fixed[sort].items():
                if isinstance(value, str) and text.lower() == value.lower():
                    return token
            return None
        for token, number in self.fresh.get(sort, {}).items():
            if number == value:
                return token
        return None

    def bind(self, sort: str, token: str, value: int) -> None:
        """From now on the token stands for this number."""
        self.fresh.setdefault(sort, {})[token] = value


def highest_of(parameter: Parameter) -> int | None:
    """The last of the numbers that the parameter chooses from, such as those of the connectors."""
    of = parameter.type.of if isinstance(parameter.type, OptionType) else parameter.type
    values = domain(of) if isinstance(of, EnumType | RangeType) else ()
    numbers = [each for each in values if isinstance(each, int)]
    return max(numbers, default=None)


def to_wire(tokens: Tokens, parameter: Parameter, value: Value) -> Any:
    """The wire value of a parameter, or ABSENT. KeyError if its token is not bound yet."""
    for inside, outside in parameter.wire:
        if value == inside and type(value) is type(inside):
            return outside
    if value is None:
        return ABSENT
    sort = sort_of(parameter)
    if sort is None:
        return value
    bound = tokens.wire(sort.name, str(value))
    if bound is None:
        raise KeyError(f"{parameter.name}={value} stands for nothing yet")
    return bound


def from_wire(tokens: Tokens, parameter: Parameter, value: object) -> tuple[Value, ...]:
    """The model values that the wire value may stand for; none if the model has no such value.

    A number that no token of its sort stands for yet may be any token of the sort: the owner may
    have made it up just now.
    """
    for inside, outside in parameter.wire:
        if value == outside and type(value) is type(outside):
            return (inside,)
    if value is ABSENT:
        return (None,) if isinstance(parameter.type, OptionType) else ()
    sort = sort_of(parameter)
    if sort is not None:
        token = tokens.token(sort.name, value)
        return () if token is None else (token,)
    of = parameter.type.of if isinstance(parameter.type, OptionType) else parameter.type
    if isinstance(of, EnumType):
        return tuple(each for each in of.values if each == value and not isinstance(value, bool))
    return (value,) if isinstance(value, bool | int | str) else ()


def field_of(payload: Mapping[str, Any], path: str) -> Any:
    """The field at a dotted path, or ABSENT."""
    here: Any = payload
    for part in path.split("."):
        if not isinstance(here, Mapping) or part not in here:
            return ABSENT
        here = here[part]
    return here


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

    def models(self, action: str) -> bool:
        """Whether the model knows the message."""
        return action in self._calls

    def call(self, action: str) -> Call:
        """The model's call of that name; KeyError if there is none."""
        return self._calls[action]

    # what is seen -----------------------------------------------------------------------------

    def request(self, action: str, payload: Mapping[str, Any]) -> Expected:
        """What the fields of a request say."""
        return self._expected(self._calls[action].params, payload)

    def beyond(self, action: str, payload: Mapping[str, Any]) -> int | None:
        """The number in a field of the request that is above all that the model counts."""
        for each in self._calls[action].params:
            highest = highest_of(each)
            number = field_of(payload, each.name)
            if highest is not None and isinstance(number, int) and number > highest:
                return number
        return None

    def foreign(self, action: str, payload: Mapping[str, Any]) -> str | None:
        """The identifier in a field of the request that no token stands for."""
        for each in self._calls[action].params:
            sort = sort_of(each)
            value = field_of(payload, each.name)
            if sort is None or sort.name not in self.tokens.fixed or not isinstance(value, str):
                continue
            if self.tokens.token(sort.name, value) is None:
                return f"{each.name} {value}"
        return None

    def leaves_open(self, action: str, args: Sequence[tuple[str, Value]]) -> bool:
        """Whether the request leaves to its receiver which of the things that it counts is meant."""
        known = dict(args)
        return any(
            highest_of(each) is not None
            and isinstance(each.type, OptionType)
            and known.get(each.name) is None
            for each in self._calls[action].params
            if not each.internal
        )

    def answer(self, action: str, outcome: str, payload: Mapping[str, Any]) -> Expected:
        """What the fields of an answer say."""
        for reply in self._calls[action].replies:
            if reply.name == outcome:
                return self._expected(reply.params, payload)
        return Expected(())

    def outcome(self, action: str, payload: Mapping[str, Any]) -> str | None:
        """The answer's outcome in the model's words; None if it has no such outcome."""
        names = {reply.name for reply in self._calls[action].replies}
        if names == {""}:
            return ""
        path = self._outcome_path(action)
        if path is None:
            return "" if "" in names else None
        found = field_of(payload, path)
        return found if isinstance(found, str) else None

    def _expected(self, params: Sequence[Parameter], payload: Mapping[str, Any]) -> Expected:
        return Expected(
            tuple(
                (each.name, from_wire(self.tokens, each, field_of(payload, each.name)))
                for each in params
                if not each.internal
            )
        )

    # what is sent -----------------------------------------------------------------------------

    def fields(self, params: Sequence[Parameter], args: Mapping[str, Value]) -> dict[str, Any]:
        """The fields of a message. Internal parameters and absent options are left out, and so are
        those that a queued call need not remember.
        """
        made = {}
        for each in params:
            if not each.internal and each.name in args:
                value = to_wire(self.tokens, each, args[each.name])
                if value is not ABSENT:
                    made[each.name] = value
        return made

    def answer_fields(self, action: str, outcome: str, args: Mapping[str, Value]) -> dict[str, Any]:
        """The fields of an answer, its status at the dotted path where the schema has it."""
        call = self._calls[action]
        reply = next(each for each in call.replies if each.name == outcome)
        made = self.fields(reply.params, args)
        path = self._outcome_path(action)
        if outcome and path is not None:
            made[path] = outcome
        return made

    # numbers that are made up -----------------------------------------------------------------

    @property
    def number_tokens(self) -> frozenset[str]:
        """The tokens of all sorts that stand for numbers."""
        params = [each for call in self._calls.values() for each in self._all_params(call)]
        return frozenset(
            str(token)
            for each in self.fresh_params(params)
            if (sort := sort_of(each)) is not None
            for token in sort.values
        )

    @staticmethod
    def _all_params(call: Call) -> list[Parameter]:
        return [*call.params, *(each for reply in call.replies for each in reply.params)]

    def fresh_params(self, params: Sequence[Parameter]) -> list[Parameter]:
        """Parameters whose tokens stand for numbers that are bound anew."""
        return [
            each
            for each in params
            if (sort := sort_of(each)) is not None and sort.name not in self.tokens.fixed
        ]

    def unbound(
        self, params: Sequence[Parameter], payload: Mapping[str, Any], in_use: frozenset[str]
    ) -> Iterator[dict[str, str]]:
        """Ways to let tokens that are not in use stand for numbers seen for the first time."""
        choices: list[list[tuple[Parameter, str | None]]] = []
        for each in self.fresh_params(params):
            value = field_of(payload, each.name)
            sort = sort_of(each)
            assert sort is not None
            if value is ABSENT or self.tokens.token(sort.name, value) is not None:
                choices.append([(each, None)])
            else:
                free = [str(token) for token in sort.values if str(token) not in in_use]
                choices.append([(each, token) for token in free])
        for chosen in product(*choices):
            yield {each.name: token for each, token in chosen if token is not None}


def command_args(command: Command) -> dict[str, Value]:
    """All argument values of a command's label, those of the answer included."""
    return {**dict(command.label.args), **dict(command.label.answer)}
