"""From parse trees to syntax. Nothing else sees a tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, cast

from lark import Token, Tree

from ocpp_verify.ir.model import Role
from ocpp_verify.lang import syntax as s
from ocpp_verify.source import Place

Node: TypeAlias = "Tree[Token]"
Child: TypeAlias = "Tree[Token] | Token | None"

_COMPARISONS = {
    "EQUALS": "==",
    "DIFFERS": "!=",
    "LESS": "<",
    "ATMOST": "<=",
    "MORE": ">",
    "ATLEAST": ">=",
}


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A clause that no earlier clause can own."""

    word: str
    at: Place


def _trees(node: Node, *kinds: str) -> list[Node]:
    return [each for each in node.children if isinstance(each, Tree) and each.data in kinds]


def _tree(node: Node, kind: str) -> Node | None:
    found = _trees(node, kind)
    return found[0] if found else None


def _has(node: Node, terminal: str) -> bool:
    return any(isinstance(each, Token) and each.type == terminal for each in node.children)


class Builder:
    """Builds the syntax of one file; `misplaced` collects clauses without an owner."""

    def __init__(
        self, file: str, line_ends: Mapping[int, int], comments: Mapping[int, str]
    ) -> None:
        self._file = file
        self._line_ends = line_ends
        self._comments = comments
        self.misplaced: list[Misplaced] = []

    # places and words -------------------------------------------------------------------------

    def _span(self, first: Child, last: Child) -> Place:
        def begin(child: Child) -> tuple[int, int]:
            if isinstance(child, Tree):
                return child.meta.line, child.meta.column
            assert child is not None
            return child.line or 1, child.column or 1

        def end(child: Child) -> tuple[int, int]:
            if isinstance(child, Tree):
                return child.meta.end_line, child.meta.end_column
            assert child is not None
            return child.line or 1, (child.column or 1) + len(child)

        line, column = begin(first)
        end_line, end_column = end(last)
        if end_line != line:
            end_column = self._line_ends.get(line, column + 1)
        return Place(self._file, line, column, end_column)

    def _at(self, child: Child) -> Place:
        return self._span(child, child)

    def _name(self, token: Child) -> s.Name:
        assert isinstance(token, Token)
        return s.Name(str(token), self._at(token))

    def _names(self, node: Node, start: int = 0) -> tuple[s.Name, ...]:
        return tuple(
            self._name(each)
            for each in node.children[start:]
            if isinstance(each, Token) and each.type == "NAME"
        )

    def _first(self, node: Node, terminal: str = "NAME") -> s.Name:
        return self._name(
            next(
                each for each in node.children if isinstance(each, Token) and each.type == terminal
            )
        )

    def _rules(self, node: Node) -> s.Rules:
        return tuple(name for rules in _trees(node, "rules") for name in self._rule_names(rules))

    def _rule_names(self, rules: Node) -> s.Rules:
        return tuple(
            s.Name(str(token)[1:], self._at(token))
            for token in rules.children
            if isinstance(token, Token)
        )

    def _role(self, node: Node) -> Role:
        found = _tree(node, "role")
        assert found is not None
        return self._role_of(found)

    def _role_of(self, node: Node) -> Role:
        return "charger" if str(node.children[0]) == "charger" else "csms"

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
                one, two = (self._role_of(each) for each in _trees(node, "role"))
                return s.LinkDecl((one, two), self._at(node.children[0]))
            case "sort":
                braced, span = _tree(node, "braced"), _tree(node, "range")
                return s.SortDecl(
                    self._first(node),
                    self._names(braced) if braced else (),
                    self._range(span) if span else None,
                    _has(node, "SYMMETRIC"),
                )
            case "enum":
                braced = _tree(node, "braced")
                assert braced is not None
                return s.EnumDecl(self._first(node), self._names(braced))
            case "reading":
                braced = _tree(node, "braced")
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
                    tuple(self._then(each) for each in _trees(node, "then")),
                    self._rules(node),
                    self._at(node.children[0]),
                )
            case "state" | "config" | "trait":
                return self._state(node)
            case "duration":
                return s.DurationDecl(
                    self._role(node),
                    self._first(node),
                    _seconds(self._first(node, "SECONDS").text),
                    self._rules(node),
                )
            case "define":
                body = node.children[-2]
                return s.DefineDecl(
                    self._first(node),
                    self._params(_tree(node, "params")),
                    self._type(node.children[-3]),
                    self._expr(body),
                    self._rules(node),
                )
            case "queue":
                return s.QueueDecl(
                    self._role(node),
                    _whole(self._first(node, "INT").text),
                    tuple(self._when(each) for each in _trees(node, "when")),
                    self._at(node.children[0]),
                )
            case "event":
                return s.EventDecl(
                    self._first(node),
                    self._params(_tree(node, "params")),
                    self._role(node),
                    self._body(node),
                    self._rules(node),
                )
            case "hidden" | "timer":
                lengths = [self._length(each) for each in _trees(node, "length")]
                return s.HiddenDecl(
                    self._first(node),
                    self._params(_tree(node, "params")),
                    self._role(node),
                    lengths[0] if lengths else None,
                    lengths[1] if len(lengths) > 1 else None,
                    self._body(node),
                    self._rules(node),
                )
            case "call":
                return s.CallDecl(
                    self._first(node),
                    self._params(_tree(node, "params")),
                    self._role(node),
                    _has(node, "QUEUED"),
                    self._body(node),
                    self._rules(node),
                )
            case "duty":
                length = _tree(node, "length")
                assert length is not None
                return s.DutyDecl(
                    self._first(node),
                    self._words(node),
                    self._length(length),
                    tuple(self._when(each) for each in _trees(node, "while")),
                    _has(node, "SHOULD"),
                    self._rules(node),
                )
            case "refine":
                return s.RefineAction(
                    self._first(node),
                    self._words(node),
                    self._params(_tree(node, "params")),
                    self._body(node),
                    self._rules(node),
                )
            case "refine_duty":
                return s.RefineDuty(
                    self._first(node),
                    self._words(node),
                    tuple(self._when(each) for each in _trees(node, "while")),
                    _has(node, "SHOULD"),
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
                    tuple(self._ghost(each) for each in _trees(node, "ghost")),
                    tuple(self._watch(each) for each in _trees(node, "on")),
                    self._rules(node),
                )
            case "scenario":
                return s.ScenarioDecl(
                    self._first(node),
                    self._params(_tree(node, "params")),
                    tuple(self._moment(e) for e in _trees(node, "pattern", "state_moment")),
                    self._rules(node),
                )
            case kind:
                raise AssertionError(kind)

    def _state(self, node: Node) -> s.StateDecl:
        name = self._first(node)
        indices = _tree(node, "indices")
        initial = _tree(node, "initial")
        is_config, is_trait = node.data == "config", node.data == "trait"
        assert initial is not None
        return s.StateDecl(
            self._role(node),
            name,
            self._names(indices) if indices else (),
            self._type(node.children[-3]),
            self._initial(initial),
            is_config or is_trait or _has(node, "PERSISTENT"),
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

    # types and parameters ---------------------------------------------------------------------

    def _type(self, node: Child) -> s.TypeSyntax:
        assert isinstance(node, Tree)
        match str(node.data):
            case "bool_type":
                return s.BoolName(self._at(node))
            case "named_type":
                return s.TypeName(self._name(node.children[0]))
            case "range":
                return self._range(node)
            case "optional":
                inner = self._type(node.children[0])
                assert not isinstance(inner, s.Optional)
                return s.Optional(inner, self._at(node))
            case kind:
                raise AssertionError(kind)

    def _range(self, node: Node) -> s.Range:
        low, high = (self._whole(each) for each in _trees(node, "whole"))
        return s.Range(low, high, self._at(node))

    def _whole(self, node: Node) -> int:
        number = _whole(str(node.children[-1]))
        return -number if node.children[0] is not None else number

    def _length(self, node: Node) -> s.Length:
        token = node.children[0]
        assert isinstance(token, Token)
        if token.type == "SECONDS":
            return s.Length(_seconds(str(token)), None)
        return s.Length(None, self._name(token))

    def _words(self, node: Node) -> tuple[s.Name, ...]:
        words = _tree(node, "words")
        return self._names(words) if words else ()

    def _params(self, node: Node | None) -> tuple[s.ParamSyntax, ...]:
        return tuple(self._param(each) for each in _trees(node, "param")) if node else ()

    def _param(self, node: Node) -> s.ParamSyntax:
        kind, name, of, _, wire, computed = node.children
        return s.ParamSyntax(
            self._name(name),
            self._type(of),
            kind is not None and str(kind) == "internal",
            kind is not None and str(kind) == "should",
            self._wire(wire) if isinstance(wire, Tree) else None,
            self._expr(computed) if computed is not None else None,
            self._at(node),
        )

    def _wire(self, node: Node) -> int | str:
        child = node.children[0]
        if isinstance(child, Tree):
            return self._whole(child)
        text = str(child)
        return text[1:-1] if text.startswith('"') else text

    # clauses ----------------------------------------------------------------------------------

    def _body(self, node: Node) -> s.Body:
        """Groups the clauses: `when` and `then` behind a `reply` are the reply's."""
        whens: list[s.When] = []
        thens: list[s.Then] = []
        replies: list[s.ReplySyntax] = []
        losts: list[s.Then] = []
        silents: list[s.When] = []
        owner: Literal["action", "reply", "nothing"] = "action"
        for clause in _trees(node, "when", "then", "reply", "lost", "silent"):
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
        updates = _tree(node, "updates")
        assert updates is not None
        return s.Then(*self._updates(updates), self._span(node.children[0], updates))

    def _reply(self, node: Node) -> s.ReplySyntax:
        answer = _tree(node, "answer")
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
        watched = _trees(node, *forms)[0]
        holder = _tree(watched, "params") if watched.data == "watched_applied" else watched
        return s.Watched(self._first(watched), forms[str(watched.data)], self._params(holder))

    def _transitions(self, node: Node) -> s.TransitionsDecl:
        return s.TransitionsDecl(
            self._first(node),
            self._watched(node),
            self._names(node)[1:],
            tuple(self._row(each) for each in _trees(node, "row")),
            self._rules(node),
        )

    def _row(self, node: Node) -> s.RowSyntax:
        code, source, target, _ = node.children
        return s.RowSyntax(
            self._name(code), self._expr(source), self._expr(target), self._rules(node)
        )

    def _ghost(self, node: Node) -> s.GhostDecl:
        indices, initial = _tree(node, "indices"), _tree(node, "initial")
        assert initial is not None
        return s.GhostDecl(
            self._first(node),
            self._names(indices) if indices else (),
            self._type(node.children[-2]),
            self._initial(initial),
        )

    def _watch(self, node: Node) -> s.WatchSyntax:
        pattern = _tree(node, "pattern")
        assert pattern is not None
        return s.WatchSyntax(
            self._pattern(pattern),
            tuple(self._when(each) for each in _trees(node, "assert")),
            tuple(self._then(each) for each in _trees(node, "then")),
            self._rules(node),
            self._at(pattern),
        )

    def _moment(self, node: Node) -> s.PatternSyntax | s.When:
        if node.data == "pattern":
            return self._pattern(node)
        expr = self._expr(node.children[-1])
        return s.When(expr, (), expr.at)

    def _pattern(self, node: Node) -> s.PatternSyntax:
        outcome = _tree(node, "outcome")
        phase = node.children[-1]
        args = []
        for arg in _trees(node, "arg"):
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

    # expressions ------------------------------------------------------------------------------

    def _exprs(self, nodes: Sequence[Child]) -> tuple[s.Expression, ...]:
        return tuple(self._expr(each) for each in nodes if each is not None)

    def _expr(self, node: Child) -> s.Expression:
        assert isinstance(node, Tree)
        at = self._at(node)
        parts = node.children
        match str(node.data):
            case "true":
                return s.Truth(True, at)
            case "false":
                return s.Truth(False, at)
            case "none":
                return s.Nothing(at)
            case "base":
                return s.Base(at)
            case "number":
                return s.Number(self._number(node), at)
            case "name":
                return s.NameUse(self._name(parts[0]))
            case "qualified":
                return s.Qualified(self._name(parts[0]), self._name(parts[1]), at)
            case "indexed":
                return s.Indexed(self._name(parts[0]), self._exprs(parts[1:]), at)
            case "applied":
                return s.Applied(self._name(parts[0]), self._exprs(parts[1:]), at)
            case "group":
                return self._expr(parts[0])
            case "compare":
                assert isinstance(parts[1], Token)
                op = cast(Literal["==", "!=", "<", "<=", ">", ">="], _COMPARISONS[parts[1].type])
                return s.Compare(op, self._expr(parts[0]), self._expr(parts[2]), at)
            case "one_of":
                return s.OneOf(self._expr(parts[0]), self._exprs(parts[2:]), at)
            case "arithmetic":
                sign: Literal["+", "-"] = "+" if str(parts[1]) == "+" else "-"
                return s.Arithmetic(sign, self._expr(parts[0]), self._expr(parts[2]), at)
            case "not":
                return s.Negation(self._expr(parts[1]), at)
            case "and" | "or" as kind:
                return s.Junction(kind, self._flat(node), at)
            case "implies":
                return s.Implication(self._expr(parts[0]), self._expr(parts[2]), at)
            case "conditional":
                return s.Conditional(
                    self._expr(parts[1]), self._expr(parts[3]), self._expr(parts[5]), at
                )
            case "forall" | "exists" as kind:
                return s.Quantifier(
                    kind,
                    self._names(node),
                    self._type(parts[-2]),
                    self._expr(parts[-1]),
                    at,
                )
            case "count":
                return s.Counting(
                    self._name(parts[1]), self._type(parts[2]), self._expr(parts[3]), at
                )
            case "next":
                return s.After(self._expr(parts[1]), at)
            case kind:
                raise AssertionError(kind)

    def _flat(self, node: Node) -> tuple[s.Expression, ...]:
        """The operands of a chain of the same connective, left to right."""
        operands: list[s.Expression] = []
        here: Child = node
        while isinstance(here, Tree) and here.data == node.data:
            operands.append(self._expr(here.children[2]))
            here = here.children[0]
        operands.append(self._expr(here))
        return tuple(reversed(operands))

    def _number(self, node: Node) -> int:
        if isinstance(node.children[0], Tree):
            return self._whole(node.children[0])
        number = _whole(str(node.children[-1]))
        return -number if len(node.children) > 1 else number


def _seconds(text: str) -> float:
    return float(text.rstrip("s").strip())


def _whole(text: str) -> int:
    return int(text[:18])
