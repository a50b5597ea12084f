"""Actions, duties and queues, with what refinements add to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from ocpp_verify.ir.expr import Expr
from ocpp_verify.ir.model import (
    Action,
    Call,
    Conjunct,
    Duration,
    Duty,
    Event,
    Hidden,
    Owner,
    Parameter,
    Queue,
    Reaction,
    Reply,
    Role,
    Update,
    peer,
)
from ocpp_verify.ir.types import OptionType
from ocpp_verify.lang import syntax as s
from ocpp_verify.lang.facts import (
    Disturbance,
    Duplicate,
    Mismatch,
    NoQueue,
    OutcomeNotInBase,
    OwesEvent,
    RefinesOwn,
    RefinesUnknown,
    Weakens,
)
from ocpp_verify.lang.resolve.build import any_of
from ocpp_verify.lang.resolve.context import Context, Local, owner_of
from ocpp_verify.lang.resolve.names import ActionSymbol, SettingSymbol
from ocpp_verify.lang.resolve.updates import Clauses, Setting, StepKind, rule_names
from ocpp_verify.lang.resolve.watched import watched_body


class Actions:
    """Resolves the actions of a linked model."""

    def __init__(self, clauses: Clauses) -> None:
        self.clauses = clauses
        self.expressions = clauses.expressions
        self.names = clauses.names
        self.facts = clauses.facts
        self._locals: dict[str, dict[str, Local]] = {}

    # parameters -------------------------------------------------------------------------------

    def params(
        self,
        params: Sequence[s.ParamSyntax],
        known: dict[str, Local],
        visible: frozenset[str],
        owner: Role | None,
    ) -> tuple[tuple[Parameter, ...], list[tuple[s.ParamSyntax, int]]]:
        """Parameters, entered into `known`, and which of them are computed, with their position."""
        found: list[Parameter] = []
        computed: list[tuple[s.ParamSyntax, int]] = []
        for each in params:
            of = self.names.type(each.type, visible)
            if each.name.text in known:
                first = known[each.name.text].at
                self.facts.append(Duplicate("the parameter", each.name, first))
                continue
            internal = owner if each.internal else None
            known[each.name.text] = Local(
                of, each.name.at, internal, each.computed is not None, True
            )
            if of is None:
                continue
            wire = ((None, each.wire),) if each.wire is not None else ()
            if wire and not isinstance(of, OptionType):
                self.facts.append(
                    Mismatch(
                        "`as` says how `none` is sent",
                        each.at,
                        f"this is {of}, which is never `none`",
                        help=f"write `{of}?`, or leave `as` out",
                    )
                )
            if each.computed is not None:
                computed.append((each, len(found)))
            found.append(
                Parameter(each.name.text, of, each.internal, each.advice, wire, at=each.name.at)
            )
        return tuple(found), computed

    def _with_computed(
        self,
        params: tuple[Parameter, ...],
        computed: Iterable[tuple[s.ParamSyntax, int]],
        context: Context,
        where: Setting,
    ) -> tuple[Parameter, ...]:
        done = list(params)
        for syntax, at in computed:
            assert syntax.computed is not None
            own = context.fresh()
            expr = self.expressions.value(
                syntax.computed,
                own,
                done[at].type,
                f"`{syntax.name.text}` is {done[at].type}",
                syntax.name.at,
            )
            self.clauses.note_computed(own, where)
            done[at] = replace(done[at], computed=expr)
        return tuple(done)

    # actions ----------------------------------------------------------------------------------

    def resolve(self, symbol: ActionSymbol) -> Action:
        """The action with all its refinements."""
        decl = symbol.decl
        visible = self.names.chains[symbol.profile]
        known: dict[str, Local] = {}
        params, computed = self.params(decl.params, known, visible, symbol.role)
        context = Context(visible, known)
        step = _step_of(decl)
        queued = isinstance(decl, s.CallDecl) and decl.queued
        by: frozenset[Owner] = frozenset((symbol.role,))
        where = Setting(step, decl.name.text, symbol.profile, symbol.role, by, stores=queued)
        params = self._with_computed(params, computed, context, replace(where, stores=False))
        guards = list(self.clauses.conjuncts(decl.body.whens, context, where))
        updates = list(self.clauses.updates(decl.body.thens, context, where))
        rules = list(decl.rules)
        refined: list[tuple[s.RefineAction, Context, Setting]] = []
        for profile, refinement in symbol.refinements:
            more, inner, there = self._refined(symbol, refinement, profile, known, where)
            params += more
            whens, ruled = refinement.body.whens, refinement.rules
            guards += self.clauses.conjuncts(whens, inner, there, rules=ruled)
            updates += self.clauses.updates(refinement.body.thens, inner, there)
            rules += refinement.rules
            refined.append((refinement, inner, there))
        symbol.params = params
        self._locals[decl.name.text] = known
        match decl:
            case s.EventDecl():
                self._no_answers(decl.body, refined)
                action: Action = Event(
                    decl.name.text, params, tuple(guards), tuple(updates), role=decl.role
                )
            case s.HiddenDecl():
                self._no_answers(decl.body, refined)
                action = Hidden(
                    decl.name.text,
                    params,
                    tuple(guards),
                    tuple(updates),
                    role=decl.role,
                    after=self.length(decl.after, visible) if decl.after else None,
                    within=self.length(decl.within, visible) if decl.within else None,
                )
            case s.CallDecl():
                if decl.queued and decl.sender not in self.clauses.queues:
                    self.facts.append(NoQueue(decl.sender, decl.name.at))
                call = Call(
                    decl.name.text,
                    params,
                    tuple(guards),
                    tuple(updates),
                    sender=decl.sender,
                    queued=decl.queued,
                )
                action = self._answered(symbol, decl, call, context, where, refined)
            case _:
                assert_never(decl)
        return replace(
            action, at=decl.name.at, rules=rule_names(tuple(rules)), profile=symbol.profile
        )

    def _refined(
        self,
        symbol: ActionSymbol,
        refinement: s.RefineAction,
        profile: str,
        known: dict[str, Local],
        where: Setting,
    ) -> tuple[tuple[Parameter, ...], Context, Setting]:
        visible = self.names.chains[profile]
        named = self._named(refinement.words, known, refinement.action)
        before = set(known)
        more, computed = self.params(refinement.params, known, visible, symbol.role)
        named |= {name: local for name, local in known.items() if name not in before}
        inner = Context(visible, named)
        there = replace(where, profile=profile, refines=True)
        return self._with_computed(more, computed, inner, there), inner, there

    def _named(
        self, words: Sequence[s.Name], known: Mapping[str, Local], of: s.Name
    ) -> dict[str, Local]:
        """The base's parameters that a refinement or duty names."""
        named: dict[str, Local] = {}
        for word in words:
            if word.text in named:
                self.facts.append(Duplicate("the parameter", word, named[word.text].at))
            elif word.text in known:
                named[word.text] = replace(known[word.text], at=word.at)
            else:
                self.names.unknown(f"parameter of {of.text}", word, known)
                named[word.text] = Local(None, word.at)
        return named

    def _no_answers(
        self, body: s.Body, refined: Sequence[tuple[s.RefineAction, Context, Setting]]
    ) -> None:
        for each in (body, *(refinement.body for refinement, _, _ in refined)):
            places = [reply.at for reply in each.replies]
            places += [lost.at for lost in each.losts] + [silent.at for silent in each.silents]
            for at in places:
                self.facts.append(Disturbance("", "only a call is answered", at))

    # calls ------------------------------------------------------------------------------------

    def _answered(
        self,
        symbol: ActionSymbol,
        decl: s.CallDecl,
        call: Call,
        context: Context,
        where: Setting,
        refined: Sequence[tuple[s.RefineAction, Context, Setting]],
    ) -> Call:
        answering = replace(
            where,
            step="reply",
            role=peer(decl.sender),
            by=frozenset(("charger", "csms")),
            stores=False,
        )
        replies = self._replies(symbol, decl, context, answering)
        losing = replace(where, step="lost", stores=False)
        lost = list(self.clauses.updates(decl.body.losts, context, losing))
        silent: list[Expr] = [
            each.expr for each in self.clauses.conjuncts(decl.body.silents, context, answering)
        ]
        for refinement, inner, there in refined:
            more = replace(answering, profile=there.profile, refines=True)
            self._refine_replies(symbol, replies, refinement, inner, more)
            losing = replace(more, step="lost", role=decl.sender, by=frozenset((decl.sender,)))
            lost += self.clauses.updates(refinement.body.losts, inner, losing)
            for each in refinement.body.silents:
                self.facts.append(Weakens(each.at))
        return replace(call, replies=tuple(replies), lost=tuple(lost), silent=any_of(silent))

    def _replies(
        self, symbol: ActionSymbol, decl: s.CallDecl, context: Context, where: Setting
    ) -> list[Reply]:
        found: list[Reply] = []
        seen: dict[str, s.Name] = {}
        for syntax in decl.body.replies:
            known = dict(context.locals)
            params, _ = self.params(syntax.params, known, context.visible, peer(decl.sender))
            for word in syntax.words:
                self.names.unknown(f"parameter of {decl.name.text}", word, ())
            inner = Context(context.visible, known)
            guards = self.clauses.conjuncts(syntax.whens, inner, where)
            updates = self.clauses.updates(syntax.thens, inner, where)
            for outcome in syntax.outcomes or (s.Name("", syntax.at),):
                if outcome.text in seen:
                    first = seen[outcome.text].at
                    self.facts.append(Duplicate("the reply", outcome, first))
                    continue
                seen[outcome.text] = outcome
                symbol.reply_params[outcome.text] = params
                found.append(
                    Reply(
                        outcome.text,
                        params,
                        guards,
                        updates,
                        outcome.at,
                        rule_names(syntax.rules),
                        symbol.profile,
                    )
                )
        return found

    def _refine_replies(
        self,
        symbol: ActionSymbol,
        replies: list[Reply],
        refinement: s.RefineAction,
        context: Context,
        where: Setting,
    ) -> None:
        for syntax in refinement.body.replies:
            outcomes = syntax.outcomes or (s.Name("", syntax.at),)
            known = {each.name for each in replies}
            for outcome in outcomes:
                if outcome.text not in known:
                    named = outcome if outcome.text else None
                    self.facts.append(
                        OutcomeNotInBase(
                            named, outcome.at, symbol.decl.name.text, tuple(known - {""})
                        )
                    )
            first = next((o.text for o in outcomes if o.text in known), None)
            base = {
                each.name: Local(
                    each.type,
                    each.at,
                    peer(symbol.role) if each.internal else None,
                    is_param=True,
                )
                for each in (symbol.reply_params[first] if first is not None else ())
            }
            names = {**context.locals, **self._named(syntax.words, base, refinement.action)}
            reserved = {**base, **names}
            params, _ = self.params(syntax.params, reserved, context.visible, peer(symbol.role))
            names |= {each.name: reserved[each.name] for each in params}
            inner = Context(context.visible, names)
            guards = self.clauses.conjuncts(syntax.whens, inner, where, rules=syntax.rules)
            updates = self.clauses.updates(syntax.thens, inner, where)
            chosen = {outcome.text for outcome in outcomes}
            for at, reply in enumerate(replies):
                if reply.name in chosen:
                    symbol.reply_params[reply.name] = reply.params + params
                    replies[at] = replace(
                        reply,
                        params=reply.params + params,
                        guards=reply.guards + guards,
                        updates=reply.updates + updates,
                        rules=tuple(dict.fromkeys(reply.rules + rule_names(syntax.rules))),
                    )

    # lengths, duties, queues, reactions -------------------------------------------------------

    def length(self, length: s.Length, visible: frozenset[str]) -> Duration:
        """Seconds, or the name of a duration that is declared."""
        if length.name is None:
            return Duration(length.seconds)
        symbol = self.names.values.get(length.name.text)
        if not isinstance(symbol, SettingSymbol) or symbol.profile not in visible:
            known = [
                name
                for name, each in self.names.values.items()
                if isinstance(each, SettingSymbol) and each.profile in visible
            ]
            self.names.unknown("duration", length.name, known)
        return Duration(None, length.name.text)

    def duties(
        self,
        declared: Sequence[tuple[str, s.DutyDecl]],
        refinements: Sequence[tuple[str, s.RefineDuty]],
    ) -> tuple[Duty, ...]:
        """All duties; a refinement adds its condition to those that name its parameters."""
        duties: list[Duty] = []
        for profile, decl in declared:
            duty = self._duty(profile, decl)
            if duty is not None:
                duties.append(duty)
        for profile, refinement in refinements:
            words = {word.text for word in refinement.words}
            matching = [
                at
                for at, duty in enumerate(duties)
                if duty.action == refinement.action.text
                and duty.advice == refinement.advice
                and words <= {param.name for param in duty.params}
            ]
            if not matching:
                kind = "should" if refinement.advice else "must"
                known = [
                    f"{each.action}({', '.join(param.name for param in each.params)})"
                    for each in duties
                    if each.advice == refinement.advice
                ]
                if refinement.action.text not in self.names.broken:
                    self.facts.append(RefinesUnknown(f"`{kind}`", refinement.action, tuple(known)))
                continue
            if any(duties[at].profile == profile for at in matching):
                self.facts.append(RefinesOwn(refinement.action, duties[matching[0]].at))
            known_locals = self._locals[refinement.action.text]
            named = self._named(refinement.words, known_locals, refinement.action)
            symbol = self.names.actions[refinement.action.text]
            context = Context(self.names.chains[profile], named)
            where = Setting(
                "hidden step", refinement.action.text, profile, symbol.role, frozenset()
            )
            more = self.clauses.conjuncts(refinement.whiles, context, where, "duty")
            for at in matching:
                rules = dict.fromkeys(duties[at].rules + rule_names(refinement.rules))
                duties[at] = replace(
                    duties[at], condition=duties[at].condition + more, rules=tuple(rules)
                )
        return tuple(duties)

    def _duty(self, profile: str, decl: s.DutyDecl) -> Duty | None:
        visible = self.names.chains[profile]
        symbol = self.names.actions.get(decl.action.text)
        if symbol is None or symbol.profile not in visible:
            known = [n for n, each in self.names.actions.items() if each.profile in visible]
            self.names.unknown("action", decl.action, known, symbol.profile if symbol else "")
            return None
        if isinstance(symbol.decl, s.EventDecl):
            self.facts.append(OwesEvent(decl.action, symbol.at))
        named = self._named(decl.words, self._locals[decl.action.text], decl.action)
        where = Setting("hidden step", decl.action.text, profile, symbol.role, frozenset())
        condition = self.clauses.conjuncts(decl.whiles, Context(visible, named), where, "duty")
        by_name = {param.name: param for param in symbol.params}
        return Duty(
            decl.action.text,
            tuple(by_name[word.text] for word in decl.words if word.text in by_name),
            self.length(decl.within, visible),
            condition,
            decl.action.at,
            rule_names(decl.rules),
            decl.advice,
            profile,
        )

    def queue(self, profile: str, decl: s.QueueDecl) -> Queue:
        """A role's queue."""
        where = Setting("hidden step", "queue", profile, decl.role, frozenset())
        context = Context(self.names.chains[profile])
        guards: tuple[Conjunct, ...] = self.clauses.conjuncts(decl.whens, context, where, "queue")
        if decl.capacity < 1:
            self.facts.append(
                Mismatch("a queue has room for at least one call", decl.at, help="write `size 1`")
            )
        return Queue(decl.role, decl.capacity, guards, decl.at)

    def reaction(self, profile: str, decl: s.ReactionDecl) -> Reaction | None:
        """`whenever … changes then …`."""
        visible = self.names.chains[profile]
        known: dict[str, Local] = {}
        params, _ = self.params(decl.watched.params, known, visible, None)
        context = Context(visible, known)
        watched = watched_body(self.expressions, decl.watched, context.fresh())
        owner = owner_of(watched.reads) if watched else "monitor"
        role: Role | None = owner if owner in ("charger", "csms") else None
        by: frozenset[Owner] = frozenset((role,)) if role else frozenset(("charger", "csms"))
        step: StepKind = "reaction"
        where = Setting(step, decl.watched.name.text, profile, role or "charger", by, True)
        updates: tuple[Update, ...] = self.clauses.updates(decl.thens, context, where)
        if watched is None:
            return None
        return Reaction(params, watched.body, updates, decl.at, rule_names(decl.rules), profile)


def _step_of(decl: s.ActionDecl) -> StepKind:
    match decl:
        case s.EventDecl():
            return "event"
        case s.HiddenDecl():
            return "timer" if decl.after is not None else "hidden step"
        case s.CallDecl():
            return "call"
        case _:
            assert_never(decl)
