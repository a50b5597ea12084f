"""What is said of every connector is decided for one at a time."""

from __future__ import annotations

from ocpp_verify.ir.formula import every, negation, some
from ocpp_verify.ir.lower import lower
from ocpp_verify.ir.system import Cell, Is, System
from ocpp_verify.runner.engines import make_engine
from ocpp_verify.runner.goals import goals
from ocpp_verify.runner.instances import alternatives, decide, instances, likened
from ocpp_verify.semantics.ground import holds, replay
from ocpp_verify.semantics.questions import ask, obligations
from ocpp_verify.semantics.result import Budget, Question, Reached, Unreachable
from tests.runner.cases import parking


def asked(name: str):
    project = parking()
    assert project.model is not None
    wanted = [each for each in obligations(project.properties) if each.name == name]
    monitors = tuple(each.property for each in wanted if each.kind == "monitor")
    lowering = lower(project.model, monitors)
    return lowering, ask(lowering, wanted)[0]


def decided(name: str):
    lowering, question = asked(name)
    system = lowering.system
    engine = make_engine("explicit", True)
    chosen = goals(lowering, question)
    return system, question, chosen, decide(system, chosen, engine, Budget(), _deaf, {})


def _deaf(kept: int, rounds: int) -> None:
    pass


def test_a_negated_conjunction_has_its_parts_as_alternatives() -> None:
    left, right = Is(0, (1,)), Is(1, (1,))
    goal = some((negation(every((left, right))), Is(2, (0,))))
    assert set(alternatives(goal)) == {negation(left), negation(right), Is(2, (0,))}


def test_parts_that_watch_the_same_stay_together() -> None:
    parts = [Is(0, (1,)), Is(0, (2,)), Is(1, (1,))]
    one, two = frozenset({0}), frozenset({1})
    found = instances(Question("q", some(parts)), parts, [one, one, two])
    assert [each.seed for each in found] == [one, two]
    assert found[0].parts == (parts[0], parts[1])


def test_a_goal_without_parts_is_still_decided() -> None:
    found = instances(Question("q", some(())), [], [])
    assert [each.seed for each in found] == [frozenset()]


def test_an_invariant_over_two_connectors_takes_half_the_cells_each() -> None:
    system, _, chosen, found = decided("CableFirst")
    assert len(chosen) == 2
    assert isinstance(found.answer, Unreachable)
    assert found.shown(len(system.cells)).startswith("2 sound projections to at most ")
    assert max(map(len, found.kept)) < len(system.cells) - 2


def test_one_instance_that_is_reached_refutes() -> None:
    system, question, chosen, found = decided("OnlyOnce")
    assert len(chosen) == 2
    assert isinstance(found.answer, Reached)
    assert not found.answer.shortest
    assert replay(system, found.answer.trace) is None
    assert holds(question.question.goal, found.answer.trace.states[-1])


def cells(*names: tuple[str, int | str]) -> System:
    made = [Cell(f"{v}[{i}]", (0, 1), (0,), "state", "charger", v, (i,)) for v, i in names]
    return System("s", tuple(made), ())


def test_what_one_connector_needed_is_where_the_next_one_begins() -> None:
    system = cells(("use", 1), ("use", 2), ("user", 1), ("user", 2), ("standing", "A"))
    found = likened(system, frozenset({0, 2, 4}), frozenset({0}), frozenset({1}))
    assert found == frozenset({1, 3, 4})


def test_seeds_that_are_no_renaming_of_each_other_teach_nothing() -> None:
    system = cells(("use", 1), ("user", 2), ("user", 1))
    assert likened(system, frozenset({0, 2}), frozenset({0}), frozenset({1})) == frozenset({1})
