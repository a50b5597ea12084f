"""What the tester may do now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ocpp_verify.ir.system import Label, State
from ocpp_verify.live.binding import Binding
from ocpp_verify.live.oracle import Args, Oracle

ChoiceKind: TypeAlias = Literal["call", "answer", "event", "own"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Something the tester may do now. `commands` are the model's steps it stands for, `text` is
    what the log says.
    """

    kind: ChoiceKind
    name: str
    args: Args
    commands: tuple[int, ...]
    outcome: str | None = None
    answer: Args = ()
    text: str = ""


class Menu:
    """Choices by state. Several steps of the model are one choice where only arguments that are not
    on the wire tell them apart, so that an answer counts for every way in which the system under
    test may have meant its call.
    """

    def __init__(self, oracle: Oracle, binding: Binding) -> None:
        self._oracle = oracle
        self._binding = binding
        self._answers: dict[tuple[int, ...], list[Choice]] = {}

    def choices(
        self, states: Sequence[State], waiting: Collection[str], *, busy: bool, narrow: bool
    ) -> list[Choice]:
        """Calls, answers to what waits, and steps of our own that some of the states permits.

        No calls while we are `busy` with one; where the choice is `narrow`, none that leaves open
        which of the things that the model counts is meant.
        """
        possible = []
        for number in self._oracle.own_commands:
            label = self._oracle.system.commands[number].label
            if label.phase == "reply":
                if label.action not in waiting:
                    continue
            elif label.phase == "sent" and (
                busy or (narrow and self._binding.leaves_open(label.action, label.args))
            ):
                continue
            if any(self._oracle.enabled(number, state) for state in states):
                possible.append(number)
        return self._distinct(possible)

    def answers(self, action: str, states: Sequence[State]) -> list[Choice]:
        """Answers to a request of that name that some of the states permits."""
        if len(states) == 1:
            possible = self._oracle.own_answers(action, states[0])
        else:
            found = {each for state in states for each in self._oracle.own_answers(action, state)}
            possible = tuple(sorted(found))
        known = self._answers.get(possible)
        if known is None:
            known = self._answers[possible] = self._distinct(possible)
        return known

    def events(self, states: Sequence[State]) -> list[Choice]:
        """Physical events at the system under test that some of the states permits."""
        oracle = self._oracle
        return [
            self.event(action, args, numbers)
            for (action, args), numbers in oracle.events.items()
            if any(oracle.enabled(number, state) for state in states for number in numbers)
        ]

    def event(self, action: str, args: Args, commands: tuple[int, ...]) -> Choice:
        """A physical event, possible or not."""
        text = f"{action}({self._binding.shown(action, args)})"
        return Choice("event", action, args, commands, text=text)

    def _distinct(self, numbers: Iterable[int]) -> list[Choice]:
        found: dict[tuple[object, ...], tuple[Label, Args, list[int]]] = {}
        for number in numbers:
            label = self._oracle.system.commands[number].label
            is_answer = label.phase == "reply"
            args = self._oracle.outer(label.action, label.args) if is_answer else label.args
            key = (label.phase, label.action, args, label.outcome, label.answer)
            found.setdefault(key, (label, args, []))[2].append(number)
        return [self._choice(label, args, tuple(same)) for label, args, same in found.values()]

    def _choice(self, label: Label, args: Args, commands: tuple[int, ...]) -> Choice:
        told = self._binding.shown(label.action, args, label.outcome, label.answer)
        text = f"{label.action}{'.' + label.outcome if label.outcome else ''}({told})"
        return Choice(_kind(label), label.action, args, commands, label.outcome, label.answer, text)


def _kind(label: Label) -> ChoiceKind:
    match label.phase:
        case "reply":
            return "answer"
        case "sent":
            return "call"
        case _:
            return "own"
