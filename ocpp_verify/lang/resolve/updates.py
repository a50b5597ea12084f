"""Clauses: guards and updates, with a note of who evaluates what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, assert_never

from ocpp_verify.ir.expr import TRUE, Expr
from ocpp_verify.ir.model import (
    Assign,
    ClearQueue,
    Conjunct,
    ForEach,
    Owner,
    Restart,
    Role,
    SetLink,
    Update,
)
from ocpp_verify.lang import syntax as s
from ocpp_verify.lang.facts import (
    Clause,
    Disturbance,
    Misused,
    NoQueue,
    ParamRead,
    Read,
    Restarts,
    Write,
)
from ocpp_verify.lang.resolve.context import ANYTHING, Context
from ocpp_verify.lang.resolve.expressions import Expressions
from ocpp_verify.lang.resolve.names import VariableSymbol
from ocpp_verify.source import Place

StepKind: TypeAlias = Literal[
    "event", "hidden step", "timer", "call", "lost", "reply", "reaction", "monitor"
]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a clause stands.

    Attributes:
        role: who permits the step; None for a monitor.
        by: whose variables its updates may assign.
        refines: whether it stands in another profile than the action's.
        stores: whether it belongs to the storing of a queued call.
    """

    step: StepKind
    action: str
    profile: str
    role: Role | None
    by: frozenset[Owner]
    refines: bool = False
    stores: bool = False


