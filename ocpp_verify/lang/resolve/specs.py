"""Properties: invariants, transition tables, monitors, scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, assert_never

from ocpp_verify.ir.expr import Const, Expr, Param
from ocpp_verify.ir.model import Parameter, Variable
from ocpp_verify.ir.properties import (
    Invariant,
    Monitor,
    Pattern,
    Property,
    Reach,
    Scenario,
    Spec,
    StepProperty,
    Transition,
    Transitions,
    Watch,
)
from ocpp_verify.ir.types import OptionType
from ocpp_verify.lang import syntax as s
from ocpp_verify.lang.facts import (
    Duplicate,
    RepeatedRow,
    SpecOfUnknown,
    UnknownAction,
    UnknownArgument,
    UnknownOutcome,
    WrongPhase,
)
from ocpp_verify.lang.resolve.actions import Actions
from ocpp_verify.lang.resolve.build import all_of
from ocpp_verify.lang.resolve.context import Context, Local
from ocpp_verify.lang.resolve.names import ActionSymbol, VariableSymbol
from ocpp_verify.lang.resolve.updates import Clauses, Setting, rule_names
from ocpp_verify.lang.resolve.variables import initial_value
from ocpp_verify.lang.resolve.watched import watched_body
from ocpp_verify.source import Place

Phase = Literal["sent", "queued", "reply", "received", "lost", "step"]


class Specs:
    """Resolves specs against a linked model."""

    def __init__(self, actions: Actions, clauses: Clauses, profiles: Sequence[str]) -> None:
        self.actions = actions
        self.clauses = clauses
        self.expressions = clauses.expressions
        self.names = clauses.names
        self.facts = clauses.facts
        self.profiles = tuple(profiles)
        self._visible = frozenset(profiles)
        self._seen: dict[str, Place] = {}

    def resolve(self, unit: s.Unit) -> Spec | None:
        """One spec; properties that failed are left out."""
        assert unit.spec is not None
        of = unit.spec.of or unit.spec.name
        if of.text not in self.profiles:
            self.facts.append(SpecOfUnknown(of, self.profiles))
            return None
        found: list[Property] = []
        for item in unit.properties:
            if isinstance(item, s.MonitorDecl):
                for ghost in item.ghosts:
                    self.names.ghosts.setdefault(ghost.name.text, item.name.text)
        for item in unit.properties:
            if item.name.text in self._seen:
                first = self._seen[item.name.text]
                self.facts.append(Duplicate("the property", item.name, first))
            self._seen.setdefault(item.name.text, item.name.at)
            resolved = self._property(item)
            if resolved is not None:
                found.append(resolved)
        return Spec(unit.spec.name.text, of.text, tuple(found), unit.file)

    def _context(self) -> Context:
        return Context(self._visible)

    def _property(self, item: s.SpecItem) -> Property | None:
        match item:
            case s.PropertyDecl():
                return self._simple(item)
            case s.TransitionsDecl():
                return self._transitions(item)
            case s.MonitorDecl():
                return self._monitor(item)
            case s.ScenarioDecl():
                return self._scenario(item)
            case _:
                assert_never(item)

    def _simple(self, item: s.PropertyDecl) -> Property | None:
        context = self._context()
        context.may_next = item.kind == "step"
        expr = self.expressions.truth(item.expr, context)
        if expr is None:
            return None
        rest = (item.name.text, expr, item.name.at, rule_names(item.rules))
        match item.kind:
            case "invariant":
                return Invariant(*rest)
            case "step":
                return StepProperty(*rest)
            case "reach":
                return Reach(*rest)

    def _transitions(self, item: s.TransitionsDecl) -> Transitions | None:
        known: dict[str, Local] = {}
        params, _ = self.actions.params(item.watched.params, known, self._visible, None)
        context = self._context().inner(known)
        watched = watched_body(self.expressions, item.watched, context)
        for name in item.excepted:
            if name.text not in self.names.actions:
                self._unknown_action(name)
        if watched is None:
            return None
        rows: list[Transition] = []
        codes: dict[str, Place] = {}
        pairs: dict[tuple[object, object], Place] = {}
        for row in item.rows:
            if row.code.text in codes:
                first = codes[row.code.text]
                self.facts.append(Duplicate("the transition", row.code, first))
            codes.setdefault(row.code.text, row.code.at)
            if row.profile is not None and row.profile.text not in self.profiles:
                continue
            why = f"`{item.watched.name.text}` is {watched.type}"
            ends = [
                self.expressions.value(each, self._context(), watched.type, why)
                for each in (row.source, row.target)
            ]
            source, target = ends
            if not isinstance(source, Const) or not isinstance(target, Const):
                continue
            pair = (source.value, target.value)
            if pair in pairs:
                self.facts.append(RepeatedRow(row.code.at, pairs[pair]))
            pairs.setdefault(pair, row.code.at)
            rows.append(Transition(row.code.text, *pair, row.code.at, rule_names(row.rules)))
        return Transitions(
            item.name.text,
            params,
            watched.body,
            watched.type,
            tuple(rows),
            tuple(name.text for name in item.excepted),
            item.name.at,
            rule_names(item.rules),
        )

    # monitors ---------------------------------------------------------------------------------

    def _monitor(self, item: s.MonitorDecl) -> Monitor:
        ghosts: dict[str, VariableSymbol] = {}
        variables: list[Variable] = []
        home = self.profiles[-1]
        for decl in item.ghosts:
            symbol = self.names.variable(decl, "monitor", home, self._visible)
            text = decl.name.text
            other = ghosts.get(text) or self.names.values.get(text)
            if other is not None:
                self.facts.append(Duplicate("the name", decl.name, other.at))
            ghosts[text] = symbol
            initial = initial_value(self.expressions, symbol, self._visible)
            if symbol.type is not None:
                variables.append(
                    Variable(text, "monitor", symbol.indices, symbol.type, initial, at=decl.name.at)
                )
        watches = [self._watch(each, item, ghosts) for each in item.watches]
        rules = item.rules + tuple(rule for each in item.watches for rule in each.rules)
        rules += tuple(r for each in item.watches for a in each.asserts for r in a.rules)
        return Monitor(
            item.name.text,
            tuple(variables),
            tuple(each for each in watches if each is not None),
            item.name.at,
            rule_names(rules),
        )

    def _watch(
        self, item: s.WatchSyntax, monitor: s.MonitorDecl, ghosts: dict[str, VariableSymbol]
    ) -> Watch | None:
        context = self._context()
        context.ghosts = ghosts
        bound: dict[str, Local] = {}
        pattern = self._pattern(item.pattern, context, bound)
        inner = context.inner(bound)
        asserted = [self.expressions.truth(each.expr, inner.fresh()) for each in item.asserts]
        where = Setting(
            "monitor", monitor.name.text, self.profiles[-1], None, frozenset(("monitor",))
        )
        updates = self.clauses.updates(item.thens, inner, where)
        if pattern is None or any(each is None for each in asserted):
            return None
        return Watch(
            pattern,
            tuple(
                Parameter(name, local.type, at=local.at)
                for name, local in bound.items()
                if local.type is not None
            ),
            all_of(each for each in asserted if each is not None),
            updates,
            item.at,
        )

    # scenarios --------------------------------------------------------------------------------

    def _scenario(self, item: s.ScenarioDecl) -> Scenario | None:
        known: dict[str, Local] = {}
        params, _ = self.actions.params(item.params, known, self._visible, None)
        context = self._context().inner(known)
        items: list[Pattern | Expr] = []
        for each in item.items:
            found: Pattern | Expr | None
            if isinstance(each, s.When):
                found = self.expressions.truth(each.expr, context.fresh())
            else:
                found = self._pattern(each, context, None)
            if found is not None:
                items.append(found)
        if len(items) < len(item.items):
            return None
        return Scenario(item.name.text, params, tuple(items), item.name.at, rule_names(item.rules))

    # patterns ---------------------------------------------------------------------------------

    def _unknown_action(self, name: s.Name) -> None:
        if name.text not in self.names.broken:
            self.facts.append(UnknownAction(name, tuple(self.names.actions)))

    def _pattern(
        self, item: s.PatternSyntax, context: Context, bound: dict[str, Local] | None
    ) -> Pattern | None:
        """The pattern; names that it binds are entered into `bound` (None: nothing is bound)."""
        symbol = self.names.actions.get(item.action.text)
        if symbol is None:
            self._unknown_action(item.action)
            if bound is not None:
                for arg in item.args:
                    for name in _binders(arg):
                        bound.setdefault(name.text, Local(None, name.at))
            return None
        phase = self._phase(item, symbol)
        params = self._params(item, symbol, phase)
        args: list[tuple[str, Expr | None]] = []
        seen: dict[str, Place] = {}
        for arg in item.args:
            if arg.name.text in seen:
                first = seen[arg.name.text]
                self.facts.append(Duplicate("the argument", arg.name, first))
            seen.setdefault(arg.name.text, arg.name.at)
            param = params.get(arg.name.text)
            if param is None:
                if phase is not None and arg.name.text not in self.names.broken:
                    self.facts.append(UnknownArgument(arg.name, item.action.text, tuple(params)))
                if bound is not None:
                    for name in _binders(arg):
                        bound.setdefault(name.text, Local(None, name.at))
                continue
            args.append((arg.name.text, self._arg(arg, param, context, bound)))
        outcome = item.outcome.text if item.outcome and item.outcome.text != "_" else None
        return Pattern(item.action.text, phase, tuple(args), outcome) if phase else None

    def _arg(
        self,
        arg: s.ArgSyntax,
        param: Parameter,
        context: Context,
        bound: dict[str, Local] | None,
    ) -> Expr | None:
        name = arg.name if arg.expr is None else None
        if isinstance(arg.expr, s.NameUse) and not self._means(arg.expr.name, param, context):
            name = arg.expr.name
        if bound is not None and name is not None:
            if name.text in bound and bound[name.text].type not in (None, param.type):
                first = bound[name.text].at
                self.facts.append(Duplicate("the name", name, first))
            bound.setdefault(name.text, Local(param.type, name.at))
            return Param(name.text, param.type)
        expr = arg.expr or s.NameUse(arg.name)
        known = {**context.locals, **(bound or {})}
        # An argument is compared, not assigned: what may be `none` is welcome.
        wanted = param.type if isinstance(param.type, OptionType) else OptionType(param.type)
        return self.expressions.value(
            expr, context.inner(known), wanted, f"`{param.name}` is {param.type}", param.at
        )

    def _means(self, name: s.Name, param: Parameter, context: Context) -> bool:
        """Whether the name on the right of `=` means something already."""
        return (
            name.text in context.locals
            or name.text in context.ghosts
            or name.text in self.names.values
            or bool(self.names.owners(name.text, context.visible))
        )

    def _phase(self, item: s.PatternSyntax, symbol: ActionSymbol) -> Phase | None:
        decl = symbol.decl
        word = item.phase
        if not isinstance(decl, s.CallDecl):
            if item.outcome is None and word is None:
                return "step"
            self.facts.append(
                WrongPhase(
                    f"`{decl.name.text}` is not a call: it has no answer and is not sent",
                    item.outcome.at if item.outcome else item.at,
                    f"write `{decl.name.text}(…)`",
                )
            )
            return None
        if item.outcome is None:
            if word == "received":
                self.facts.append(
                    WrongPhase(
                        "`received` is for an answer",
                        item.at,
                        f"name the outcome, or write `{decl.name.text}(…)._ received`",
                    )
                )
                return None
            if word is not None:
                return word
            return "queued" if decl.queued else "sent"
        if word in ("sent", "lost"):
            self.facts.append(
                WrongPhase(
                    f"an answer is not `{word}`", item.at, "leave it out, or write `received`"
                )
            )
            return None
        known = tuple(name for name in symbol.reply_params if name)
        if item.outcome.text != "_" and item.outcome.text not in known:
            if item.outcome.text not in self.names.broken:
                self.facts.append(UnknownOutcome(item.outcome, decl.name.text, (*known, "_")))
            return None
        return "reply" if word is None else "received"

    def _params(
        self, item: s.PatternSyntax, symbol: ActionSymbol, phase: Phase | None
    ) -> dict[str, Parameter]:
        params = {each.name: each for each in symbol.params}
        if item.outcome is not None and phase in ("reply", "received"):
            for name, answer in symbol.reply_params.items():
                if item.outcome.text in ("_", name):
                    params |= {each.name: each for each in answer}
        return params


def _binders(arg: s.ArgSyntax) -> tuple[s.Name, ...]:
    if arg.expr is None:
        return (arg.name,)
    return (arg.expr.name,) if isinstance(arg.expr, s.NameUse) else ()
