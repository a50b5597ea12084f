"""Words that all reporters share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ocpp_verify.events import REPLAY, Evidence, PropertyDecided
from ocpp_verify.ir.system import Label
from ocpp_verify.semantics.traces import Change, Line, lines, shown_value

_MARK = "mark "
_IN_FLIGHT = re.compile(r"'s (call|queue\[\d+\])$")


def steps(evidence: Evidence) -> list[Line]:
    """The steps of a trace, numbered from 1, without those that only note a scenario's progress."""
    taken = [
        each
        for each in lines(evidence.lowering, evidence.trace)
        if not each.label.action.startswith(_MARK)
    ]
    return [replace(each, number=at) for at, each in enumerate(taken, start=1)]


def actor(label: Label) -> str:
    """Who did it; for an arrival, at whom."""
    return f"at {label.role}" if label.phase == "received" else label.actor


@dataclass(frozen=True, slots=True)
class Start:
    """The initial values worth showing: all of a small model, else those that were free."""

    values: tuple[tuple[str, str], ...]
    others: int


def start(evidence: Evidence, at_most: int = 8) -> Start:
    """What a trace begins with."""
    cells = evidence.lowering.system.cells
    first = evidence.trace.states[0]
    known = [
        (cell.name, shown_value(cell.domain[value]), len(cell.initial) > 1)
        for cell, value in zip(cells, first, strict=True)
        if cell.kind in ("state", "config", "link")
    ]
    chosen = known if len(known) <= at_most else [each for each in known if each[2]]
    return Start(tuple((name, value) for name, value, _ in chosen), len(known) - len(chosen))


def verdict(decided: PropertyDecided) -> str:
    """The status in words that do not promise more than was shown."""
    match decided.status:
        case "proved":
            return "reached" if decided.wants_reachable else "proved"
        case "refuted":
            return "unreachable" if decided.wants_reachable else "refuted"
        case "holds_to_depth":
            return f"holds to depth {decided.depth}"
        case "unknown":
            return "unknown"


def covered(decided: PropertyDecided) -> str:
    """What is known about an undecided property; empty for a decided one."""
    reason = decided.how or "no engine had an answer"
    match decided.status:
        case "holds_to_depth":
            return f"no counterexample up to {decided.depth} steps ({reason}); this is not a proof"
        case "unknown" if decided.wants_reachable and decided.depth is not None:
            return f"not reached within {decided.depth} steps ({reason}); it may be further away"
        case "unknown":
            return f"nothing was found out: {reason}"
        case _:
            return ""


def engines(decided: Sequence[PropertyDecided]) -> str:
    """Who decided these properties, and then who confirmed all of them; a replay goes without saying."""
    first = sorted({each.engine for each in decided})
    shared = [name for name in decided[0].confirmed_by if name != REPLAY and name not in first]
    others = [name for name in shared if all(name in each.confirmed_by for each in decided)]
    return ", ".join((*first, *others))


def confirmed(decided: Iterable[PropertyDecided]) -> str:
    """How many of the verdicts another engine came to as well; empty if nobody was asked."""
    settled = [each for each in decided if each.status in ("proved", "refuted")]
    if not any(each.confirmed_by for each in settled):
        return ""
    proofs = [each for each in settled if each.evidence is None]
    traces = [each for each in settled if each.evidence is not None]
    parts = []
    if proofs:
        again = sum(bool(each.confirmed_by) for each in proofs)
        twice = sum(len(each.confirmed_by) > 1 for each in proofs)
        parts.append(f"{again} of {len(proofs)} proofs ({twice} by a third too)")
    if traces:
        again = sum(bool(set(each.confirmed_by) - {REPLAY}) for each in traces)
        parts.append(f"{again} of {len(traces)} traces (all replayed)")
    return f"confirmed by a second engine: {', '.join(parts)}"


def changed(changes: Iterable[Change]) -> str:
    """`connector: Available -> Reserved, holder: nobody -> T1`; what is in flight is not said."""
    return ", ".join(
        f"{each.name}: {each.before} -> {each.after}"
        for each in changes
        if not _IN_FLIGHT.search(each.name)
    )


def common_grounds(decided: Iterable[PropertyDecided]) -> tuple[str, ...]:
    """What every one of the verdicts rests on, in order."""
    all_of = [each.rests_on for each in decided if each.rests_on]
    if not all_of:
        return ()
    return tuple(each for each in all_of[0] if all(each in other for other in all_of))
