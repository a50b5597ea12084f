"""What to say about a text that does not parse: one message per kind of mistake.

Terminals never reach the reader; `shown` turns what the parser would accept into words.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from lark import Token

from ocpp_verify.diagnostics import Diagnostic, did_you_mean, error
from ocpp_verify.lang.parse.tokens import OPENING, TOP_LEVEL, Lexed, keywords, spellings
from ocpp_verify.source import Place

UNEXPECTED = ("OV001", "something else is expected here")
BRACKET = ("OV002", "a bracket without its partner")
COMPARISON = ("OV003", "a comparison is written `==`")
ASSIGNMENT = ("OV004", "an assignment is written `:=`")
FOREIGN = ("OV005", "an operator of another language")
NO_THEN = ("OV006", "an update without `then`")
UNKNOWN_WORD = ("OV007", "a word that begins nothing")
NO_OWNER = ("OV008", "a variable without an owner")
RESERVED = ("OV009", "a word of the language used as a name")
CHARACTER = ("OV010", "a character that means nothing")
OPEN_STRING = ("OV011", "a text in quotes does not end")
NO_HEADER = ("OV012", "a file begins with `profile` or `spec`")
WRONG_FILE = ("OV013", "a declaration in the wrong kind of file")
UNREADABLE = ("OV014", "a file cannot be read")
ENCODING = ("OV015", "a file is not UTF-8")
MISPLACED = ("OV016", "a clause that belongs to nothing")
TOO_DEEP = ("OV017", "too much nesting")
NO_COMMA = ("OV018", "updates without a comma between them")

ALL = (
    UNEXPECTED,
    BRACKET,
    COMPARISON,
    ASSIGNMENT,
    FOREIGN,
    NO_THEN,
    UNKNOWN_WORD,
    NO_OWNER,
    RESERVED,
    CHARACTER,
    OPEN_STRING,
    NO_HEADER,
    WRONG_FILE,
    UNREADABLE,
    ENCODING,
    MISPLACED,
    TOO_DEEP,
    NO_COMMA,
)

_CLAUSES = frozenset({"WHEN", "THEN", "WHILE", "REPLY", "LOST", "SILENT", "ASSERT", "ON", "GHOST"})
_EXPRESSION = frozenset(
    {
        "NOT",
        "IF",
        "FORALL",
        "EXISTS",
        "COUNT",
        "NEXT",
        "BASE",
        "TRUE",
        "FALSE",
        "NONE",
        "INT",
        "NAME",
        "_LPAR",
        "MINUS",
    }
)
_TYPE = frozenset({"BOOL", "NAME", "INT", "MINUS"})
_OPERATORS = frozenset(
    {
        "EQUALS",
        "DIFFERS",
        "LESS",
        "ATMOST",
        "MORE",
        "ATLEAST",
        "IN",
        "PLUS",
        "MINUS",
        "AND",
        "OR",
        "IMPLIES",
    }
)
_FOREIGN = {
    "LOGICAL_AND": ("`and`", "conjunction is written `and`"),
    "LOGICAL_OR": ("`or`", "disjunction is written `or`"),
    "BANG": ("`not`", "negation is written `not`; `!=` is one word"),
    "TRIPLE": ("`==`", "equality is written `==`"),
    "ANGLES": ("`!=`", "inequality is written `!=`"),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """The parser accepted tokens `start`..`at` - 1 and not token `at`; `end` is behind the item."""

    start: int
    at: int
    end: int
    accepts: frozenset[str]


def shown(accepts: Set[str]) -> str:
    """What the parser would accept, in words."""
    left = set(accepts) - {"$END"}
    words: list[str] = []
    if left >= _EXPRESSION - {"MINUS"}:
        words.append("an expression")
        left -= _EXPRESSION
    elif left >= _TYPE:
        words.append("a type")
        left -= _TYPE
    if left >= _OPERATORS - {"PLUS", "MINUS", "IN"} or left >= {"AND", "OR"}:
        words.append("an operator")
        left -= _OPERATORS
    if left >= {"SORT", "ENUM", "CALL"}:
        left -= TOP_LEVEL
    left -= {"RULE"} if len(left) > 1 else set()
    spelled = spellings()
    named = {"NAME": "a name", "INT": "a number", "SECONDS": "seconds such as `30 s`"}
    named |= {"STRING": "a text in quotes", "RULE": "a rule such as `@CORE-AUTH-001`"}
    words += [named[each] for each in named if each in left]
    words += sorted(f"`{spelled[each]}`" for each in left if each in spelled)
    if len(words) > 6:
        words = [*words[:6], "…"]
    if not words:
        return "a declaration"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def explain(lexed: Lexed, failure: Failure) -> Diagnostic:
    """The message for a failure, the most particular that fits."""
    tokens = lexed.tokens
    if failure.at >= failure.end:
        return _at_the_end(lexed, failure)
    token = tokens[failure.at]
    here = lexed.place(token)
    found = (
        _stray(token, here)
        or _equals(lexed, failure, token, here)
        or _update(lexed, failure, token, here)
        or _bracket(lexed, failure, token, here)
        or _item(lexed, failure, token, here)
        or _reserved(failure, token, here)
    )
    if found is not None:
        return found
    return error(
        UNEXPECTED[0], f"unexpected `{token}`", here, help=f"expected {shown(failure.accepts)}"
    )


def _at_the_end(lexed: Lexed, failure: Failure) -> Diagnostic:
    opened = _open_brackets(lexed.tokens[failure.start : failure.end])
    if opened:
        return _never_closed(lexed, opened[-1])
    last = lexed.tokens[failure.end - 1]
    place = lexed.place(last)
    behind = Place(place.file, place.line, place.end, place.end + 1)
    return error(
        UNEXPECTED[0],
        f"something is missing behind `{last}`",
        behind,
        help=f"expected {shown(failure.accepts)}",
    )


def _stray(token: Token, here: Place) -> Diagnostic | None:
    if token.type in _FOREIGN:
        right, help = _FOREIGN[token.type]
        return error(FOREIGN[0], f"write {right} instead of `{token}`", here, help=help)
    if token.type == "OPEN_STRING":
        return error(
            OPEN_STRING[0],
            "this text in quotes does not end on its line",
            here,
            help='close it with `"`',
        )
    if token.type == "UNKNOWN":
        return error(
            CHARACTER[0],
            f"the character {_character(str(token))} means nothing here",
            here,
            help="names are letters, digits and `_`; a comment begins with `#`",
        )
    return None


def _character(text: str) -> str:
    return f"`{text}`" if text.isprintable() else f"U+{ord(text):04X}"


def _clause(tokens: Iterable[Token]) -> str:
    """The clause word that governs the end of these tokens."""
    governing = ""
    ifs = 0
    for token in tokens:
        if token.type == "IF":
            ifs += 1
        elif token.type == "THEN" and ifs:
            ifs -= 1
        elif token.type in _CLAUSES or token.type in TOP_LEVEL:
            governing, ifs = token.type, 0
    return governing


def _equals(lexed: Lexed, failure: Failure, token: Token, here: Place) -> Diagnostic | None:
    clause = _clause(lexed.tokens[failure.start : failure.at])
    if "_ASSIGN" in failure.accepts and token.type in ("_IS", "EQUALS"):
        return error(
            ASSIGNMENT[0],
            f"an assignment is written `:=`, not `{token}`",
            here,
            help="`:=` assigns in a `then` part, `==` compares",
        )
    if "EQUALS" in failure.accepts and token.type in ("_IS", "_ASSIGN"):
        return error(
            COMPARISON[0],
            f"a comparison is written `==`, not `{token}`",
            here,
            help="`:=` assigns in a `then` part, `==` compares",
        )
    if token.type == "_ASSIGN" and clause != "THEN":
        return error(
            NO_THEN[0], "an assignment outside a `then` part", here, help="write `then` before it"
        )
    if token.type == "_ASSIGN" and "_IS" in failure.accepts:
        return error(UNEXPECTED[0], "unexpected `:=`", here, help="write `=` here")
    return None


def _begins_update(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether `name :=` or `name[…] :=` stands at this token."""
    if tokens[at].type != "NAME":
        return False
    at += 1
    depth = 0
    while at < len(tokens) and (depth or tokens[at].type == "_LSQB"):
        depth += {"_LSQB": 1, "_RSQB": -1}.get(tokens[at].type, 0)
        at += 1
    return at < len(tokens) and tokens[at].type == "_ASSIGN"


