"""Sequence diagram -> plain text for a terminal, at most 100 columns, drawn in ASCII."""

from __future__ import annotations

import textwrap
import unicodedata
from dataclasses import dataclass
from typing import Final, assert_never

from ocpp_verify.diagrams.contract import DrawingOptions, Renderer
from ocpp_verify.diagrams.pictures import (
    Divider,
    Message,
    NoteBlock,
    Occurrence,
    SequenceDiagram,
    SequenceItem,
)

COLUMNS: Final = 100
GUTTER: Final = 5  # for step numbers
NARROWEST: Final = 16  # lifelines closer than this give a list instead of a drawing
WIDEST: Final = 44
_TONES: Final = {"plain": "", "good": "OK: ", "bad": "FAIL: "}
_ARROWS: Final = {"call": "->", "reply": "-->", "lost": "-x"}


@dataclass(frozen=True, slots=True)
class _Page:
    diagram: SequenceDiagram
    gap: int
    columns: tuple[int, ...]
    order: dict[str, int]

    def row(self, *writings: tuple[int, str]) -> str:
        """A row of lifelines with texts written over it, each from its column on."""
        cells = [" "] * COLUMNS
        for column in self.columns:
            cells[column] = "|"
        for column, text in writings:
            at = column
            for char in text:
                cells[at] = char
                # A wide character takes two columns: the second cell is empty, not a blank.
                if _columns(char) == 2:
                    cells[at + 1] = ""
                at += _columns(char)
        return "".join(cells).rstrip()


def draw(diagram: SequenceDiagram, options: DrawingOptions) -> bytes:
    return ("\n".join(line.rstrip() for line in _rows(diagram)) + "\n").encode()


