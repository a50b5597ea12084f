"""The engines by name, and two in a row. They are imported when they are first asked for: each one is heavy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias

from ocpp_verify.errors import WrongInput
from ocpp_verify.ir.system import System
from ocpp_verify.semantics.result import Budget, Exploration, Open, Question

NAMES = ("explicit", "bdd", "z3")
AUTO, EVERY = "auto", "all"


class Engine(Protocol):
    """Answers questions about a system within a budget."""

    def explore(self, system: System, questions: Sequence[Question], budget: Budget) -> Exploration:
        """Answers for all questions, by name."""
        ...


@dataclass(slots=True)
class Relay:
    """Lets one engine begin with so many states and another go on with what that leaves open.

    Small systems are the first one's strength, large ones the second one's. What was left open about
    some cells is not begun again with more of them.
    """

    first: Engine
    second: Engine
    states: int
    _left: dict[str, int] = field(default_factory=dict)

    def explore(self, system: System, questions: Sequence[Question], budget: Budget) -> Exploration:
        """The second engine's exploration if it was needed, with all answers."""
        cells = sum(len(each.domain) > 1 for each in system.cells)
        if all(cells >= self._left.get(each.name, cells + 1) for each in questions):
            return self.second.explore(system, questions, budget)
        least = self.states if budget.states is None else min(self.states, budget.states)
        begun = self.first.explore(system, questions, replace(budget, states=least))
        rest = [each for each in questions if isinstance(begun.answers[each.name], Open)]
        if not rest or budget.expired():
            return begun
        self._left.update((each.name, cells) for each in rest)
        done = self.second.explore(system, rest, budget)
        return replace(done, answers={**begun.answers, **done.answers})


Workshop: TypeAlias = Callable[[str, bool], Engine]
"""Makes the engine of that name; the flag says whether it may stop once all is answered."""


def make_engine(name: str, stop_when_answered: bool) -> Engine:
    """One of `NAMES`. Raises WrongInput for another name or where its package is missing."""
    try:
        match name:
            case "explicit":
                from ocpp_verify.engines.explicit import ExplicitEngine

                return ExplicitEngine(stop_when_answered=stop_when_answered)
            case "bdd":
                from ocpp_verify.engines.bdd import BddEngine

                made: Engine = BddEngine()
                return made
            case "z3":
                from ocpp_verify.engines.symbolic import SymbolicEngine

                prover: Engine = SymbolicEngine()
                return prover
            case _:
                pass
    except ImportError as problem:
        raise WrongInput(
            f"the engine `{name}` cannot be loaded: {problem}",
            help="install its package, or choose another engine with `--engine`",
        ) from None
    raise WrongInput(f"there is no engine `{name}`", help=f"choose one of {', '.join(NAMES)}")
