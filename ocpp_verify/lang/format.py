"""The formatter: same words, same comments, one look.

It works on tokens, so it cannot change what a text means. The author's line breaks stay; the
formatter decides indentation, spaces, blank lines and the columns of declarations.

- Items begin a line; clauses are indented by two, those of a `reply` or `on` by four.
- Lines that continue a clause move with it and keep their place below it.
- Neighbouring declarations of variables, and the rows of a block, are a table.
- Rules and comments that stand apart from their line go to column 70.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lark import Token

from ocpp_verify.errors import WrongInput
from ocpp_verify.lang.parse import item_starts, parse
from ocpp_verify.lang.parse.tokens import Lexed, lex

TAIL = 69
"""How many columns stand before rules and comments that stand apart."""

_CLAUSES = frozenset({"WHEN", "WHILE", "REPLY", "LOST", "SILENT", "ON", "GHOST", "ASSERT"})
_DECLARING = frozenset({"STATE", "CONFIG", "TRAIT", "DURATION"})
_TIGHT_BEFORE = frozenset({"_COMMA", "_SEMICOLON", "_RPAR", "_RSQB", "_QUESTION", "_DOTDOT"})
_TIGHT_AFTER = frozenset({"_LPAR", "_LSQB", "_DOTDOT"})
_OPERANDS = frozenset({"NAME", "INT", "_RPAR", "_RSQB", "TRUE", "FALSE", "NONE", "BASE"})


def format_text(text: str, file: str) -> str:
    r"""The text in the house form; `WrongInput` if it does not parse.

    >>> print(format_text("profile  A\nsort C=1 .. 2", "a.model"), end="")
    profile A
    sort C = 1..2
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    wrong = parse(file, text).diagnostics
    if wrong:
        raise WrongInput(f"{wrong[0].at}: {wrong[0].message}", help=wrong[0].help)
    lines = _lines(lex(file, text))
    _mark(lines)
    _indent(lines)
    return "".join(f"{line}\n" for line in _written(lines))


@dataclass(slots=True)
class _Line:
    """One line of the result. `tight[i]` says that token i follows without a space."""

    tokens: list[Token]
    comment: Token | None
    blank_before: bool
    begins_item: bool
    item: int
    indent: int = 0
    tight: list[bool] = field(default_factory=list)
    clause: str = ""
    closes_block: bool = False
    in_block: bool = False

    @property
    def column(self) -> int:
        """Where the line begins in the source, from 0."""
        first = self.tokens[0] if self.tokens else self.comment
        assert first is not None
        return (first.column or 1) - 1


def _lines(lexed: Lexed) -> list[_Line]:
    """The source's lines, broken before every item."""
    starts = set(item_starts(lexed))
    comments = {token.line: token for token in lexed.comments}
    lines: list[_Line] = []
    last = 0
    item = -1
    current: _Line | None = None
    entries: list[tuple[int, int, Token, int]] = [
        (token.line or 1, token.column or 1, token, index)
        for index, token in enumerate(lexed.tokens)
    ]
    entries += [(token.line or 1, token.column or 1, token, -1) for token in lexed.comments]
    for line, _, token, index in sorted(entries, key=lambda each: each[:2]):
        begins = index in starts
        item += begins
        if current is None or line != last or begins:
            blank = bool(lines) and line > last + 1
            current = _Line([], None, blank, begins, item)
            lines.append(current)
        if index < 0:
            current.comment = comments[token.line]
        else:
            current.tokens.append(token)
        last = line
    return lines


# What each token is --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Item:
    """What the tokens of one item have said so far."""

    kind: str = ""
    depth: int = 0
    blocks: list[bool] = field(default_factory=list)
    ifs: int = 0
    loop: bool = False
    binders: int = 0
    owner: str = ""
    previous: str = ""
    before: str = ""
    declares: bool = False
    dot_binds: bool = False


