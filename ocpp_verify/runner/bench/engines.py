"""The engines side by side on slices of Core, with SPIN where it is installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ocpp_verify.engines.bdd import BddEngine
from ocpp_verify.engines.explicit import ExplicitEngine
from ocpp_verify.ir.system import System
from ocpp_verify.runner.bench import spin
from ocpp_verify.runner.bench.figures import Row, Sample, Table, Tell, Work, side_by_side
from ocpp_verify.runner.bench.slices import core, slice_of
from ocpp_verify.semantics.result import Budget, Exploration

EXPLICIT, BDD, SPIN = "explicit (numpy)", "BDD (CUDD)", "SPIN"
_ABOUT = (
    "Every reachable state of parts of the Core model at one connector (sound projections to some "
    "of its variables). The engines must agree on the number of states. SPIN gets the same system "
    "as Promela, without partial order reduction and compression; its seconds are those from "
    "Promela to the end (`spin -a`, `cc -O2`, search), and the search alone."
)


def measure(repeat: int, slices: Mapping[str, str], tell: Tell) -> Table:
    """The table of the engines on slices of Core: variables by the name of the slice."""
    whole = core()
    rows: list[Row] = []
    for name, variables in slices.items():
        rows += _slice(name, slice_of(whole, variables), repeat, tell)
    return Table(
        "engines",
        "Enumerating states",
        _ABOUT,
        rows,
        _ratios(rows),
        list(disagreements(rows)),
    )


def _slice(name: str, system: System, repeat: int, tell: Tell) -> list[Row]:
    contenders: dict[str, Work] = {
        EXPLICIT: lambda: _figures(ExplicitEngine().explore(system, [], Budget())),
        BDD: lambda: _figures(BddEngine().explore(system, [], Budget())),
    }
    absent = spin.missing()
    if not absent:
        contenders[SPIN] = lambda: spin.run(system)
    rows = side_by_side(name, contenders, repeat, tell)
    return rows if not absent else [*rows, Row(name, SPIN, missing=absent)]


def _figures(found: Exploration) -> Sample:
    assert found.complete
    assert found.states is not None
    figures = {"states": float(found.states), "seconds": found.seconds}
    if found.bytes_per_state is not None:
        figures["bytes_per_state"] = found.bytes_per_state
    return figures


def _ratios(rows: Sequence[Row]) -> dict[str, float]:
    """How many times faster, on the largest slice that both did; and the explicit engine's bytes."""
    by_subject: dict[str, dict[str, Mapping[str, float]]] = {}
    for row in rows:
        if row.figures:
            by_subject.setdefault(row.subject, {})[row.contender] = row.figures
    ratios: dict[str, float] = {}
    for figures in by_subject.values():
        ratios["explicit_bytes_per_state"] = figures[EXPLICIT]["bytes_per_state"]
        if SPIN not in figures:
            continue
        theirs = figures[SPIN]
        ratios["numpy_vs_spin_complete"] = theirs["seconds"] / figures[EXPLICIT]["seconds"]
        ratios["numpy_vs_spin_search"] = theirs["search_seconds"] / figures[EXPLICIT]["seconds"]
        ratios["bdd_vs_spin_search"] = theirs["search_seconds"] / figures[BDD]["seconds"]
    return ratios


def disagreements(rows: Sequence[Row]) -> Iterator[str]:
    """Slices of which the contenders count different numbers of states."""
    counts: dict[str, dict[str, float]] = {}
    for row in rows:
        if row.figures:
            counts.setdefault(row.subject, {})[row.contender] = row.figures["states"]
    for subject, found in counts.items():
        if len(set(found.values())) > 1:
            told = ", ".join(f"{name} {count:.0f}" for name, count in found.items())
            yield f"{subject}: the engines count different states: {told}"
