"""Which engine answers what: the strategy behind `--engine`.

`auto` begins with a short explicit search, which decides small models with shortest traces. What must
never be is then tried on projections, one instance at a time, explicitly and with decision diagrams;
what must be possible from single initial states in a small world; and what is left with z3 and on the
whole system. A scenario is first followed from step to step. `all` asks every engine by itself and
compares; which cells one of them needed tells the next where to begin, and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from ocpp_verify.errors import WrongInput
from ocpp_verify.events import Event
from ocpp_verify.runner.deadline import Deadline
from ocpp_verify.runner.engines import NAMES
from ocpp_verify.runner.ledger import Found, agreed
from ocpp_verify.runner.pursuit import full_world, small_world
from ocpp_verify.runner.tactics import SMALL, Tactics
from ocpp_verify.semantics.result import Question

_GLANCE = 30_000
"""States of the short explicit search that `auto` begins with."""
_HOP = (100_000,)
_FAR = (400_000,)
_HOPS = (30_000, 300_000)
"""States of a search from one state; the small number is tried everywhere before the large one."""
_LONGER = 4_000_000
_LONGER_SECONDS = 30.0
"""Where the search for a shorter trace gives up."""
_DIRECT = 5_000_000
"""States after which the explicit engine turns to projections."""


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Answers the questions of a ledger with all that there is to try."""

    tactics: Tactics

    def run(self, engine: str) -> None:
        """Answer with `auto`, `all` or the engine of that name."""
        tactics, ledger = self.tactics, self.tactics.ledger
        match engine:
            case "auto":
                self._auto()
            case "all":
                self._every()
            case "explicit":
                self._explicit()
            case "bdd":
                tactics.ask("bdd", ledger.questions, tactics.deadline.share(0.4))
                tactics.project(ledger.open(), tactics.deadline, engine="bdd")
            case _:
                share = tactics.deadline.share(0.8)
                tactics.project(ledger.open(major=True), share, engine=engine)
                tactics.project(ledger.open(), tactics.deadline, engine=engine)

    def part(
        self,
        questions: Sequence[Question],
        deadline: Deadline,
        emit: Callable[[Event], None],
        told: Callable[[str, Found], None],
    ) -> Portfolio:
        """Another portfolio for some of the questions, which knows what this one knows of them."""
        ledger = self.tactics.ledger
        names = {each.name for each in questions}
        known = {name: each for name, each in ledger.found.items() if name in names}
        own = replace(ledger, questions=questions, emit=emit, told=told, found=known)
        return Portfolio(replace(self.tactics, ledger=own, deadline=deadline))

    def glance(self) -> None:
        """A short search from all initial states: decides small models, with shortest traces."""
        tactics = self.tactics
        tactics.ask("explicit", tactics.ledger.open(), tactics.deadline.share(0.2), states=_GLANCE)

    def _auto(self) -> None:
        """An engine whose package is missing is left out."""
        tactics, ledger = self.tactics, self.tactics.ledger
        deadline = tactics.deadline
        tactics.pursue()
        tactics.project(ledger.open(urgent=True), deadline.share(0.6), relay=True)
        tactics.plunge(small_world(tactics.system), _HOP, deadline.share(0.4))
        tactics.project(ledger.open(), deadline.share(0.6), relay=True)
        self._shorten()
        tactics.plunge(small_world(tactics.system), _FAR, deadline.share(0.2))
        tactics.plunge(full_world(tactics.system), _HOPS, deadline.share(0.3))
        tactics.project(ledger.open(), deadline.share(0.5), relay=True)
        with suppress(WrongInput):
            tactics.project(ledger.open(major=True), deadline.share(0.5), engine="z3")
            tactics.ask("bdd", ledger.open(major=True), deadline)

    def _explicit(self) -> None:
        tactics, ledger = self.tactics, self.tactics.ledger
        deadline = tactics.deadline
        tactics.pursue()
        tactics.ask("explicit", ledger.open(), deadline.share(0.3), states=_DIRECT)
        tactics.project(ledger.open(urgent=True), deadline.share(0.3), states=SMALL)
        tactics.plunge(small_world(tactics.system), _HOPS, deadline.share(0.3))
        tactics.project(ledger.open(), deadline.share(0.4), states=SMALL)
        self._shorten()
        tactics.project(ledger.open(major=True), deadline)

    def _every(self) -> None:
        """Each engine by itself, on projections of its own."""
        tactics, ledger = self.tactics, self.tactics.ledger
        answers: dict[str, list[Found]] = {each.name: [] for each in ledger.questions}
        for at, engine in enumerate(NAMES):
            if tactics.is_over():
                break
            ledger.found = {}
            self._alone(engine, tactics.deadline.share(1 / (len(NAMES) - at)))
            for name, found in ledger.found.items():
                answers[name].append(found)
        for name, several in answers.items():
            if several:
                ledger.record(name, agreed(ledger, name, several))

    def _alone(self, engine: str, deadline: Deadline) -> None:
        tactics, ledger = self.tactics, self.tactics.ledger
        match engine:
            case "explicit":
                tactics.pursue()
                tactics.ask(engine, ledger.open(), deadline.share(0.2), states=_GLANCE)
                tactics.plunge(small_world(tactics.system), _HOP, deadline.share(0.3))
                tactics.project(ledger.open(), deadline, engine=engine)
            case _:
                tactics.project(ledger.open(major=True), deadline, engine=engine)

    def _shorten(self) -> None:
        """Look for shortest traces of the urgent questions that have longer ones."""
        tactics = self.tactics
        wanted = tactics.ledger.unshortened()
        if wanted and not tactics.is_over():
            share = tactics.deadline.share(0.3, _LONGER_SECONDS)
            tactics.ask("explicit", wanted, share, states=_LONGER, stop=True)
