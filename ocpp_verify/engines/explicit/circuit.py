"""Formulas over many states at once: one bit per state, each distinct sub-formula computed once.

A `Circuit` interns formulas by structure, so that what several guards share becomes one gate. A
`Program` is the order in which the gates of some roots are computed, with registers that are reused
as soon as nothing needs them. A register holds one bit for each state of a block, 64 per word; at
such widths evaluating everything costs less than finding out what could be left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, assert_never

import numpy as np
import numpy.typing as npt

from ocpp_verify.engines.explicit.packing import Codes, Layout, Words
from ocpp_verify.ir.system import All, Any, Bool, Formula, Is, No

Bits: TypeAlias = npt.NDArray[np.uint64]
"""One bit per state of a block, in the byte order of `numpy.packbits(..., bitorder="little")`."""

Positions: TypeAlias = npt.NDArray[np.intp]
Gate: TypeAlias = int
"""The number of an interned sub-formula."""

TRUE: Gate = 0
FALSE: Gate = 1


class Circuit:
    """The interned sub-formulas of a system under a layout. Grows with each `gate`."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._number: dict[Hashable, Gate] = {("true",): TRUE, ("false",): FALSE}
        self._kind: list[Literal["constant", "atom", "not", "and", "or"]] = ["constant"] * 2
        self._parts: list[tuple[int, ...]] = [(), ()]
        self._seen: dict[int, tuple[Formula, Gate]] = {}

    def gate(self, formula: Formula) -> Gate:
        """The gate of a formula; equal ones, up to order and nesting, get the same one."""
        known = self._seen.get(id(formula))
        if known is not None:
            return known[1]
        match formula:
            case Bool():
                made = TRUE if formula.value else FALSE
            case Is():
                made = self._member(formula)
            case No():
                made = self._negated(self.gate(formula.body))
            case All():
                made = self._joined("and", formula.args, unit=TRUE, zero=FALSE)
            case Any():
                made = self._joined("or", formula.args, unit=FALSE, zero=TRUE)
            case _:
                assert_never(formula)
        self._seen[id(formula)] = (formula, made)  # holding the formula keeps its id taken
        return made

    def parts(self, gate: Gate) -> tuple[int, ...]:
        """The gates that a gate is made of; (cell, code) of an atom."""
        return self._parts[gate]

    def kind(self, gate: Gate) -> Literal["constant", "atom", "not", "and", "or"]:
        """What kind of gate it is."""
        return self._kind[gate]

    def cone(self, roots: Sequence[Gate]) -> list[Gate]:
        """The roots and all they are made of, each after its parts."""
        order: dict[Gate, None] = {}
        for root in roots:
            stack = [(root, False)]
            while stack:
                gate, ready = stack.pop()
                if gate in order:
                    continue
                if ready or self._kind[gate] in ("atom", "constant"):
                    order[gate] = None
                else:
                    stack.append((gate, True))
                    stack.extend((part, False) for part in reversed(self._parts[gate]))
        return list(order)

    def _intern(
        self, kind: Literal["constant", "atom", "not", "and", "or"], parts: tuple[int, ...]
    ) -> Gate:
        key = (kind, parts)
        number = self._number.setdefault(key, len(self._kind))
        if number == len(self._kind):
            self._kind.append(kind)
            self._parts.append(parts)
        return number

    def _member(self, formula: Is) -> Gate:
        field = self._layout.fields[formula.cell]
        wanted = frozenset(formula.values)
        inside = [code for code, value in enumerate(field.values) if value in wanted]
        outside = [code for code, value in enumerate(field.values) if value not in wanted]
        if not inside:
            return FALSE
        if not outside:
            return TRUE
        few, negated = (outside, True) if len(outside) < len(inside) else (inside, False)
        if len(field.values) == 2:
            few, negated = [1], 1 in outside
        atoms = tuple(sorted(self._intern("atom", (formula.cell, code)) for code in few))
        made = atoms[0] if len(atoms) == 1 else self._intern("or", atoms)
        return self._negated(made) if negated else made

    def _negated(self, gate: Gate) -> Gate:
        if gate in (TRUE, FALSE):
            return FALSE if gate == TRUE else TRUE
        return self._parts[gate][0] if self._kind[gate] == "not" else self._intern("not", (gate,))

    def _joined(
        self, kind: Literal["and", "or"], args: tuple[Formula, ...], unit: Gate, zero: Gate
    ) -> Gate:
        found: set[Gate] = set()
        for each in args:
            gate = self.gate(each)
            if gate == zero:
                return zero
            if self._kind[gate] == kind:
                found.update(self._parts[gate])
            elif gate != unit:
                found.add(gate)
        if any(self._kind[gate] == "not" and self._parts[gate][0] in found for gate in found):
            return zero
        if len(found) <= 1:
            return found.pop() if found else unit
        return self._intern(kind, tuple(sorted(found)))