def _update(lexed: Lexed, failure: Failure, token: Token, here: Place) -> Diagnostic | None:
    is_update = token.type in ("RESTART", "CONNECT", "DISCONNECT", "FORGET", "FOR")
    if not (is_update or _begins_update(lexed.tokens, failure.at)) or "NAME" in failure.accepts:
        return None
    before = lexed.tokens[failure.start : failure.at]
    if _clause(before) == "THEN" and before and before[-1].type != "THEN":
        return error(
            NO_COMMA[0],
            "a comma is missing before this update",
            here,
            help="all updates of one `then` are separated by commas",
        )
    return error(
        NO_THEN[0], "`then` is missing before this update", here, help="write `then` before it"
    )


def _open_brackets(tokens: Iterable[Token]) -> list[Token]:
    opened: list[Token] = []
    for token in tokens:
        if token.type in OPENING:
            opened.append(token)
        elif token.type in OPENING.values() and opened:
            opened.pop()
    return opened


def _never_closed(lexed: Lexed, token: Token) -> Diagnostic:
    partner = spellings()[OPENING[token.type]]
    return error(
        BRACKET[0],
        f"`{token}` is never closed",
        lexed.place(token),
        help=f"write `{partner}` where it ends",
    )


def _bracket(lexed: Lexed, failure: Failure, token: Token, here: Place) -> Diagnostic | None:
    opened = _open_brackets(lexed.tokens[failure.start : failure.at])
    if token.type in OPENING.values():
        if not opened:
            return error(
                BRACKET[0], f"`{token}` closes nothing", here, help="remove it, or open it before"
            )
        right = spellings()[OPENING[opened[-1].type]]
        if right != str(token):
            return error(
                BRACKET[0],
                f"`{token}` does not close `{opened[-1]}`",
                here,
                other=lexed.place(opened[-1]),
                other_label="opened here",
                help=f"write `{right}` first",
            )
    ends_clause = token.type in _CLAUSES or token.type in TOP_LEVEL
    if opened and ends_clause and OPENING[opened[-1].type] in failure.accepts:
        return _never_closed(lexed, opened[-1])
    return None


