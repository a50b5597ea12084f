"""A plan for tests: walks from the initial values that make every change of a subject."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from ocpp_verify.diagrams.extract.moves import Move, Moves
from ocpp_verify.diagrams.extract.subject import Subject
from ocpp_verify.diagrams.extract.words import joined_names
from ocpp_verify.diagrams.pictures import TransitionTable
from ocpp_verify.graph.build import state_graph
from ocpp_verify.graph.shape import shape
from ocpp_verify.graph.tour import tour
from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.show import shown_value

_COLUMNS = ("walk", "step", "code", "from", "to", "by")


def walks_table(lowering: Lowering, subject: Subject, found: Moves) -> TransitionTable:
    """One row a step. Changes that are not known to be possible are left out.

    A walk says which change to aim at next; the steps between, which do not change the subject, are
    not in it. A repeated change is one that has to be made again to come to the next.
    """
    sure = sorted((move for move in found.moves if move.before is not None), key=found.ends)
    makers = {ends: list(group) for ends, group in groupby(sure, found.ends)}
    graph = state_graph(
        found.values, ((*ends, _by(lowering, group)) for ends, group in makers.items())
    )
    codes = {
        (shown_value(row.source), shown_value(row.target)): row.code
        for row in (subject.table.table if subject.table is not None else ())
    }
    rows: list[tuple[str, ...]] = []
    for start in found.initial:
        for walk in tour(graph, start):
            number = str(1 + len({row[0] for row in rows}))
            for step, (source, target, key) in enumerate(walk, start=1):
                by = graph.edges[source, target, key]["name"]
                code = codes.get((source, target), "")
                rows.append((number, str(step), code, source, target, by))
            graph.remove_edges_from(walk)
    return TransitionTable(f"Walks through {subject.title}", _COLUMNS, tuple(rows))


def dead_ends(found: Moves) -> tuple[str, ...]:
    """Values from which no change, not even an uncertain one, ever leads back to an initial one."""
    graph = state_graph(
        found.values, ((*found.ends(move), "") for move in found.moves), found.initial
    )
    facts = shape(graph)
    return (*facts.stuck, *(value for trap in facts.traps for value in trap))


def _by(lowering: Lowering, moves: Sequence[Move]) -> str:
    labels = [lowering.system.commands[move.command].label for move in moves]
    return "; ".join(joined_names(lowering.model, labels))
