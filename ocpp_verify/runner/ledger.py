"""What is known of each question, and who said it. No trace is believed before it was replayed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ocpp_verify.events import EngineFault, Event
from ocpp_verify.ir.system import System
from ocpp_verify.semantics.ground import holds, replay, steps
from ocpp_verify.semantics.result import (
    Answer,
    Open,
    Question,
    Reached,
    Trace,
    Unreachable,
)

INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Found:
    """An answer with where it came from.

    Attributes:
        rests_on: adds to what the system rests on.
        kept: for proofs on projections, the cells of the projection for each instance of the question.
        confirmed_by: other engines that came to the same.
    """

    answer: Answer
    engine: str
    seconds: float
    states: int | None = None
    depth: int | None = None
    rests_on: tuple[str, ...] = ()
    kept: tuple[frozenset[int], ...] = ()
    confirmed_by: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the question is undecided."""
        return isinstance(self.answer, Open)


@dataclass(slots=True)
class Ledger:
    """The answers to questions about one system; `found` grows.

    Attributes:
        urgent: questions of which a shortest trace is worth some time, if there is a trace.
        minor: questions that only the engines which answer all at once are asked.
        told: hears of every answer as soon as it is known.
    """

    system: System
    questions: Sequence[Question]
    emit: Callable[[Event], None]
    urgent: frozenset[str] = frozenset()
    minor: frozenset[str] = frozenset()
    told: Callable[[str, Found], None] = lambda name, found: None
    found: dict[str, Found] = field(default_factory=dict)

    def is_open(self, name: str) -> bool:
        """Whether the question is undecided."""
        return name not in self.found or self.found[name].is_open

    def open(self, *, major: bool = False, urgent: bool = False) -> list[Question]:
        """The undecided questions; without those that are minor, or only those that are urgent."""
        return [
            each
            for each in self.questions
            if self.is_open(each.name)
            and not (major and each.name in self.minor)
            and not (urgent and each.name not in self.urgent)
        ]

    def unshortened(self) -> list[Question]:
        """The urgent questions with a trace that may not be a shortest one."""
        return [
            each
            for each in self.questions
            if each.name in self.urgent
            and (known := self.found.get(each.name)) is not None
            and isinstance(known.answer, Reached)
            and not known.answer.shortest
        ]

    def hear(self, question: Question, said: Found) -> Answer:
        """Keep what is better than what is known; the answer as far as it is believed."""
        answer = self._believed(said.engine, question, said.answer)
        if answer is not said.answer:
            said = Found(answer, said.engine, said.seconds, said.states, said.depth)
        if self._is_news(question.name, answer):
            self.record(question.name, said)
        return answer

    def record(self, name: str, found: Found) -> None:
        """Keep this answer whatever was known."""
        self.found[name] = found
        self.told(name, found)

    def also_shown(self, trace: Trace, engine: str, seconds: float) -> None:
        """Answer what else a believed trace, or one more step at its end, shows."""
        further = [
            Trace((*trace.states, after), (*trace.commands, number))
            for number, after in steps(self.system, trace.states[-1])
        ]
        begun = [Trace(trace.states[: at + 1], trace.commands[:at]) for at in range(len(trace) + 1)]
        for question in self.open():
            ends = (each for each in (*begun, *further) if holds(question.goal, each.states[-1]))
            if (shown := next(ends, None)) is not None:
                self.hear(question, Found(Reached(shown, shortest=False), engine, seconds))

    def disagree(self, name: str, message: str) -> None:
        """Tell that two engines come to different answers."""
        self.emit(EngineFault(name, message, "OV701"))

    def _is_news(self, name: str, answer: Answer) -> bool:
        """Whether the answer says more than is known: a decision, or a greater depth."""
        known = self.found.get(name)
        if known is None:
            return True
        if isinstance(answer, Open):
            return known.is_open and depth_of(answer) >= depth_of(known.answer)
        return known.is_open or isinstance(answer, Reached)

    def _believed(self, engine: str, question: Question, answer: Answer) -> Answer:
        """The answer; an open one in place of a trace that is no run to the goal."""
        if not isinstance(answer, Reached):
            return answer
        wrong = replay(self.system, answer.trace)
        if wrong is None and not holds(question.goal, answer.trace.states[-1]):
            wrong = "the trace does not end in the goal"
        if wrong is None:
            return answer
        self.emit(EngineFault(question.name, f"{engine}: {wrong}", "OV702"))
        return Open(f"{engine} gave a trace that is none: {wrong}")


def agreed(ledger: Ledger, name: str, found: Sequence[Found]) -> Found:
    """What several say together: the shortest trace, else a proof, else the furthest search."""
    reached = [each for each in found if isinstance(each.answer, Reached)]
    refuted = [each for each in found if isinstance(each.answer, Unreachable)]
    if reached and refuted:
        told = (
            f"{reached[0].engine} reaches it in {_steps(reached[0].answer)} steps, "
            f"{refuted[0].engine} says it is unreachable"
        )
        ledger.disagree(name, f"the engines disagree: {told}")
        return Found(Open(f"the engines disagree: {told}"), "", reached[0].seconds)
    agreeing = reached or refuted
    if not agreeing:
        return max(found, key=lambda each: depth_of(each.answer))
    best = min(reached, key=lambda each: _steps(each.answer)) if reached else refuted[0]
    others = (each.engine for each in agreeing if each.engine != best.engine)
    return replace(best, confirmed_by=tuple(dict.fromkeys(others)))


def depth_of(answer: Answer) -> int:
    """How far a search came; beyond every depth for what is decided."""
    if isinstance(answer, Open):
        return -1 if answer.depth is None else answer.depth
    return 1 << 30


def _steps(answer: Answer) -> int:
    assert isinstance(answer, Reached)
    return len(answer.trace)
