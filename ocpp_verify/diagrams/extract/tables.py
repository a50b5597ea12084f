"""Tables: what an action asks for and does, and along which changes an expression moves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ocpp_verify.diagrams.extract.moves import Move, Moves
from ocpp_verify.diagrams.extract.words import joined_names
from ocpp_verify.diagrams.pictures import TransitionTable
from ocpp_verify.ir.expr import FALSE
from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.model import (
    Action,
    Assign,
    Call,
    Conjunct,
    Duration,
    Event,
    ForEach,
    Hidden,
    Model,
    Reply,
    Update,
)
from ocpp_verify.ir.properties import Transitions
from ocpp_verify.ir.show import Shower, shown_params, shown_value
from ocpp_verify.ir.system import Label

_COLUMNS = ("action", "by", "answer", "when", "then", "rules")


def operations_table(model: Model, names: Sequence[str] = ()) -> TransitionTable:
    """The actions of these names, or all: one row for the action, one for each of its answers."""
    shower = Shower(model.definitions)
    chosen = [each for each in model.actions if not names or each.name in names]
    rows = [row for action in chosen for row in _rows(shower, action)]
    title = ", ".join(names) if names else f"Actions of {' + '.join(model.profiles)}"
    return TransitionTable(title, _COLUMNS, tuple(rows))


def _rows(shower: Shower, action: Action) -> Iterable[tuple[str, ...]]:
    head = f"{action.name}({shown_params(action.params)})"
    yield (
        head,
        _by(action),
        "",
        _when(shower, action.guards),
        _then(shower, action.updates),
        _rules(action.rules, _ruled(action)),
    )
    if not isinstance(action, Call):
        return
    for reply in action.replies:
        params = f"({shown_params(reply.params)})" if reply.params else ""
        yield (
            "",
            action.receiver,
            (reply.name or "(answer)") + params,
            _when(shower, reply.guards),
            _then(shower, reply.updates),
            _rules(reply.rules, _ruled(reply)),
        )
    if action.silent != FALSE:
        yield "", action.receiver, "(silent)", shower.expr(action.silent), "", ""
    if action.lost:
        rules = _rules((), _of_updates(action.lost))
        yield "", action.sender, "(lost)", "", _then(shower, action.lost), rules


def _by(action: Action) -> str:
    match action:
        case Call():
            return f"{action.sender}, queued" if action.queued else action.sender
        case Event():
            return f"environment, at {action.role}"
        case Hidden(after=None):
            return f"{action.role}, unseen"
        case Hidden():
            within = f", within {_time(action.within)}" if action.within is not None else ""
            return f"{action.role}, after {_time(action.after)}{within}"


def _time(length: Duration | None) -> str:
    if length is None:
        return ""
    return length.name if length.name is not None else f"{length.seconds:g} s"


def _when(shower: Shower, guards: Sequence[Conjunct]) -> str:
    return "\n".join(
        f"{'and ' if at else ''}{_operand(shower.expr(each.expr), len(guards))}"
        for at, each in enumerate(guards)
    )


def _operand(text: str, count: int) -> str:
    """A conjunct on a line of its own, in parentheses where `and` would bind tighter."""
    loose = any(f" {word} " in text for word in ("or", "implies", "if")) or text.startswith(
        ("if ", "forall ", "exists ")
    )
    return f"({text})" if count > 1 and loose else text


def _then(shower: Shower, updates: Sequence[Update]) -> str:
    return "\n".join(shower.update(each) for each in updates)


def _ruled(part: Action | Reply) -> list[tuple[str, ...]]:
    return [
        *(each.rules for each in part.guards),
        *_of_updates(part.updates),
    ]


def _of_updates(updates: Sequence[Update]) -> Iterable[tuple[str, ...]]:
    for each in updates:
        if isinstance(each, ForEach):
            yield from _of_updates(each.updates)
        elif isinstance(each, Assign):
            yield each.rules


def _rules(own: Iterable[str], others: Iterable[Iterable[str]]) -> str:
    every = dict.fromkeys((*own, *(rule for each in others for rule in each)))
    return "\n".join(every)


def transitions_table(lowering: Lowering, table: Transitions, found: Moves) -> TransitionTable:
    """The rows of a `transitions`, each with the steps that make the change.

    Below them, what is not in it: changes by actions that it does not judge, and forbidden ones.
    """
    steps: dict[tuple[str, str], list[str]] = {}
    shown: dict[tuple[str, str], str] = {}
    pairs = dict.fromkeys(map(found.ends, found.moves))
    for pair in pairs:
        here = [move for move in found.moves if found.ends(move) == pair]
        sure = joined_names(lowering.model, _labels(lowering, here, known=True))
        open_ = joined_names(lowering.model, _labels(lowering, here, known=False))
        steps[pair] = [*sure, *(f"? {each}" for each in open_ if each not in sure)]
    rows = []
    for row in table.table:
        pair = (shown_value(row.source), shown_value(row.target))
        shown[pair] = row.code
        by = ", ".join(steps.get(pair, ["(nothing does this)"]))
        rows.append((row.code, *pair, by, "\n".join(row.rules)))
    rows += [("", *pair, ", ".join(steps[pair]), "") for pair in pairs if pair not in shown]
    return TransitionTable(table.name, ("code", "from", "to", "by", "rules"), tuple(rows))


def _labels(lowering: Lowering, moves: Sequence[Move], *, known: bool) -> list[Label]:
    return [
        lowering.system.commands[each.command].label
        for each in moves
        if (each.before is not None) is known
    ]
