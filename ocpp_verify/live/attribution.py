"""Which rules a finding is about: those of the clauses that forbade or owed what was observed.

What is observed may be wrong for a reason that lies before it: a charger that starts after a refusal
breaks the rule of the refusal. So, in this order, a finding names

- the conditions of the observed step that do not hold;
- steps of the system under test that would have permitted it, but were not possible either;
- the last steps that made those conditions fail, or the duty due, and the last stimulus;
- the steps that were expected instead, and the clause of the observed step itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ocpp_verify.ir.conditions import single_conditions
from ocpp_verify.ir.formula import among, cells_of, every
from ocpp_verify.ir.model import Assign, Call, Conjunct, ForEach, Update
from ocpp_verify.ir.system import All, Command, Formula, State
from ocpp_verify.live.accounts import Step, Turn, account
from ocpp_verify.live.oracle import Oracle

_STATES = 40  # believed states that are asked
_NEAR = 3  # commands that differ from what was observed, and steps that would have permitted one


@dataclass(frozen=True, slots=True)
class Reasons:
    """Finds the rules. States are to be given likely ones first."""

    oracle: Oracle
    turns: Sequence[Turn]

    def forbidden(self, numbers: Iterable[int], states: Sequence[State]) -> tuple[str, ...]:
        """Why none of these commands, each of which would explain what was seen, was possible."""
        misses: list[tuple[int, int, State, int, list[Formula]]] = []
        for state in states[:_STATES]:
            for number in numbers:
                false = [each for each in self._parts(number) if not self.oracle.holds(each, state)]
                misses.append((len(false), len(misses), state, number, false))
        misses.sort(key=lambda each: each[:2])
        if not misses:
            return ()
        fewest = misses[0][0]
        _, _, state, _, _ = misses[0]
        near = [each[3] for each in misses if each[0] == fewest and each[2] == state][:_NEAR]
        hidden = self._would_permit(near, state)
        found: dict[str, None] = {}
        for number in (*near, *hidden):
            found |= dict.fromkeys(self._conditions(number, state))
        for number in hidden:
            found |= dict.fromkeys(
                self.rules(number, Step(state, number, self.oracle.apply(state, number)))
            )
        steps = list(account(self.oracle, self.turns, state))
        for number in (*near, *hidden):
            for formula in self._parts(number):
                if self._is_about_variables(formula) and not self.oracle.holds(formula, state):
                    found |= dict.fromkeys(self._since(formula, False, steps))
        found |= dict.fromkeys(self._stimulus(steps))
        return tuple(found)

    def owed(self, pending: Formula, state: State) -> tuple[str, ...]:
        """Since which step the duty has been pending in the state, and why that step was taken."""
        steps = list(account(self.oracle, self.turns, state))
        found: dict[str, None] = {}
        parts = pending.args if isinstance(pending, All) else (pending,)
        for part in parts:
            at = self._last(part, True, steps) if self._is_about_variables(part) else None
            if at is None:
                continue
            found |= dict.fromkeys(self.rules(steps[at].number, steps[at]))
            for duty in self.oracle.system.duties:
                if steps[at].number in duty.discharged_by and self.oracle.holds(
                    duty.pending, steps[at].before
                ):
                    found |= dict.fromkeys(self._since(duty.pending, True, steps[at + 1 :]))
        return tuple(found)

    def expected(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """The rules of steps that would have been right, and of the conditions that make them so."""
        found: dict[str, None] = {}
        for number in numbers:
            found |= dict.fromkeys(self.rules(number))
            for clause in self._clauses(self.oracle.system.commands[number]):
                found |= dict.fromkeys(rule for each in clause.guards for rule in each.rules)
        return tuple(found)

    def rules(self, number: int, step: Step | None = None) -> tuple[str, ...]:
        """The rules of a command's clause and of its updates: those that changed something."""
        command = self.oracle.system.commands[number]
        changed: set[str] | None = None
        if step is not None:
            cells = self.oracle.system.cells
            changed = {
                cell.variable
                for cell, was, now in zip(cells, step.before, step.after, strict=True)
                if was != now
            }
        found = dict.fromkeys(command.rules)
        for clause in self._clauses(command):
            for update in _assigned(clause.updates):
                if changed is None or update.variable in changed:
                    found |= dict.fromkeys(update.rules)
        return tuple(found)

    # inside -----------------------------------------------------------------------------------

    def _clauses(self, command: Command) -> Iterator[_Clause]:
        action = self.oracle.lowering.model.action(command.label.action)
        if command.label.outcome is None:
            yield _Clause(action.updates, tuple(action.guards))
            return
        assert isinstance(action, Call)
        for reply in action.replies:
            if reply.name == command.label.outcome:
                yield _Clause(reply.updates, tuple(reply.guards))

    def _parts(self, number: int) -> tuple[Formula, ...]:
        guard = self.oracle.system.commands[number].guard
        return guard.args if isinstance(guard, All) else (guard,)

    def _conditions(self, number: int, state: State) -> Iterator[str]:
        """The rules of the clauses' conditions that do not hold."""
        command = self.oracle.system.commands[number]
        args = dict((*command.label.args, *command.label.answer))
        if command.label.phase == "sent" and command.label.action in self._queued():
            if not self.oracle.holds(self._nothing_is_queued(), state):
                for queue in self.oracle.lowering.model.queues:
                    yield from (rule for each in queue.guards for rule in each.rules)
            return
        for clause in self._clauses(command):
            for expr, conjunct in single_conditions(clause.guards):
                if not self.oracle.holds(self.oracle.lowering.formula(expr, args), state):
                    yield from conjunct.rules

    def _nothing_is_queued(self) -> Formula:
        cells = self.oracle.system.cells
        name = f"{self.oracle.sut}'s queue[0]"
        return every(
            among(at, (cell.domain.index(None),), len(cell.domain))
            for at, cell in enumerate(cells)
            if cell.name == name
        )

    def _queued(self) -> frozenset[str]:
        return frozenset(each.name for each in self.oracle.lowering.model.calls() if each.queued)

    def _would_permit(self, wanted: Sequence[int], state: State) -> list[int]:
        """Unseen steps of the system under test after which one of these would be possible."""
        found = []
        for number, command in enumerate(self.oracle.system.commands):
            label = command.label
            if label.visible or label.actor != self.oracle.sut or label.phase == "received":
                continue
            target = self.oracle.apply(state, number)
            if target != state and any(self.oracle.enabled(each, target) for each in wanted):
                parts = self._parts(number)
                found.append((sum(not self.oracle.holds(each, state) for each in parts), number))
        return [number for _, number in sorted(found)[:_NEAR]]

    def _is_about_variables(self, formula: Formula) -> bool:
        """Whether it speaks of more than the link and of what is on its way."""
        cells = self.oracle.system.cells
        about = [cells[at] for at in cells_of(formula)]
        return any(each.variable or "queue" in each.name for each in about)

    def _since(self, formula: Formula, value: bool, steps: Sequence[Step]) -> tuple[str, ...]:
        """The rules of the last step that gave the formula its value, or that changed what it reads."""
        at = self._last(formula, value, steps)
        if at is None:
            read = cells_of(formula)
            at = next(
                (
                    here
                    for here, each in enumerate(steps)
                    if any(each.before[cell] != each.after[cell] for cell in read)
                ),
                None,
            )
        return () if at is None else self.rules(steps[at].number, steps[at])

    def _last(self, formula: Formula, value: bool, steps: Sequence[Step]) -> int | None:
        """The last step that gave the formula its value; `steps` begin with the last one."""
        for at, each in enumerate(steps):
            after = self.oracle.holds(formula, each.after)
            if after is value and self.oracle.holds(formula, each.before) is not value:
                return at
        return None

    def _stimulus(self, steps: Sequence[Step]) -> Iterator[str]:
        """The rules of the last event or request, and of the last answer with an outcome since."""
        commands = self.oracle.system.commands
        is_answered = False
        for each in steps:
            label = commands[each.number].label
            if label.actor == self.oracle.sut:
                continue
            if label.phase == "reply" and label.outcome and not is_answered:
                is_answered = True
                yield from self.rules(each.number)
            elif label.phase in ("step", "sent"):
                yield from self.rules(each.number, each)
                return


@dataclass(frozen=True, slots=True)
class _Clause:
    updates: Sequence[Update]
    guards: Sequence[Conjunct]


def _assigned(updates: Iterable[Update]) -> Iterator[Assign]:
    for each in updates:
        if isinstance(each, Assign):
            yield each
        elif isinstance(each, ForEach):
            yield from _assigned(each.updates)
