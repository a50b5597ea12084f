"""What the tester chose in a run, as a list that can be shortened and carried out again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ocpp_verify.ir.types import Value
from ocpp_verify.live.oracle import Args

DeedKind: TypeAlias = Literal["call", "answer", "own", "event", "ask", "link"]


@dataclass(frozen=True, slots=True)
class Deed:
    """One choice of the tester, in the model's words.

    Attributes:
        kind: `call` we sent a request; `answer` we gave an answer other than the obvious one; `own`
            a step of our role that is not on the wire; `event` the bench did something; `ask` the
            operator was asked; `link` the network went or came back.
        hasty: it was done although something was still owed.
        after: seconds since the choice before it.
        held: calls of the other side that were answered only after it.
    """

    kind: DeedKind
    name: str
    args: Args = ()
    outcome: str | None = None
    answer: Args = ()
    hasty: bool = False
    after: float = 0.0
    held: tuple[str, ...] = ()

    def __str__(self) -> str:
        words = {None: "none", True: "true", False: "false"}
        told = ", ".join(
            f"{name}={words[value] if value is None or isinstance(value, bool) else value}"
            for name, value in (*self.args, *self.answer)
        )
        return f"{self.name}{'.' + self.outcome if self.outcome else ''}({told})"


Script: TypeAlias = tuple[Deed, ...]


def as_data(deed: Deed) -> dict[str, Any]:
    """The deed as plain data."""
    return {
        "kind": deed.kind,
        "name": deed.name,
        "args": dict(deed.args),
        "outcome": deed.outcome,
        "answer": dict(deed.answer),
        "hasty": deed.hasty,
        "after": deed.after,
        "held": list(deed.held),
    }


def from_data(data: dict[str, Any]) -> Deed:
    """The deed that `as_data` wrote. Raises KeyError where it did not."""
    args: dict[str, Value] = data["args"]
    answer: dict[str, Value] = data["answer"]
    return Deed(
        data["kind"],
        data["name"],
        tuple(args.items()),
        data["outcome"],
        tuple(answer.items()),
        bool(data["hasty"]),
        float(data["after"]),
        tuple(data.get("held", ())),
    )
