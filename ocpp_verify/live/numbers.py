"""Numbers that are made up during a conversation, such as those of transactions and reservations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ocpp_verify.ir.types import Value
from ocpp_verify.live.belief import Belief
from ocpp_verify.live.binding import Binding
from ocpp_verify.live.oracle import Oracle
from ocpp_verify.live.wording import Wording


class Numbers:
    """Lends the model's tokens to numbers. `last` is the one before the first that we make up."""

    def __init__(self, oracle: Oracle, binding: Binding, belief: Belief, last: int) -> None:
        self._binding = binding
        self._belief = belief
        self._last = last
        self._given: dict[tuple[str, str, object], str] = {}
        tokens = binding.number_tokens
        self._cells = [
            (number, cell.domain)
            for number, cell in enumerate(oracle.system.cells)
            if not tokens.isdisjoint(cell.domain)
        ]

    def in_use(self) -> frozenset[str]:
        """Tokens that some variable has in some possible state."""
        return frozenset(
            str(domain[state[number]])
            for state in self._belief.kernel
            for number, domain in self._cells
        )

    def make_up(
        self, words: Sequence[Wording], args: Mapping[str, Value], *, anew: bool = False
    ) -> None:
        """Numbers for the arguments whose tokens stand for none; `anew`: and for those that nobody
        uses any more.
        """
        for word in words:
            value = args.get(word.name)
            if not word.is_fresh or value is None or word.sort is None:
                continue
            token = str(value)
            if anew and token in self.in_use():
                continue
            if anew or self._binding.tokens.wire(word.sort.name, token) is None:
                self._last += 1
                self._binding.tokens.bind(word.sort.name, token, self._last)

    def given_twice(
        self, action: str, words: Sequence[Wording], payload: Mapping[str, Any], message_id: str
    ) -> Iterator[tuple[str, Any]]:
        """Fields of an answer that make up a number which another call was given already."""
        for word in words:
            number = word.field(payload) if word.is_fresh else None
            if isinstance(number, int | float | str):
                first = self._given.setdefault((action, word.name, number), message_id)
                if first != message_id:
                    yield word.name, number
