"""From parse trees to the syntax of terms: names, types, parameters and expressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def trees(node: Node, *kinds: str) -> list[Node]:
    return [each for each in node.children if isinstance(each, Tree) and each.data in kinds]


def tree(node: Node, kind: str) -> Node | None:
    found = trees(node, kind)
    return found[0] if found else None


def has(node: Node, terminal: str) -> bool:
    return any(isinstance(each, Token) and each.type == terminal for each in node.children)


class Terms:
    """Builds terms of one file. Its methods are for `Builder`, which extends it."""

    def __init__(self, file: str, line_ends: Mapping[int, int]) -> None:
        self._file = file
        self._line_ends = line_ends

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
        return tuple(name for rules in trees(node, "rules") for name in self._rule_names(rules))

    def _rule_names(self, rules: Node) -> s.Rules:
        return tuple(
            s.Name(str(token)[1:], self._at(token))
            for token in rules.children
            if isinstance(token, Token)
        )

    def _role(self, node: Node) -> Role:
        found = tree(node, "role")
        assert found is not None
        return self._role_of(found)

    def _role_of(self, node: Node) -> Role:
        return "charger" if str(node.children[0]) == "charger" else "csms"

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
        low, high = (self._whole(each) for each in trees(node, "whole"))
        return s.Range(low, high, self._at(node))

    def _whole(self, node: Node) -> int:
        number = whole(str(node.children[-1]))
        return -number if node.children[0] is not None else number

    def _length(self, node: Node) -> s.Length:
        token = node.children[0]
        assert isinstance(token, Token)
        if token.type == "SECONDS":
            return s.Length(seconds(str(token)), None)
        return s.Length(None, self._name(token))

    def _words(self, node: Node) -> tuple[s.Name, ...]:
        words = tree(node, "words")
        return self._names(words) if words else ()

    def _params(self, node: Node | None) -> tuple[s.ParamSyntax, ...]:
        return tuple(self._param(each) for each in trees(node, "param")) if node else ()

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
        number = whole(str(node.children[-1]))
        return -number if len(node.children) > 1 else number


def seconds(text: str) -> float:
    return float(text.rstrip("s").strip())


def whole(text: str) -> int:
    return int(text[:18])
