"""Which answers are given to the system under test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ocpp_verify.live.menu import Choice
from ocpp_verify.live.oracle import Args
from ocpp_verify.live.script import Deed


@dataclass(slots=True)
class Answers:
    """What is to become of requests that wait for us.

    Attributes:
        wishes: answers that somebody counts on, in their order: name, outcome, arguments.
        outcomes: outcomes to give to the next request of a name, where the model permits them.
        withheld: requests that stay without an answer for now.
    """

    wishes: list[tuple[str, str | None, Args]] = field(default_factory=list)
    outcomes: dict[str, str] = field(default_factory=dict)
    withheld: frozenset[str] = frozenset()

    def preferred(self, options: Sequence[Choice], *, in_order: bool) -> tuple[Choice, Deed | None]:
        """The answer to give, and the deed that it is if it is not the obvious one.

        With `in_order` a wish waits until those before it have been met.
        """
        wanted = self.outcomes.pop(options[0].name, None)
        for each in options:
            if wanted is not None and each.outcome == wanted:
                return each, None
        wished = self._wished(options, in_order=in_order)
        if wished is not None:
            is_obvious = wished.outcome in ("Accepted", "")
            deed = Deed("answer", wished.name, (), wished.outcome, wished.answer)
            return wished, None if is_obvious else deed
        for each in options:
            if each.outcome == "Accepted":
                return each, None
        return options[0], None

    def _wished(self, options: Sequence[Choice], *, in_order: bool) -> Choice | None:
        """The option that meets the first wish about this request."""
        for at, (name, outcome, answer) in enumerate(self.wishes):
            if name != options[0].name:
                continue
            for each in options:
                if each.outcome == outcome and each.answer == answer and not (at and in_order):
                    del self.wishes[at]
                    return each
            return None
        return None