Binary: TypeAlias = Callable[[Bits, Bits, Bits], object]


@dataclass(frozen=True, slots=True)
class Stage:
    """What is computed up to the point where some roots are known: `roots` are their registers."""

    atoms: tuple[tuple[int, int, int], ...]
    """(register, cell, code)"""
    gates: tuple[tuple[Binary, int, int, int], ...]
    """(operation, left register, right register, target register)"""
    roots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """The stages, one per group of roots, in order. The roots of a stage are valid during it."""

    stages: tuple[Stage, ...]
    registers: int
    cells: tuple[int, ...]
    """The cells that are read."""

    def run(self, block: Block, registers: Bits) -> Iterator[tuple[Bits, ...]]:
        """The bits of each stage's roots, stage by stage; `registers` is room to compute in.

        `registers` has at least as many rows as the program has registers, and as many columns as
        the block has words. Bits behind the last state are arbitrary, see `Block.chosen`.
        """
        rows = [registers[at, : block.words64] for at in range(self.registers)]
        rows[TRUE].fill(0xFFFF_FFFF_FFFF_FFFF)
        rows[FALSE].fill(0)
        for stage in self.stages:
            for target, cell, code in stage.atoms:
                block.load(cell, code, rows[target])
            for operation, left, right, target in stage.gates:
                operation(rows[left], rows[right], rows[target])
            yield tuple(rows[root] for root in stage.roots)


def schedule(circuit: Circuit, groups: Sequence[Sequence[Gate]]) -> Program:
    """The program that computes the groups of gates one after the other.

    Conjunctions and disjunctions become chains with the most used parts first, so that guards with
    common conjuncts share the beginning of the chain.
    """
    every = circuit.cone([gate for group in groups for gate in group])
    uses: Counter[Gate] = Counter()
    for gate in every:
        if circuit.kind(gate) != "atom":
            uses.update(circuit.parts(gate))

    # Straight-line code over unlimited registers; chains are interned like gates.
    lines: list[tuple[int, Gate | None, Binary | None, int, int]] = []
    owner: dict[Gate, int] = {TRUE: TRUE, FALSE: FALSE}
    chains: dict[tuple[str, int, int], int] = {}
    ends: list[tuple[int, tuple[int, ...]]] = []
    fresh = 2

    def line(gate: Gate | None, operation: Binary | None, left: int, right: int) -> int:
        nonlocal fresh
        lines.append((fresh, gate, operation, left, right))
        fresh += 1
        return fresh - 1

    for group in groups:
        for gate in circuit.cone(group):
            if gate in owner:
                continue
            match circuit.kind(gate):
                case "atom":
                    owner[gate] = line(gate, None, TRUE, TRUE)
                case "not":
                    owner[gate] = line(None, np.bitwise_xor, owner[circuit.parts(gate)[0]], TRUE)
                case "and" | "or" as kind:
                    operation = np.bitwise_and if kind == "and" else np.bitwise_or
                    first, *rest = sorted(circuit.parts(gate), key=lambda part: (-uses[part], part))
                    made = owner[first]
                    for part in rest:
                        key = (kind, made, owner[part])
                        if key not in chains:
                            chains[key] = line(None, operation, made, owner[part])
                        made = chains[key]
                    owner[gate] = made
                case "constant":
                    pass
        ends.append((len(lines), tuple(owner[gate] for gate in group)))
    return _allocate(circuit, lines, ends)