def _mark(lines: Sequence[_Line]) -> None:
    """Fills in which tokens are tight and which lines begin a clause."""
    here = _Item()
    for line in lines:
        if line.begins_item:
            here = _Item()
        for at, token in enumerate(line.tokens):
            if line.begins_item and at <= 3:
                here.kind = here.kind or ("" if token.type in ("CHARGER", "CSMS") else token.type)
            if at == 0:
                line.in_block = any(here.blocks) and here.kind in ("SCENARIO", "TRANSITIONS")
                line.closes_block = line.in_block and token.type == "_RBRACE"
            clause = _clause(here, token.type)
            if at == 0 and clause and not line.begins_item:
                line.clause = clause
            line.tight.append(_is_tight(here, token.type))
            _advance(here, token.type)


def _clause(here: _Item, kind: str) -> str:
    """The clause that this token begins: `clause`, or `inner` below a `reply` or `on`."""
    if kind == "THEN" and (here.ifs or here.previous == "LOST"):
        return ""
    if kind == "WHEN" and here.previous == "SILENT":
        return ""
    if kind not in _CLAUSES and kind != "THEN":
        return ""
    inner = kind in ("WHEN", "THEN", "ASSERT") and here.owner in ("REPLY", "ON")
    return "inner" if inner else "clause"


def _advance(here: _Item, kind: str) -> None:
    match kind:
        case "FOR":
            here.loop = True
        case "IF" if here.loop:
            here.loop = False
        case "IF":
            here.ifs += 1
        case "THEN" if here.ifs:
            here.ifs -= 1
        case "FORALL" | "EXISTS" | "COUNT":
            here.binders += 1
        case "_DOT":
            here.dot_binds = here.binders > 0 and here.previous != "_RPAR"
            here.binders -= here.dot_binds
        case "REPLY" | "ON" | "LOST" | "SILENT":
            here.owner = kind
        case "GHOST":
            here.declares = True
        case "_LPAR" | "_LSQB":
            here.depth += 1
        case "_RPAR" | "_RSQB":
            here.depth -= 1
        case "_LBRACE":
            here.loop = False
            here.blocks.append(here.previous not in ("_IS", "IN", "_COLON"))
        case "_RBRACE" if here.blocks:
            here.blocks.pop()
        case _:
            pass
    if kind in _CLAUSES - {"GHOST"}:
        here.declares = False
    here.before, here.previous = here.previous, kind


def _is_tight(here: _Item, kind: str) -> bool:
    """Whether this token follows the previous one without a space."""
    before = here.previous
    if kind in _TIGHT_BEFORE or before in _TIGHT_AFTER:
        return True
    match kind:
        case "_LPAR":
            after_name = before == "NAME" and not (
                here.kind in ("INVARIANT", "STEP", "REACH") and here.before == here.kind
            )
            return after_name or before in ("COUNT", "NEXT")
        case "_LSQB":
            return True
        case "_DOT":
            return not here.binders or before == "_RPAR"
        case "_COLON":
            declares = here.declares or here.kind in _DECLARING | {
                "PERSISTENT",
                "DEFINE",
                "READING",
            }
            return here.depth > 0 or here.binders > 0 or here.loop or not declares
        case "_RBRACE":
            return bool(here.blocks) and not here.blocks[-1]
        case _:
            pass
    if before == "_LBRACE":
        return bool(here.blocks) and not here.blocks[-1]
    if before == "_DOT":
        return not here.dot_binds
    if before == "MINUS":
        return here.before not in _OPERANDS
    return False


# Indentation --------------------------------------------------------------------------------------


def _indent(lines: Sequence[_Line]) -> None:
    base = shift = 0
    for line in lines:
        if not line.tokens:
            continue
        if line.begins_item:
            base, shift = 0, -line.column
            line.indent = 0
        elif line.closes_block:
            line.indent = 0
        elif line.clause or line.in_block:
            base = 4 if line.clause == "inner" else 2
            shift = base - line.column
            line.indent = base
        else:
            least = base if line.tokens[0].type == "_RBRACE" else base + 2
            line.indent = max(least, line.column + shift)
    following = 0
    for line in reversed(lines):
        if line.tokens:
            following = line.indent
        else:
            line.indent = following


# Writing ------------------------------------------------------------------------------------------


def _word(token: Token) -> str:
    return f"{str(token)[:-1].strip()} s" if token.type == "SECONDS" else str(token)


