"""Many questions about one large system, answered together on projections that grow.

Where `refinement` decides one question with the fewest cells, this asks each projection all that is
open. Sound for systems of any size: what is unreachable in a projection is unreachable, and a trace
counts only after it was followed in the full system.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ocpp_verify.ir.abstraction import Weakening, cone, project
from ocpp_verify.ir.formula import cells_of, every, some
from ocpp_verify.ir.system import Is, System
from ocpp_verify.runner.engines import Relay, make_engine
from ocpp_verify.runner.instances import alternatives
from ocpp_verify.runner.refinement import Goal, follow, untangled
from ocpp_verify.semantics.ground import holds
from ocpp_verify.semantics.result import (
    Answer,
    Budget,
    Open,
    Question,
    Reached,
    Trace,
    Unreachable,
)

_SMALL = 50_000
"""States of a projection that is searched through; decision diagrams take over larger ones."""


def settle(
    system: System,
    questions: Sequence[Question],
    seed: frozenset[int],
    expired: Callable[[], bool],
) -> dict[str, Answer]:
    """The answers by name, beginning with the cells of `seed`; open only where the time ran out.

    As long as no run is known, one trace to any of the goals tells which cell is missing, and costs
    less than one to each. From then on all are asked, since some may be excluded.
    """
    engine = Relay(make_engine("explicit", True), make_engine("bdd", True), _SMALL)
    read = frozenset[int]().union(*(cells_of(each.goal) for each in questions))
    everything = cone(system, every(Is(cell, (0,)) for cell in sorted(read)))
    answers: dict[str, Answer] = {}
    kept = seed & everything
    together = True
    while rest := [each for each in questions if each.name not in answers]:
        kept = untangled(system, kept, everything)
        projection = project(system, kept)
        wanted = [Question("any of them", some(each.goal for each in rest))] if together else rest
        weakened = Weakening(kept)
        asked = [Question(each.name, weakened(each.goal)) for each in wanted]
        run = engine.explore(projection.system, asked, Budget(expired=expired))
        more: frozenset[int] = frozenset()
        before = len(answers)
        for each in wanted:
            match run.answers[each.name]:
                case Reached(trace):
                    parts = tuple(alternatives(each.goal))
                    found = follow(system, projection, trace, Goal(each, None, parts))
                    if isinstance(found, Trace):
                        answers = _met(rest, found) | answers
                        together = False
                    elif blamed := (found & everything) - kept:
                        more = min(more or blamed, blamed, key=len)
                case Unreachable() as answer:
                    answers |= {other.name: answer for other in (rest if together else [each])}
                case Open():
                    pass
        stuck = not more and len(answers) == before
        if expired() or (stuck and kept == everything):
            why = Open("the time limit" if expired() else "a trace could not be followed")
            return {each.name: answers.get(each.name, why) for each in questions}
        kept |= everything if stuck else more
    return answers


def _met(questions: Sequence[Question], trace: Trace) -> dict[str, Answer]:
    """What a run shows, which is often more than it was looked for."""
    found: dict[str, Answer] = {}
    for each in questions:
        ends = (at for at, state in enumerate(trace.states) if holds(each.goal, state))
        if (end := next(ends, None)) is not None:
            begun = Trace(trace.states[: end + 1], trace.commands[:end])
            found[each.name] = Reached(begun, shortest=False)
    return found