def _allocate(
    circuit: Circuit,
    lines: Sequence[tuple[int, Gate | None, Binary | None, int, int]],
    ends: Sequence[tuple[int, tuple[int, ...]]],
) -> Program:
    """Give each line a register and take it back after the last stage that reads it."""
    last = dict.fromkeys((TRUE, FALSE), len(ends))
    begin = 0
    for number, (end, roots) in enumerate(ends):
        for made, _, _, left, right in lines[begin:end]:
            last[made] = last[left] = last[right] = number
        for root in roots:
            last[root] = number
        begin = end
    last[TRUE] = last[FALSE] = len(ends)

    dying: list[list[int]] = [[] for _ in range(len(ends) + 1)]
    for made, number in last.items():
        dying[number].append(made)
    register = {TRUE: TRUE, FALSE: FALSE}
    spare: list[int] = []
    count = 2
    stages = []
    cells: set[int] = set()
    begin = 0
    for number, (end, roots) in enumerate(ends):
        atoms = []
        gates: list[tuple[Binary, int, int, int]] = []
        for made, gate, operation, left, right in lines[begin:end]:
            if not spare:
                spare.append(count)
                count += 1
            register[made] = spare.pop()
            if operation is None:
                assert gate is not None
                cell, code = circuit.parts(gate)
                cells.add(cell)
                atoms.append((register[made], cell, code))
            else:
                gates.append((operation, register[left], register[right], register[made]))
        stages.append(Stage(tuple(atoms), tuple(gates), tuple(register[each] for each in roots)))
        spare.extend(register.pop(each) for each in dying[number])
        begin = end
    return Program(tuple(stages), count, tuple(sorted(cells)))


class Block:
    """Some states side by side: their words, and the columns asked for so far."""

    def __init__(self, layout: Layout, words: Words) -> None:
        self.words = words
        self.count = int(words.shape[1])
        self.words64 = -(-self.count // 64)
        self._layout = layout
        self._columns: dict[int, Codes] = {}

    def column(self, cell: int) -> Codes:
        """The codes of the cell in each state."""
        known = self._columns.get(cell)
        if known is None:
            known = self._columns[cell] = self._layout.column(cell, self.words)
        return known

    def load(self, cell: int, code: int, into: Bits) -> None:
        """One bit per state: the cell has that code."""
        packed = np.packbits(self.column(cell) == code, bitorder="little")
        into.view(np.uint8)[: packed.size] = packed

    def chosen(self, bits: Bits) -> Positions | None:
        """The positions of the states whose bit is set, ascending; None if there is none.

        Clears the bits behind the last state.
        """
        data = bits.view(np.uint8)
        full, rest = divmod(self.count, 8)
        data[full + (rest > 0) :] = 0
        if rest:
            data[full] &= (1 << rest) - 1
        filled = np.flatnonzero(bits)
        if not filled.size:
            return None
        if filled.size * 4 < bits.size:
            some = np.unpackbits(bits[filled].view(np.uint8), bitorder="little")
            row, place = np.nonzero(some.view(np.bool_).reshape(-1, 64))
            return filled[row] * 64 + place
        return np.flatnonzero(np.unpackbits(data, bitorder="little").view(np.bool_))


def evaluate(layout: Layout, formula: Formula, block: Block) -> npt.NDArray[np.bool_]:
    """The same without preparation, for a few states or a single use: one bool per state."""
    match formula:
        case Bool():
            return np.full(block.count, formula.value)
        case Is():
            field = layout.fields[formula.cell]
            wanted = frozenset(formula.values)
            member = np.array([value in wanted for value in field.values])
            if not field.width:
                return np.full(block.count, member[0])
            return member.take(block.column(formula.cell))
        case No():
            return ~evaluate(layout, formula.body, block)
        case All() | Any():
            join = np.logical_and if isinstance(formula, All) else np.logical_or
            found = evaluate(layout, formula.args[0], block)
            for each in formula.args[1:]:
                join(found, evaluate(layout, each, block), out=found)
            return found
        case _:
            assert_never(formula)
