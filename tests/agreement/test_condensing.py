"""A condensed system answers as the system does, and its runs stand for runs of it."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ocpp_verify.engines.bdd import BddEngine
from ocpp_verify.ir.abstraction import project
from ocpp_verify.ir.condensing import condense
from ocpp_verify.ir.joining import join
from ocpp_verify.ir.system import All, Cell, Command, Copy, Formula, Index, Is, System
from ocpp_verify.semantics.explore import explore
from ocpp_verify.semantics.ground import holds, replay, take
from ocpp_verify.semantics.result import Budget, Question, Reached
from ocpp_verify.semantics.uncondensed import seen, uncondensed
from tests.agreement.systems import ask, label, systems


@st.composite
def projections(draw: st.DrawFn) -> System:
    """Projections, which have more to condense than systems at random."""
    system = draw(systems(max_cells=4, max_size=5, max_commands=8))
    made = project(system, draw(st.sets(st.sampled_from(range(len(system.cells)))))).system
    assume(any(len(cell.domain) > 1 for cell in made.cells))
    return made


@settings(max_examples=400, deadline=None)
@given(st.one_of(systems(), projections()), st.integers(0, 2**32 - 1))
def test_a_goal_is_as_far_away_as_in_the_system(system: System, seed: int) -> None:
    (question,) = ask(seed, system, 1)
    condensed = condense(system, question.goal)
    whole = explore(system, [question])
    small = explore(condensed.system, [Question(question.name, condensed.goal)])
    assert small.shortest == whole.shortest
    assert {seen(condensed, state) for state in whole.distance} == set(small.distance)


@settings(max_examples=200, deadline=None)
@given(st.one_of(systems(), projections()), st.integers(0, 2**32 - 1))
def test_a_trace_of_the_condensed_system_stands_for_one_of_the_system(
    system: System, seed: int
) -> None:
    (question,) = ask(seed, system, 1)
    condensed = condense(system, question.goal)
    asked = Question(question.name, condensed.goal)
    answer = BddEngine(package="").explore(condensed.system, [asked], Budget()).answers["q0"]
    if isinstance(answer, Reached):
        trace = uncondensed(system, condensed, answer.trace)
        assert trace is not None
        assert replay(system, trace) is None
        assert holds(question.goal, trace.states[-1])


@settings(max_examples=200, deadline=None)
@given(systems(), st.integers(0, 2**32 - 1))
def test_joined_commands_do_together_what_the_commands_did(system: System, seed: int) -> None:
    sizes = [len(cell.domain) for cell in system.cells]
    joined = join([(each.guard, each.updates) for each in system.commands], sizes)
    made = [Command(label("J"), guard, updates) for guard, updates, _ in joined]
    for state in explore(system).distance:
        before = {take(each, state) for each in system.commands} - {None, state}
        assert {take(each, state) for each in made} - {None, state} == before


def test_values_that_only_mean_the_same_step_become_one() -> None:
    """Five calls of which two still do something, and these the same."""
    call = Cell("call", ("none", "a", "b", "c", "d"), (0,), "slot", "csms")
    done = Cell("done", (False, True), (0,), "state", "charger")

    def command(name: str, guard: Formula, *updates: tuple[int, Index | Copy]) -> Command:
        return Command(label(name), guard, updates)

    system = System(
        "calls",
        (call, done),
        (
            *(command(f"send {at}", Is(0, (0,)), (0, Index(at))) for at in range(1, 5)),
            command("answer a", Is(0, (1,)), (0, Index(0)), (1, Index(1))),
            command("answer b", Is(0, (2,)), (0, Index(0)), (1, Index(1))),
            command("answer c", Is(0, (3,)), (0, Index(0))),
            command("answer d", Is(0, (4,)), (0, Index(0))),
        ),
    )
    condensed = condense(system, All((Is(0, (0,)), Is(1, (1,)))))
    assert condensed.classes == ((0, 1, 1, 2, 2), (0, 1))
    assert len(condensed.system.commands) == 4
    assert condensed.spread(Is(0, (1,))) == Is(0, (1, 2))