def _item(lexed: Lexed, failure: Failure, token: Token, here: Place) -> Diagnostic | None:
    """A mistake where a new item or clause could begin."""
    if "SORT" not in failure.accepts:
        return None
    words = keywords()
    if token.type in ("STATE", "CONFIG", "TRAIT", "DURATION", "PERSISTENT"):
        return error(
            NO_OWNER[0],
            f"`{token}` needs an owner",
            here,
            help=f"write `charger {token}` or `csms {token}`",
        )
    if failure.at == failure.start and token.type in words:
        return error(
            MISPLACED[0],
            f"`{token}` does not begin a declaration",
            here,
            help="clauses stand below the action or property they belong to",
        )
    if token.type == "NAME":
        known = [words[each] for each in failure.accepts | TOP_LEVEL if each in words]
        known += ["state"] if failure.at == failure.start else []
        help = did_you_mean(str(token), known) or f"expected {shown(failure.accepts)}"
        return error(UNKNOWN_WORD[0], f"`{token}` begins nothing", here, help=help)
    return None


def _reserved(failure: Failure, token: Token, here: Place) -> Diagnostic | None:
    begins = token.type in _CLAUSES or token.type in TOP_LEVEL
    if "NAME" not in failure.accepts or token.type not in keywords():
        return None
    if begins and failure.accepts >= _EXPRESSION - {"MINUS"}:
        return None
    return error(
        RESERVED[0],
        f"`{token}` is a word of the language and cannot be a name",
        here,
        help=f"choose another name, or expected {shown(failure.accepts)}"
        if failure.accepts >= _EXPRESSION - {"MINUS"}
        else "choose another name",
    )