def _rows(diagram: SequenceDiagram) -> list[str]:
    title = [*_wrapped(diagram.title, COLUMNS), ""] if diagram.title else []
    gap = min(WIDEST, (COLUMNS - GUTTER) // len(diagram.lifelines))
    if gap < NARROWEST:
        return [*title, *(row for item in diagram.items for row in _listed(item, diagram))]
    columns = tuple(GUTTER + gap // 2 + gap * i for i in range(len(diagram.lifelines)))
    page = _Page(diagram, gap, columns, diagram.order())
    rows = [*title, *_heads(page), page.row()]
    for item in diagram.items:
        drawn = _item(page, item)
        if item.step is not None:
            number = f"{item.step:>3}"
            drawn[0] = number + drawn[0][len(number) :]
        rows.extend((*drawn, page.row()))
    return rows


def _heads(page: _Page) -> list[str]:
    labels = [_wrapped(line.label, page.gap - 2) for line in page.diagram.lifelines]
    rows: list[str] = []
    for index in range(max(len(lines) for lines in labels)):
        row = ""
        for column, lines in zip(page.columns, labels, strict=True):
            text = lines[index] if index < len(lines) else ""
            row += " " * (column - _columns(text) // 2 - _columns(row)) + text
        rows.append(row)
    return rows


def _item(page: _Page, item: SequenceItem) -> list[str]:
    match item:
        case Message():
            return _message(page, item)
        case Occurrence():
            column = page.columns[page.order[item.at]]
            lines = _wrapped(f"{item.text}{_rules(item)}", _room_right(page, item.at) - 3)
            first, *others = lines
            rows = [page.row((column, f"* {first}"))]
            return [*rows, *(page.row((column + 2, line)) for line in others)]
        case NoteBlock():
            return _note(page, item)
        case Divider():
            left, right = page.columns[0] - 3, page.columns[-1] + 3
            lines = _wrapped(f"{item.text}{_rules(item)}", right - left - 6)
            return [page.row((left, f" {line} ".center(right - left, "="))) for line in lines]
        case _:
            assert_never(item)


def _message(page: _Page, item: Message) -> list[str]:
    start, end = (page.columns[page.order[id]] for id in (item.source, item.target))
    texts = (item.text, item.detail, _rules(item).strip())
    if start == end:
        room = _room_right(page, item.source) - 6
        lines = [line for text in texts if text for line in _wrapped(text, room)]
        close = "--x" if item.kind == "lost" else "<--'"
        rows = [page.row((start, "|--."))]
        rows.extend(page.row((start + 3, "|"), (start + 5, line)) for line in lines)
        return [*rows, page.row((start if item.kind != "lost" else start + 1, close))]
    left, right = min(start, end), max(start, end)
    room = right - left - 3
    lines = [line for text in texts if text for line in _wrapped(text, room)]
    rows = [_centred(page, left, right, line) for line in lines]
    return [*rows, page.row((left + 1, _arrow(item, right - left - 1, start < end)))]


def _arrow(item: Message, length: int, to_the_right: bool) -> str:
    match item.kind:
        case "call":
            shaft = "-" * (length - 1)
        case "reply":
            shaft = ("- " * length)[: length - 1]
        case "lost":
            reach = length * 2 // 3
            drawn = "-" * reach + "X"
            return drawn.ljust(length) if to_the_right else drawn[::-1].rjust(length)
    return f"{shaft}>" if to_the_right else f"<{shaft}"


def _centred(page: _Page, left: int, right: int, line: str) -> str:
    at = left + 1 + (right - left - 1 - _columns(line)) // 2
    return page.row((at, line)) if _is_free(page, left, right) else page.row((at - 1, f" {line} "))


def _is_free(page: _Page, left: int, right: int) -> bool:
    return not any(left < column < right for column in page.columns)


def _note(page: _Page, item: NoteBlock) -> list[str]:
    first, last = page.diagram.span(item)
    half = page.gap // 2 - 1
    left, right = page.columns[first] - half, page.columns[last] + half
    inner = right - left - 4
    lines = _wrapped(f"{_TONES[item.tone]}{item.text}{_rules(item)}", inner)
    edge = "+" + "-" * (right - left - 2) + "+"
    body = [f"| {line}{' ' * (inner - _columns(line))} |" for line in lines]
    return [page.row((left, text)) for text in (edge, *body, edge)]


def _room_right(page: _Page, id: str) -> int:
    """Columns from a lifeline to the next one, or to the end of the page."""
    position = page.order[id]
    following = (*page.columns, COLUMNS)[position + 1]
    return following - page.columns[position]


def _listed(item: SequenceItem, diagram: SequenceDiagram) -> list[str]:
    """One item as a line of text, for diagrams with too many lifelines to draw."""
    names = {line.id: line.label for line in diagram.lifelines}
    match item:
        case Message():
            detail = f" ({item.detail})" if item.detail else ""
            arrow = _ARROWS[item.kind]
            text = f"{names[item.source]} {arrow} {names[item.target]}: {item.text}{detail}"
        case Occurrence():
            text = f"{names[item.at]} * {item.text}"
        case NoteBlock():
            text = f"{_TONES[item.tone]}{item.text}"
        case Divider():
            text = f"== {item.text} =="
        case _:
            assert_never(item)
    number = "" if item.step is None else str(item.step)
    first, *others = _wrapped(f"{text}{_rules(item)}", COLUMNS - GUTTER)
    return [f"{number:>3}  {first}", *(f"     {line}" for line in others)]


def _rules(item: SequenceItem) -> str:
    return f" [{', '.join(item.rules)}]" if item.rules else ""


def _wrapped(text: str, limit: int) -> list[str]:
    """Lines of at most `limit` columns; at least one, so that an item never disappears."""
    clean = "".join(char if char.isprintable() else " " for char in text)
    if _columns(clean) == len(clean):
        return textwrap.wrap(clean, limit, break_on_hyphens=False) or [""]
    lines = [""]
    for word in clean.split():
        for piece in _cut(word, limit):
            joined = f"{lines[-1]} {piece}" if lines[-1] else piece
            if _columns(joined) <= limit:
                lines[-1] = joined
            else:
                lines.append(piece)
    return lines


def _cut(word: str, limit: int) -> list[str]:
    pieces = [""]
    for char in word:
        if _columns(pieces[-1] + char) > limit:
            pieces.append("")
        pieces[-1] += char
    return pieces


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


RENDERERS: Final = (Renderer("text", SequenceDiagram, draw),)
