"""The grammar and its tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lark import Lark, Token

from ocpp_verify.source import Place

TOP_LEVEL = frozenset(
    {
        "PROFILE",
        "SPEC",
        "LINK",
        "SORT",
        "ENUM",
        "READING",
        "CHARGER",
        "CSMS",
        "DEFINE",
        "QUEUE",
        "WHENEVER",
        "EVENT",
        "HIDDEN",
        "TIMER",
        "CALL",
        "MUST",
        "SHOULD",
        "REFINE",
        "INVARIANT",
        "STEP",
        "REACH",
        "TRANSITIONS",
        "MONITOR",
        "SCENARIO",
    }
)
"""Terminals with which an item of a file begins."""

OPENING: Mapping[str, str] = {"_LPAR": "_RPAR", "_LSQB": "_RSQB", "_LBRACE": "_RBRACE"}


@cache
def grammar() -> Lark:
    """The parse tables: built at first use (0.2 s), never changed afterwards."""
    text = files("ocpp_verify.lang").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        text,
        parser="lalr",
        lexer="basic",
        start=["file", "stray"],
        propagate_positions=True,
        maybe_placeholders=True,
    )


@cache
def keywords() -> Mapping[str, str]:
    """The reserved words by terminal."""
    return {
        each.name: each.pattern.value
        for each in grammar().terminals
        if each.pattern.type == "str" and each.pattern.value.isalpha()
    }


@cache
def spellings() -> Mapping[str, str]:
    """How a person writes a terminal, for those that have one spelling."""
    return {
        each.name: each.pattern.value for each in grammar().terminals if each.pattern.type == "str"
    }


@dataclass(frozen=True, slots=True)
class Lexed:
    """The tokens of a text; comments apart, by line."""

    file: str
    tokens: tuple[Token, ...]
    comments: tuple[Token, ...]

    def place(self, token: Token) -> Place:
        """Where the token stands."""
        line, column = token.line or 1, token.column or 1
        return Place(self.file, line, column, column + len(token))

    def is_first_on_line(self, index: int) -> bool:
        """Whether no other token stands before this one on its line."""
        return index == 0 or self.tokens[index - 1].line != self.tokens[index].line

    def line_ends(self) -> dict[int, int]:
        """For every line with tokens, the column behind its last one."""
        return {token.line or 1: (token.column or 1) + len(token) for token in self.tokens}


def lex(file: str, text: str) -> Lexed:
    """All tokens of the text. Never fails: what belongs to no token is one `UNKNOWN` each."""
    start = grammar().parse_interactive(text, start="file")
    everything = list(start.lexer_thread.lex(start.parser_state))  # type: ignore[no-untyped-call]
    return Lexed(
        file,
        tuple(each for each in everything if each.type != "COMMENT"),
        tuple(each for each in everything if each.type == "COMMENT"),
    )


def chunks(lexed: Lexed) -> Sequence[tuple[int, int]]:
    """Spans of tokens that begin with a top-level word at the start of a line.

    Inside brackets only a word no further right than the item's first counts: `should` may begin a
    line of parameters. Two names in a row at the start of a line begin an item too: the first is a
    misspelt word.
    """
    kinds = [*(token.type for token in lexed.tokens), ""]
    starts: list[int] = []
    depth, margin = 0, 1
    for index, token in enumerate(lexed.tokens):
        begins = token.type in TOP_LEVEL or (token.type == "NAME" == kinds[index + 1])
        column = token.column or 1
        if index == 0 or (
            begins and lexed.is_first_on_line(index) and (depth == 0 or column <= margin)
        ):
            starts.append(index)
            depth, margin = 0, column
        if token.type in OPENING:
            depth += 1
        elif token.type in OPENING.values():
            depth = max(0, depth - 1)
    return list(zip(starts, [*starts[1:], len(lexed.tokens)], strict=True))