class Clauses:
    """Resolves clauses. `queues` are the roles that have a queue."""

    def __init__(self, expressions: Expressions, queues: frozenset[Role]) -> None:
        self.expressions = expressions
        self.names = expressions.names
        self.facts = expressions.facts
        self.queues = queues

    def conjuncts(
        self,
        whens: Iterable[s.When],
        context: Context,
        where: Setting,
        kind: Literal["guard", "duty", "queue"] = "guard",
        rules: s.Rules = (),
    ) -> tuple[Conjunct, ...]:
        """The conditions, each with its place, rules and profile; `rules` are for those without."""
        found: list[Conjunct] = []
        for each in whens:
            own = context.fresh()
            expr = self.expressions.truth(each.expr, own)
            assert where.role is not None
            self._note(kind, where.role, where, own)
            if expr is not None:
                named = rule_names(each.rules or rules)
                found.append(Conjunct(expr, each.at, named, where.profile))
        return tuple(found)

    def _note(
        self,
        kind: Literal["guard", "update", "duty", "queue", "computed", "monitor"],
        reader: Owner,
        where: Setting,
        context: Context,
        also: tuple[Sequence[Read], Sequence[ParamRead]] = ((), ()),
    ) -> None:
        reads = (*also[0], *context.reads)
        params = (*also[1], *context.params)
        self.facts.append(Clause(kind, reader, where.action, reads, params, where.stores))

    def note_computed(self, context: Context, where: Setting) -> None:
        """Notes what a computed parameter reads: it is computed by the sender."""
        assert where.role is not None
        self._note("computed", where.role, where, context)

    # updates ----------------------------------------------------------------------------------

    def updates(
        self, thens: Iterable[s.Then], context: Context, where: Setting
    ) -> tuple[Update, ...]:
        """The updates of all clauses, in order."""
        found: list[Update] = []
        for then in thens:
            found += self._updates(then.updates, context, where, then.rules, ((), ()))
        return tuple(found)

    def _updates(
        self,
        updates: Sequence[s.UpdateSyntax],
        context: Context,
        where: Setting,
        rules: s.Rules,
        guards: tuple[Sequence[Read], Sequence[ParamRead]],
    ) -> list[Update]:
        found: list[Update] = []
        for each in updates:
            match each:
                case s.Assignment():
                    assign = self._assign(each, context, where, rules, guards)
                    if assign is not None:
                        found.append(assign)
                case s.Loop():
                    found += self._loop(each, context, where, rules, guards)
                case s.Restarting():
                    if self._may_disturb(each.at, f"restart {each.role}", where, each.role):
                        self.facts.append(Restarts(each.role, each.at))
                        found.append(Restart(each.role, each.at))
                case s.Linking():
                    words = "connect" if each.up else "disconnect"
                    if self._may_disturb(each.at, words, where):
                        found.append(SetLink(each.up, each.at))
                case s.Forgetting():
                    if not self._may_disturb(each.at, "forget queue", where):
                        continue
                    assert where.role is not None
                    if where.role not in self.queues:
                        self.facts.append(NoQueue(where.role, each.at))
                    found.append(ClearQueue(where.role, each.at))
                case _:
                    assert_never(each)
        return found

    def _may_disturb(self, at: Place, words: str, where: Setting, role: Role | None = None) -> bool:
        why = ""
        if where.step not in ("event", "hidden step", "timer"):
            why = "only an event, a hidden step or a timer does that"
        elif role is not None and role != where.role:
            why = f"`{where.action}` happens at the {where.role}"
        if why:
            self.facts.append(Disturbance(words, why, at))
        return not why

    def _loop(
        self,
        loop: s.Loop,
        context: Context,
        where: Setting,
        rules: s.Rules,
        guards: tuple[Sequence[Read], Sequence[ParamRead]],
    ) -> list[Update]:
        inner = self.expressions.bind((loop.name,), loop.over, context)
        condition: Expr | None = TRUE
        if loop.condition is not None:
            own = inner.fresh()
            condition = self.expressions.truth(loop.condition, own)
            guards = ((*guards[0], *own.reads), (*guards[1], *own.params))
        updates = self._updates(loop.updates, inner, where, loop.rules + rules, guards)
        of = inner.locals[loop.name.text].type
        if of is None or condition is None or not updates:
            return []
        return [ForEach(loop.name.text, of, condition, tuple(updates))]

    def _assign(
        self,
        update: s.Assignment,
        context: Context,
        where: Setting,
        rules: s.Rules,
        guards: tuple[Sequence[Read], Sequence[ParamRead]],
    ) -> Assign | None:
        name = update.name
        own = context.fresh()
        symbol = self._target(name, own)
        if symbol is None:
            for each in (*update.indices, update.value):
                self.expressions.typed(each, own, ANYTHING)
            return None
        indices = self.expressions.uses.indices(name, symbol, update.indices, own)
        value = self.expressions.value(
            update.value,
            own,
            symbol.type,
            f"cannot assign {{found}} to `{name.text}`",
            symbol.at,
            f"`{name.text}` is {symbol.type}",
        )
        self._note("monitor" if where.role is None else "update", symbol.owner, where, own, guards)
        declared = symbol.decl
        self.facts.append(
            Write(
                name.text,
                symbol.owner,
                name.at,
                where.step,
                where.action,
                where.by,
                where.profile,
                symbol.profile,
                symbol.at,
                where.refines,
                isinstance(declared, s.StateDecl) and declared.trait,
            )
        )
        if indices is None or value is None:
            return None
        return Assign(
            name.text, indices, value, update.at, rule_names(update.rules + rules), where.profile
        )

    def _target(self, name: s.Name, context: Context) -> VariableSymbol | None:
        symbol = context.ghosts.get(name.text) or self.names.values.get(name.text)
        if isinstance(symbol, VariableSymbol) and symbol.profile in context.visible:
            return symbol
        if symbol is not None and symbol.profile in context.visible:
            help = "only state variables are assigned"
            self.facts.append(Misused(name, "no state variable", help, symbol.at))
        elif name.text == "online":
            self.facts.append(Disturbance("online", "write `connect` or `disconnect`", name.at))
        elif name.text in context.locals:
            at = context.locals[name.text].at
            help = "only state variables are assigned"
            self.facts.append(Misused(name, "a parameter", help, at))
        else:
            known = [
                known
                for known, each in self.names.values.items()
                if isinstance(each, VariableSymbol) and each.profile in context.visible
            ]
            self.names.unknown(
                "variable",
                name,
                [*known, *context.ghosts],
                symbol.profile if symbol else "",
            )
        return None


def rule_names(rules: s.Rules) -> tuple[str, ...]:
    """The ids, each once."""
    return tuple(dict.fromkeys(rule.text for rule in rules))
