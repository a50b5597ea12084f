"""A static variable order: cells that occur together stand together."""

from __future__ import annotations

from collections.abc import Sequence

from ocpp_verify.ir.formula import cells_of, cells_of_term
from ocpp_verify.ir.system import Formula, System

_ROUNDS = 60


def support_of(system: System) -> list[tuple[frozenset[int], frozenset[int]]]:
    """For each command the cells it reads and the cells it writes."""
    known: dict[int, frozenset[int]] = {}

    def reads(formula: Formula) -> frozenset[int]:
        found = known.get(id(formula))
        if found is None:
            found = known[id(formula)] = cells_of(formula)
        return found

    return [
        (
            reads(command.guard).union(*(cells_of_term(term) for _, term in command.updates)),
            frozenset(cell for cell, _ in command.updates),
        )
        for command in system.commands
    ]


def connected_order(system: System) -> tuple[int, ...]:
    """The order of cells with the least span found by FORCE (Aloul, Markov, Sakallah 2003).

    Every command pulls its cells to their common centre; the weight of a command falls with its
    number of cells, and equal sets of cells count once. Starts from the order of declaration.

    Of the two directions the one that begins with the large domains: calls in flight and queues
    stand above what they remember. Measured on the Core model that is 3 to 5 times faster.
    """
    edges = sorted(
        {tuple(sorted(read | written)) for read, written in support_of(system)},
    )
    edges = [edge for edge in edges if len(edge) > 1]
    weights = [
        max((len(system.cells[c].domain) - 1).bit_length(), 1) for c in range(len(system.cells))
    ]
    order = list(range(len(system.cells)))
    best, least = tuple(order), _span(edges, order, weights)
    for _ in range(_ROUNDS):
        place = {cell: at for at, cell in enumerate(order)}
        pull = [0.0] * len(order)
        mass = [0.0] * len(order)
        for edge in edges:
            centre = sum(place[cell] for cell in edge) / len(edge)
            for cell in edge:
                pull[cell] += centre / len(edge)
                mass[cell] += 1 / len(edge)
        target = [
            pull[cell] / mass[cell] if mass[cell] else float(place[cell])
            for cell in range(len(order))
        ]
        moved = sorted(order, key=lambda cell: (target[cell], place[cell]))
        if moved == order:
            break
        order = moved
        span = _span(edges, order, weights)
        if span < least:
            best, least = tuple(order), span
    middle = (len(best) - 1) / 2
    lean = sum((at - middle) * len(system.cells[cell].domain) for at, cell in enumerate(best))
    return best[::-1] if lean > 0 else best


def _span(edges: Sequence[tuple[int, ...]], order: Sequence[int], weights: Sequence[int]) -> float:
    """Total distance, in bits, between the first and the last cell of each edge."""
    place: dict[int, int] = {}
    at = 0
    for cell in order:
        place[cell] = at
        at += weights[cell]
    return sum(
        (max(place[cell] for cell in edge) - min(place[cell] for cell in edge)) / len(edge)
        for edge in edges
    )
