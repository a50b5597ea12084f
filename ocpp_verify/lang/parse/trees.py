"""From parse trees to syntax. Nothing else sees a tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast

from lark import Token, Tree

from ocpp_verify.lang import syntax as s
from ocpp_verify.lang.parse.terms import Node, Terms, has, seconds, tree, trees, whole
from ocpp_verify.source import Place


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A clause that no earlier clause can own."""

    word: str
    at: Place


class Builder(Terms):
    """Builds the syntax of one file; `misplaced` collects clauses without an owner."""

    def __init__(
        self, file: str, line_ends: Mapping[int, int], comments: Mapping[int, str]
    ) -> None:
        super().__init__(file, line_ends)
        self._comments = comments
        self.misplaced: list[Misplaced] = []

    # items ------------------------------------------------------------------------------------

    def item(self, node: Node) -> s.Item:
        """One item of a file."""
        match str(node.data):
            case "profile":
                words = self._names(node)
                base = words[1] if len(words) > 1 else None
                return s.ProfileHeader(words[0], base, self._rules(node))
            case "spec":
                words = self._names(node)
                return s.SpecHeader(words[0], words[1] if len(words) > 1 else None)
            case "link":
                one, two = (self._role_of(each) for each in trees(node, "role"))
                return s.LinkDecl((one, two), self._at(node.children[0]))
            case "sort":
                braced, span = tree(node, "braced"), tree(node, "range")
                return s.SortDecl(
                    self._first(node),
                    self._names(braced) if braced else (),
                    self._range(span) if span else None,
                    has(node, "SYMMETRIC"),
                )
            case "enum":
                braced = tree(node, "braced")
                assert braced is not None
                return s.EnumDecl(self._first(node), self._names(braced))
            case "reading":
                braced = tree(node, "braced")
                assert braced is not None
                name, default = self._names(node)
                return s.ReadingDecl(
                    name,
                    self._names(braced),
                    default,
                    self._first(node, "STRING").text[1:-1],
                    self._rules(node),
                )
            case "whenever":
                return s.ReactionDecl(
                    self._watched(node),
                    tuple(self._then(each) for each in trees(node, "then")),
                    self._rules(node),
                    self._at(node.children[0]),
                )
            case "state" | "config" | "trait":
                return self._state(node)
            case "duration":
                return s.DurationDecl(
                    self._role(node),
                    self._first(node),
                    seconds(self._first(node, "SECONDS").text),
                    self._rules(node),
                )
            case "define":
                body = node.children[-2]
                return s.DefineDecl(
                    self._first(node),
                    self._params(tree(node, "params")),
                    self._type(node.children[-3]),
                    self._expr(body),
                    self._rules(node),
                )
            case "queue":
                return s.QueueDecl(
                    self._role(node),
                    whole(self._first(node, "INT").text),
                    tuple(self._when(each) for each in trees(node, "when")),
                    self._at(node.children[0]),
                )
            case "event":
                return s.EventDecl(
                    self._first(node),
                    self._params(tree(node, "params")),
                    self._role(node),
                    self._body(node),
                    self._rules(node),
                )
            case "hidden" | "timer":
                lengths = [self._length(each) for each in trees(node, "length")]
                return s.HiddenDecl(
                    self._first(node),
                    self._params(tree(node, "params")),
                    self._role(node),
                    lengths[0] if lengths else None,
                    lengths[1] if len(lengths) > 1 else None,
                    self._body(node),
                    self._rules(node),
                )
            case "call":
                return s.CallDecl(
                    self._first(node),
                    self._params(tree(node, "params")),
                    self._role(node),
                    has(node, "QUEUED"),
                    self._body(node),
                    self._rules(node),
                )
            case "duty":
                length = tree(node, "length")
                assert length is not None
                return s.DutyDecl(
                    self._first(node),
                    self._words(node),
                    self._length(length),
                    tuple(self._when(each) for each in trees(node, "while")),
                    has(node, "SHOULD"),
                    self._rules(node),
                )
            case "refine":
                return s.RefineAction(
                    self._first(node),
                    self._words(node),
                    self._params(tree(node, "params")),
                    self._body(node),
                    self._rules(node),
                )
            case "refine_duty":
                return s.RefineDuty(
                    self._first(node),
                    self._words(node),
                    tuple(self._when(each) for each in trees(node, "while")),
                    has(node, "SHOULD"),
                    self._rules(node),
                )
            case "refine_define":
                return s.RefineDefine(
                    self._first(node),
                    self._words(node),
                    self._expr(node.children[-2]),
                    self._rules(node),
                )
            case "property":
                kind = cast(Literal["invariant", "step", "reach"], str(node.children[0]))
                return s.PropertyDecl(
                    kind, self._first(node), self._expr(node.children[3]), self._rules(node)
                )
            case "transitions":
                return self._transitions(node)
            case "monitor":
                return s.MonitorDecl(
                    self._first(node),
                    tuple(self._ghost(each) for each in trees(node, "ghost")),
                    tuple(self._watch(each) for each in trees(node, "on")),
                    self._rules(node),
                )
            case "scenario":
                return s.ScenarioDecl(
                    self._first(node),
                    self._params(tree(node, "params")),
                    tuple(self._moment(e) for e in trees(node, "pattern", "state_moment")),
                    self._rules(node),
                )
            case kind:
                raise AssertionError(kind)

    def _state(self, node: Node) -> s.StateDecl:
        name = self._first(node)
        indices = tree(node, "indices")
        initial = tree(node, "initial")
        is_config, is_trait = node.data == "config", node.data == "trait"
        assert initial is not None
        return s.StateDecl(
            self._role(node),
            name,
            self._names(indices) if indices else (),
            self._type(node.children[-3]),
            self._initial(initial),
            is_config or is_trait or has(node, "PERSISTENT"),
            is_config,
            is_trait,
            self._rules(node),
            self._comments.get(node.meta.end_line, ""),
        )

    def _initial(self, node: Node) -> s.Expression | None:
        child = node.children[0]
        if isinstance(child, Token) and child.type == "ANY":
            return None
        return self._expr(child)

    # clauses ----------------------------------------------------------------------------------

    def _body(self, node: Node) -> s.Body:
        """Groups the clauses: `when` and `then` behind a `reply` are the reply's."""
        whens: list[s.When] = []
        thens: list[s.Then] = []
        replies: list[s.ReplySyntax] = []
        losts: list[s.Then] = []
        silents: list[s.When] = []
        owner: Literal["action", "reply", "nothing"] = "action"
        for clause in trees(node, "when", "then", "reply", "lost", "silent"):
            match str(clause.data):
                case "reply":
                    replies.append(self._reply(clause))
                    owner = "reply"
                case "lost":
                    losts.append(self._then(clause))
                    owner = "nothing"
                case "silent":
                    silents.append(self._when(clause))
                    owner = "nothing"
                case word if owner == "nothing":
                    self.misplaced.append(Misplaced(word, self._at(clause.children[0])))
                case "when" if owner == "reply":
                    last = replies[-1]
                    replies[-1] = replace(last, whens=(*last.whens, self._when(clause)))
                case "then" if owner == "reply":
                    last = replies[-1]
                    replies[-1] = replace(last, thens=(*last.thens, self._then(clause)))
                case "when":
                    whens.append(self._when(clause))
                case _:
                    thens.append(self._then(clause))
        return s.Body(tuple(whens), tuple(thens), tuple(replies), tuple(losts), tuple(silents))

    def _when(self, node: Node) -> s.When:
        expr = self._expr(node.children[-2])
        return s.When(expr, self._rules(node), expr.at)

    def _then(self, node: Node) -> s.Then:
        updates = tree(node, "updates")
        assert updates is not None
        return s.Then(*self._updates(updates), self._span(node.children[0], updates))

    def _reply(self, node: Node) -> s.ReplySyntax:
        answer = tree(node, "answer")
        return s.ReplySyntax(
            self._names(node),
            self._params(answer),
            self._names(answer) if answer else (),
            (),
            (),
            self._rules(node),
            self._at(node.children[0]),
        )

    def _updates(self, node: Node) -> tuple[tuple[s.UpdateSyntax, ...], s.Rules]:
        """The updates, and the rules behind the last one, which belong to all."""
        pairs = list(zip(node.children[::2], node.children[1::2], strict=True))
        updates = []
        for number, (update, rules) in enumerate(pairs, 1):
            assert isinstance(update, Tree)
            assert isinstance(rules, Tree)
            own = self._rule_names(rules) if number < len(pairs) else ()
            updates.append(self._update(update, own))
        last = pairs[-1][1]
        assert isinstance(last, Tree)
        return tuple(updates), self._rule_names(last)

    def _update(self, node: Node, rules: s.Rules) -> s.UpdateSyntax:
        at = self._at(node)
        match str(node.data):
            case "assign":
                name, subscript, value = node.children
                assert isinstance(subscript, Tree)
                indices = self._exprs(subscript.children)
                target = self._span(name, subscript if indices else name)
                return s.Assignment(self._name(name), indices, self._expr(value), rules, target)
            case "loop":
                _, name, over, _, condition, inner = node.children
                assert isinstance(inner, Tree)
                updates, shared = self._updates(inner)
                return s.Loop(
                    self._name(name),
                    self._type(over),
                    self._expr(condition) if condition is not None else None,
                    updates,
                    rules + shared,
                    at,
                )
            case "restart":
                return s.Restarting(self._role(node), at)
            case "connect":
                return s.Linking(True, at)
            case "disconnect":
                return s.Linking(False, at)
            case "forget":
                return s.Forgetting(at)
            case kind:
                raise AssertionError(kind)

    # specs ------------------------------------------------------------------------------------

    def _watched(self, node: Node) -> s.Watched:
        forms: Mapping[str, Literal["plain", "applied", "indexed"]] = {
            "watched_plain": "plain",
            "watched_applied": "applied",
            "watched_indexed": "indexed",
        }
        watched = trees(node, *forms)[0]
        holder = tree(watched, "params") if watched.data == "watched_applied" else watched
        return s.Watched(self._first(watched), forms[str(watched.data)], self._params(holder))

    def _transitions(self, node: Node) -> s.TransitionsDecl:
        return s.TransitionsDecl(
            self._first(node),
            self._watched(node),
            self._names(node)[1:],
            tuple(self._row(each) for each in trees(node, "row")),
            self._rules(node),
        )

    def _row(self, node: Node) -> s.RowSyntax:
        code, source, target, *_ = node.children
        names = self._names(node)
        return s.RowSyntax(
            self._name(code),
            self._expr(source),
            self._expr(target),
            names[1] if len(names) > 1 else None,
            self._rules(node),
        )

    def _ghost(self, node: Node) -> s.GhostDecl:
        indices, initial = tree(node, "indices"), tree(node, "initial")
        assert initial is not None
        return s.GhostDecl(
            self._first(node),
            self._names(indices) if indices else (),
            self._type(node.children[-2]),
            self._initial(initial),
        )

    def _watch(self, node: Node) -> s.WatchSyntax:
        pattern = tree(node, "pattern")
        assert pattern is not None
        return s.WatchSyntax(
            self._pattern(pattern),
            tuple(self._when(each) for each in trees(node, "assert")),
            tuple(self._then(each) for each in trees(node, "then")),
            self._rules(node),
            self._at(pattern),
        )

    def _moment(self, node: Node) -> s.PatternSyntax | s.When:
        if node.data == "pattern":
            return self._pattern(node)
        expr = self._expr(node.children[-1])
        return s.When(expr, (), expr.at)

    def _pattern(self, node: Node) -> s.PatternSyntax:
        outcome = tree(node, "outcome")
        phase = node.children[-1]
        args = []
        for arg in trees(node, "arg"):
            name, expr = arg.children
            args.append(
                s.ArgSyntax(self._name(name), self._expr(expr) if expr is not None else None)
            )
        return s.PatternSyntax(
            self._first(node),
            tuple(args),
            self._first(outcome) if outcome else None,
            cast(Literal["sent", "received", "lost"], str(phase)) if phase is not None else None,
            self._at(node),
        )
