"""Two engines in a row: the second takes over what is too large for the first, and keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field

from ocpp_verify.ir.system import Cell, Is, System
from ocpp_verify.runner.engines import Relay
from ocpp_verify.semantics.result import Answer, Budget, Exploration, Open, Question, Unreachable


@dataclass
class Asked:
    """Gives one answer and counts how often."""

    name: str
    answer: Answer
    times: int = field(default=0)

    def explore(self, system: System, questions: list[Question], budget: Budget) -> Exploration:
        self.times += 1
        answers = {each.name: self.answer for each in questions}
        return Exploration(self.name, answers, 1, False, None, 0.0)


def of(cells: int) -> System:
    made = (Cell(f"c{at}", (False, True), (0,), "state", "charger") for at in range(cells))
    return System("cells", tuple(made), ())


def test_what_was_too_large_is_not_begun_again_with_more_cells() -> None:
    small, large = Asked("small", Open("too large")), Asked("large", Unreachable("large"))
    relay = Relay(small, large, 10)
    question = Question("q", Is(0, (1,)))
    for cells, begun in ((3, 1), (4, 1), (3, 1), (2, 2)):
        run = relay.explore(of(cells), [question], Budget())
        assert run.engine == "large"
        assert small.times == begun
    assert large.times == 4
    relay.explore(of(5), [Question("another", Is(0, (1,)))], Budget())
    assert small.times == 3
