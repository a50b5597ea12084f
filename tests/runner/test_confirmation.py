"""What one engine has decided is decided again by others, and a disagreement is never silent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import pytest

from ocpp_verify.events import PropertyConfirmed
from ocpp_verify.ir.abstraction import Projection, project
from ocpp_verify.ir.system import Command, System
from ocpp_verify.reporters import json, text
from ocpp_verify.runner import confirmation, refinement
from ocpp_verify.runner.check import Settings, check, exit_code
from ocpp_verify.runner.deadline import Deadline
from ocpp_verify.runner.engines import Engine, make_engine
from ocpp_verify.runner.tactics import Limits
from ocpp_verify.semantics.result import Budget, Exploration, Question, Reached, Trace, Unreachable
from tests.runner.cases import Says, parking


@dataclass(frozen=True)
class Forgetful:
    """An engine that does not know some of the commands."""

    engine: Engine
    knows: Callable[[Command], bool]

    def explore(self, system: System, questions: Sequence[Question], budget: Budget) -> Exploration:
        """What the engine says of the rest."""
        commands = tuple(each for each in system.commands if self.knows(each))
        run = self.engine.explore(replace(system, commands=commands), questions, budget)
        return replace(
            run,
            answers={name: self._numbered(system, answer) for name, answer in run.answers.items()},
        )

    def _numbered(self, system: System, answer):
        if not isinstance(answer, Reached):
            return answer
        kept = [at for at, each in enumerate(system.commands) if self.knows(each)]
        trace = answer.trace
        return replace(answer, trace=Trace(trace.states, tuple(kept[at] for at in trace.commands)))


def broken(name: str, knows: Callable[[Command], bool]):
    """A workshop in which the engine of that name is forgetful."""

    def make(asked: str, stop: bool) -> Engine:
        made = make_engine(asked, stop)
        return Forgetful(made, knows) if asked == name else made

    return make


def knows_no_answers(command: Command) -> bool:
    return command.label.phase != "received"


def test_every_verdict_is_confirmed_and_the_report_says_by_whom() -> None:
    heard: list[PropertyConfirmed] = []
    result = check(
        parking(),
        emit=lambda event: heard.append(event) if isinstance(event, PropertyConfirmed) else None,
    )
    assert not result.faults
    by = {each.name: each.confirmed_by for each in result.decided}
    assert by == {each.name: each.by for each in heard}
    assert by["CableFirst"] == by["Stranger"] == ("bdd", "z3")
    assert by["Unplugged"] == by["PlugThenAsk"] == ("replay", "z3")
    told = text.render(result)
    assert "by a second engine: 3 of 3 proofs (3 by a third too), 4 of 4 traces (all repl" in told
    shown = {each["name"]: each for each in json.document(result)["properties"]}
    assert shown["CableFirst"]["confirmed_by"] == ["bdd", "z3"]


def test_a_broken_engine_is_caught() -> None:
    """Without the arrival of answers nobody is ever authorized, and much seems impossible."""
    result = check(parking(), Settings(sanity=False), make=broken("explicit", knows_no_answers))
    wrong = {each.name for each in result.decided if each.status == "unknown"}
    assert "Unplugged" in wrong
    assert wrong <= {each.name for each in result.faults}
    assert {each.code for each in result.faults} == {"OV701"}
    assert exit_code(result) == 1
    assert "internal error[OV701]: Unplugged: the engines disagree" in text.render(result)


def test_a_broken_abstraction_on_which_two_engines_agree_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def wrongly(system: System, kept: Iterable[int]) -> Projection:
        made = project(system, kept)
        left = [at for at, each in enumerate(made.system.commands) if knows_no_answers(each)]
        commands = tuple(made.system.commands[at] for at in left)
        smaller = replace(made.system, commands=commands)
        return replace(made, system=smaller, origin=tuple(made.origin[at] for at in left))

    monkeypatch.setattr(refinement, "project", wrongly)
    monkeypatch.setattr(confirmation, "project", wrongly)
    result = check(parking(), Settings(limits=Limits(states=8), only=("Unplugged",), sanity=False))
    (fault,) = result.faults
    assert fault.code == "OV701"
    assert "z3 finds a step out of what bdd says is all that can be reached" in fault.message
    assert result.decided[0].status == "unknown"


def test_an_engine_that_confirms_wrongly_is_caught() -> None:
    def make(name: str, stop: bool) -> Engine:
        trace = Trace(((0,),), ())
        return (
            Says(Reached(trace, shortest=True), name) if name == "bdd" else make_engine(name, stop)
        )

    result = check(parking(), Settings(only=("CableFirst",)), make=make)
    (fault,) = result.faults
    assert fault.code == "OV701"
    assert "explicit says it is unreachable, bdd reaches it in 0 steps" in fault.message
    assert result.decided[0].status == "unknown"
    assert exit_code(result) == 1


def test_without_time_nothing_is_confirmed_and_nothing_is_lost() -> None:
    clock = iter(range(10_000))
    deadline = Deadline(at=0.0, clock=lambda: float(next(clock)))
    from ocpp_verify.ir.lower import lower
    from ocpp_verify.runner.confirmation import Confirmation, Confirmer
    from ocpp_verify.runner.goals import goals
    from ocpp_verify.runner.ledger import Found
    from ocpp_verify.semantics.questions import ask, obligations

    station = parking()
    assert station.model is not None
    lowering = lower(station.model)
    (wanted,) = [each for each in obligations(station.properties) if each.name == "CableFirst"]
    (asked,) = ask(lowering, [wanted])
    found = Found(Unreachable("so it is"), "explicit", 0.0)
    confirmer = Confirmer(lowering.system, make_engine, deadline)
    by = confirmer.confirm(asked.question, goals(lowering, asked), found, deadline)
    assert by == Confirmation()


def test_a_single_engine_is_not_confirmed() -> None:
    result = check(parking(), Settings(engine="explicit", only=("CableFirst",)))
    assert result.decided[0].confirmed_by == ()