def _joined(line: _Line, tokens: Sequence[tuple[int, Token]]) -> str:
    text = ""
    for at, token in tokens:
        text += ("" if not text or line.tight[at] else " ") + _word(token)
    return text


def _parts(line: _Line) -> tuple[str, str, bool]:
    """The line without its last rules and comment, those, and whether they stand apart."""
    count = _tail_start(line)
    numbered = list(enumerate(line.tokens))
    head, rules = _joined(line, numbered[:count]), _joined(line, numbered[count:])
    comment = str(line.comment).rstrip() if line.comment is not None else ""
    tail = f"{rules}  {comment}" if rules and comment else rules + comment
    first = line.tokens[count] if rules else line.comment
    gap = 0
    if first is not None and count:
        last = line.tokens[count - 1]
        gap = (first.column or 1) - (last.column or 1) - len(last)
    return head, tail, gap > (1 if rules else 2)


def _tail_start(line: _Line) -> int:
    """The first of the rules that end the line; a `{` behind them belongs to them."""
    kinds = [token.type for token in line.tokens]
    count = len(kinds)
    if kinds[-2:] == ["RULE", "_LBRACE"]:
        count -= 1
    while count and kinds[count - 1] == "RULE":
        count -= 1
    return count


def _written(lines: Sequence[_Line]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        end = at + 1
        kind = _table_kind(lines[at])
        while kind and end < len(lines) and _continues(lines[at], lines[end], kind):
            end += 1
        block = lines[at:end]
        for line, text in zip(block, _table(block) if kind else map(_one, block), strict=True):
            if line.blank_before:
                yield ""
            yield text
        at = end


def _one(line: _Line) -> str:
    head, tail, apart = _parts(line)
    start = " " * line.indent + head
    if not tail or not head:
        return start + tail
    if apart:
        return start.ljust(TAIL - 1) + " " + tail if len(start) < TAIL - 1 else f"{start}  {tail}"
    return f"{start} {tail}" if tail.startswith("@") else f"{start}  {tail}"


def _table_kind(line: _Line) -> str:
    """The words that make a line a row: what it declares, the owner aside."""
    kinds = [token.type for token in line.tokens]
    if line.begins_item and len(kinds) > 3 and kinds[0] in ("CHARGER", "CSMS"):
        return " ".join(each for each in kinds[1:3] if each in _DECLARING or each == "PERSISTENT")
    if line.in_block and not line.closes_block and line.tokens:
        return "ROW"
    return "GHOST" if kinds[:1] == ["GHOST"] and line.clause else ""


def _continues(first: _Line, line: _Line, kind: str) -> bool:
    return not line.blank_before and _table_kind(line) == kind


def _table(lines: Sequence[_Line]) -> list[str]:
    """Rows with their owner, name, type, initial value and tail in columns."""
    rows: list[tuple[list[str], str]] = []
    for line in lines:
        numbered = list(enumerate(line.tokens))
        count = _tail_start(line)
        cells: list[list[tuple[int, Token]]] = [[]]
        depth = 0
        for at, token in numbered[:count]:
            depth += {"_LSQB": 1, "_RSQB": -1, "_LPAR": 1, "_RPAR": -1}.get(token.type, 0)
            splits = depth == 0 and len(cells) < 4 and token.type in ("_COLON", "_IS")
            if (at == 1 and line.begins_item) or (
                splits and (token.type == "_IS" or len(cells) < 3)
            ):
                cells.append([])
            cells[-1].append((at, token))
        texts = [_joined(line, cell) for cell in cells]
        rows.append((texts, _parts(line)[1]))
    columns = max(len(cells) for cells, _ in rows)
    widths = [
        max((len(cells[at]) for cells, _ in rows if at < len(cells)), default=0)
        for at in range(columns)
    ]
    heads = [
        " ".join(cell.ljust(widths[at]) for at, cell in enumerate(cells)).rstrip()
        for cells, _ in rows
    ]
    edge = max((len(head) for head, (_, tail) in zip(heads, rows, strict=True) if tail), default=0)
    return [
        " " * line.indent + (f"{head.ljust(edge)}  {tail}" if tail else head)
        for line, head, (_, tail) in zip(lines, heads, rows, strict=True)
    ]
