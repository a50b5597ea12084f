"""The ground system: finite cells and guarded commands. Every engine and the tester run on it.

`lower` makes it from a model; quantifiers, parameters, slots and queues are gone. A state is a tuple
of domain indices, one per cell.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ocpp_verify.ir.types import Value
from ocpp_verify.source import NOWHERE, Place

State: TypeAlias = tuple[int, ...]
"""One domain index per cell."""

Phase: TypeAlias = Literal["step", "queued", "sent", "reply", "received"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A finite ground variable. `domain` are the meanings of the indices 0..n-1, for displays.

    `initial` lists the indices it may start with. kind: `state` a model variable, `config` one that
    is a configuration key, `slot` a role's outstanding call, `queue` an entry of a queue, `link`,
    `ghost` of a monitor. `variable` and `indices` name the model variable it belongs to.
    """

    name: str
    domain: tuple[object, ...]
    initial: tuple[int, ...]
    kind: Literal["state", "config", "slot", "queue", "link", "ghost"]
    owner: str
    variable: str = ""
    indices: tuple[Value, ...] = ()


# Boolean expressions over cells -----------------------------------------------------------------
# Those with parts keep their hash: formulas are large, share parts and are looked up all the time.


@dataclass(frozen=True, slots=True)
class Bool:
    """A constant."""

    value: bool


@dataclass(frozen=True, slots=True)
class Is:
    """Cell `cell` has one of the domain indices `values` (sorted, not empty)."""

    cell: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class No:
    """Negation."""

    body: Formula
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((1, self.body)))

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, slots=True)
class All:
    """Conjunction of at least two."""

    args: tuple[Formula, ...]
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((2, self.args)))

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, slots=True)
class Any:
    """Disjunction of at least two."""

    args: tuple[Formula, ...]
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((3, self.args)))

    def __hash__(self) -> int:
        return self._hash


Formula: TypeAlias = Bool | Is | No | All | Any


# Values to assign -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Index:
    """A fixed domain index of the assigned cell."""

    value: int


@dataclass(frozen=True, slots=True)
class Copy:
    """The value of cell `cell` before the step; `table[i]` is the target index for its index i."""

    cell: int
    table: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`yes` where the condition holds before the step, else `no`."""

    condition: Formula
    yes: Term
    no: Term
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.condition, self.yes, self.no)))

    def __hash__(self) -> int:
        return self._hash


Term: TypeAlias = Index | Copy | Choice


@dataclass(frozen=True, slots=True)
class Label:
    """What a step is called.

    Attributes:
        phase: `step` for events, timers and hidden steps; `queued` a queued call is stored; `sent`
            a call goes on the wire; `reply` an answer goes on the wire; `received` an answer
            arrives at the caller.
        args: parameter values, by name, in the order of declaration. In the phases `reply` and
            `received` only those arguments of the call that can still matter.
        actor: who decides that it happens: `charger`, `csms` or `environment`.
        role: where it happens.
        visible: seen on the wire (`sent`, `reply`) or done by the environment.
    """

    phase: Phase
    action: str
    args: tuple[tuple[str, Value], ...]
    actor: Literal["charger", "csms", "environment"]
    role: str
    visible: bool
    outcome: str | None = None
    answer: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        def word(value: Value) -> str:
            if isinstance(value, bool):
                return "true" if value else "false"
            return "none" if value is None else str(value)

        def shown(values: tuple[tuple[str, Value], ...]) -> str:
            return ", ".join(f"{name}={word(value)}" for name, value in values)

        text = f"{self.action}({shown(self.args)})"
        if self.outcome is not None:
            text += f".{self.outcome}" + (f"({shown(self.answer)})" if self.answer else "")
        if self.phase == "received":
            text += " received"
        elif self.phase == "queued":
            text += " queued"
        return text


@dataclass(frozen=True, slots=True)
class Command:
    """A guarded step. `updates` are simultaneous; each cell occurs at most once; others stay."""

    label: Label
    guard: Formula
    updates: tuple[tuple[int, Term], ...]
    at: Place = NOWHERE
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GroundDuty:
    """While `pending` holds, `owner` owes one of the labels; `seconds` None: a configured time."""

    name: str
    owner: str
    pending: Formula
    discharged_by: tuple[int, ...]
    seconds: float | None
    key: str | None = None
    at: Place = NOWHERE
    rules: tuple[str, ...] = ()
    advice: bool = False


@dataclass(frozen=True, slots=True)
class System:
    """Cells, guarded commands and initial states (`initial` may tie cells together)."""

    name: str
    cells: tuple[Cell, ...]
    commands: tuple[Command, ...]
    initial: Formula = Bool(True)
    duties: tuple[GroundDuty, ...] = ()
    sizes: tuple[tuple[str, int], ...] = ()
    rests_on: tuple[str, ...] = field(default=())
    """Abstractions and bounds that a verdict on this system has to name."""

    def cell(self, name: str) -> int:
        """The index of the cell of that name; KeyError if there is none."""
        for index, each in enumerate(self.cells):
            if each.name == name:
                return index
        raise KeyError(name)


def shown_state(system: System, state: State) -> dict[str, object]:
    """The state by cell name and meaning."""
    return {cell.name: cell.domain[value] for cell, value in zip(system.cells, state, strict=True)}
