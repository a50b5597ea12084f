"""Which steps of the model a frame may be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeAlias

from ocpp_verify.ir.system import Command
from ocpp_verify.ir.types import Value
from ocpp_verify.live.binding import Binding, Expected
from ocpp_verify.live.oracle import Args, Oracle

_Key: TypeAlias = tuple[str, str | None, tuple[tuple[str, tuple[Value, ...]], ...], Args, bool]


class Matching:
    """Steps of the system under test by what a frame tells of them. Frames that tell the same come
    again and again, so what was found is kept.

    `near_…` are those that agree but for advisory parameters; none where the message has no such.
    """

    def __init__(self, oracle: Oracle, binding: Binding) -> None:
        self._oracle = oracle
        self._binding = binding
        self._known: dict[_Key, tuple[int, ...]] = {}

    def requests(self, action: str, expected: Expected) -> tuple[int, ...]:
        """What a request may be."""
        return self._steps(action, None, expected, (), is_near=False)

    def near_requests(self, action: str, expected: Expected) -> tuple[int, ...]:
        """What it may nearly be."""
        return self._steps(action, None, expected, (), is_near=True)

    def answers(
        self, action: str, outcome: str, expected: Expected, args: Mapping[str, Value]
    ) -> tuple[int, ...]:
        """What an answer to a request with these arguments may be."""
        return self._steps(action, outcome, expected, tuple(args.items()), is_near=False)

    def near_answers(
        self, action: str, outcome: str, expected: Expected, args: Mapping[str, Value]
    ) -> tuple[int, ...]:
        """What it may nearly be."""
        return self._steps(action, outcome, expected, tuple(args.items()), is_near=True)

    def _steps(
        self, action: str, outcome: str | None, expected: Expected, args: Args, *, is_near: bool
    ) -> tuple[int, ...]:
        key = (action, outcome, expected.values, args, is_near)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._search(action, outcome, expected, args, is_near)
        return found

    def _search(
        self, action: str, outcome: str | None, expected: Expected, args: Args, is_near: bool
    ) -> tuple[int, ...]:
        call = self._binding.call(action)
        advisory = {each.name for each in call.params if each.advice}
        if is_near and not advisory:
            return ()
        internal = {each.name for each in call.params if each.internal}
        asked = {name: value for name, value in args if name not in internal}
        commands = self._oracle.system.commands
        return tuple(
            number
            for number in self._oracle.shown(
                "sent" if outcome is None else "reply", action, outcome
            )
            if _fits(commands[number], expected, asked, advisory if is_near else ())
        )


def _fits(
    command: Command, expected: Expected, asked: Mapping[str, Value], advisory: Collection[str]
) -> bool:
    label = command.label
    told = label.args if label.outcome is None else label.answer
    if not expected.fits([each for each in told if each[0] not in advisory]):
        return False
    return label.outcome is None or all(
        name not in asked or asked[name] == value for name, value in label.args
    )
