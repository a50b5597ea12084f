"""All successors of a block of states, and the goals that hold in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocpp_verify.engines.explicit.circuit import (
    Bits,
    Block,
    Circuit,
    Positions,
    Program,
    schedule,
)
from ocpp_verify.engines.explicit.effects import Effect, Mask, compile_effect, conditions
from ocpp_verify.engines.explicit.packing import Codes, Layout, Words
from ocpp_verify.ir.system import Command, Formula


@dataclass(frozen=True, slots=True)
class Expander:
    """The commands of a system, ready to be applied to blocks of states.

    `asked[i]` maps the conditions in the effect of command i to their root in stage i; root 0 is
    the guard. Formulas are named by id, which is safe while `commands` holds them.
    """

    layout: Layout
    commands: tuple[Command, ...]
    program: Program
    effects: tuple[Effect, ...]
    asked: tuple[dict[int, int], ...]

    def scratch(self, states: int) -> int:
        """Bytes that expanding that many states takes: registers, columns and positions."""
        width = sum(
            np.dtype(_smallest(self.layout.fields[cell].width)).itemsize
            for cell in self.program.cells
        )
        return self.program.registers * -(-states // 64) * 8 + states * (width + 26)

    def registers(self, states: int) -> Bits:
        """Room to compute in, for blocks of at most that many states."""
        return np.zeros((self.program.registers, -(-states // 64)), dtype=np.uint64)

    def expand(
        self, block: Block, registers: Bits, emit: Callable[[int, Positions], Words]
    ) -> None:
        """Compute the successors of each state by each command that is enabled in it.

        For every enabled command `emit(command, positions)` is asked for a place to put the
        successors of the states at these positions. It may do what it likes with those that it
        handed out before.
        """
        for number, roots in enumerate(self.program.run(block, registers)):
            where = block.chosen(roots[0])
            if where is None:
                continue
            after = emit(number, where)
            for word, into in zip(block.words, after, strict=True):
                np.take(word, where, out=into, mode="clip")
            answers = _Answers(block, where, roots, self.asked[number])
            self.effects[number].apply(after, answers.column, answers.condition)


def prepare(layout: Layout, commands: Sequence[Command]) -> Expander:
    """Compile the commands. Takes about 0.1 ms per command."""
    circuit = Circuit(layout)
    groups = []
    asked = []
    for command in commands:
        roots = [circuit.gate(command.guard)]
        places: dict[int, int] = {}
        for formula in conditions(command, layout):
            places[id(formula)] = len(roots)
            roots.append(circuit.gate(formula))
        groups.append(roots)
        asked.append(places)
    return Expander(
        layout,
        tuple(commands),
        schedule(circuit, groups),
        tuple(compile_effect(layout, command) for command in commands),
        tuple(asked),
    )


class _Answers:
    """What an effect asks about the states of a block at some positions."""

    def __init__(
        self, block: Block, where: Positions, roots: tuple[Bits, ...], asked: dict[int, int]
    ) -> None:
        self._block = block
        self._where = where
        self._roots = roots
        self._asked = asked
        self._columns: dict[int, Codes] = {}
        self._masks: dict[int, Mask] = {}

    def column(self, cell: int) -> Codes:
        known = self._columns.get(cell)
        if known is None:
            known = self._columns[cell] = self._block.column(cell).take(self._where)
        return known

    def condition(self, formula: Formula) -> Mask:
        root = self._asked[id(formula)]
        known = self._masks.get(root)
        if known is None:
            bits: npt.NDArray[np.uint8] = self._roots[root].view(np.uint8)
            some = bits.take(self._where >> 3) >> (self._where & 7).astype(np.uint8)
            known = self._masks[root] = (some & 1).view(np.bool_)
        return known


def _smallest(width: int) -> str:
    return "u1" if width <= 8 else "u2" if width <= 16 else "u4"


@dataclass(frozen=True, slots=True)
class Goals:
    """Formulas to look for in blocks of states."""

    program: Program

    def first(self, block: Block) -> list[int | None]:
        """For each formula the first position where it holds."""
        registers = np.zeros((self.program.registers, block.words64), dtype=np.uint64)
        found: list[int | None] = []
        for (root,) in self.program.run(block, registers):
            where = block.chosen(root)
            found.append(None if where is None else int(where[0]))
        return found


def prepare_goals(circuit: Circuit, formulas: Sequence[Formula]) -> Goals:
    """Compile the formulas; what the circuit has seen is not done again."""
    return Goals(schedule(circuit, [[circuit.gate(each)] for each in formulas]))
