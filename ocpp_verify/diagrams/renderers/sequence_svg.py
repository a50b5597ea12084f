"""Sequence diagram -> SVG, laid out here: no Graphviz, no ids, no style sheet, no script.

Items are stacked from top to bottom. Each one is drawn by a function that takes the vertical
position where it may begin and returns its elements and its height.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never

from ocpp_verify.diagrams import palette
from ocpp_verify.diagrams.contract import DrawingOptions, Renderer
from ocpp_verify.diagrams.metrics import width, wrap
from ocpp_verify.diagrams.pictures import (
    Divider,
    Message,
    NoteBlock,
    Occurrence,
    SequenceDiagram,
    SequenceItem,
)
from ocpp_verify.diagrams.xml_text import attribute, content

FONTS: Final = "Helvetica, Arial, 'Liberation Sans', sans-serif"
TEXT: Final = 13.0
SMALL: Final = 11.5
RULE: Final = 10.5
TITLE: Final = 16.0
LEADING: Final = 1.3
PAGE: Final = 1560.0
GAP: Final = (150.0, 380.0)  # least and greatest distance of two lifelines
MARGIN: Final = (80.0, 240.0)  # the same for the space outside the outermost ones
GUTTER: Final = 44.0  # for step numbers
PAD: Final = 10.0
TURN: Final = 26.0  # how far a message to oneself swings out
FEET_FROM: Final = 9  # this many items and more repeat the heads at the bottom


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where everything stands horizontally.

    `gaps[i]` is the space to the left of lifeline i and `gaps[i + 1]` the one to its right.
    """

    diagram: SequenceDiagram
    gaps: tuple[float, ...]
    xs: tuple[float, ...]
    page: float
    order: dict[str, int]

    def x(self, id: str) -> float:
        return self.xs[self.order[id]]

    def around(self, index: int) -> float:
        """How wide something centred on a lifeline may be before it touches its neighbours."""
        return 2 * min(self.gaps[index], self.gaps[index + 1]) - 3 * PAD


@dataclass(frozen=True, slots=True)
class _Drawn:
    elements: tuple[str, ...]
    height: float


def draw(diagram: SequenceDiagram, options: DrawingOptions) -> bytes:
    plan = _plan(diagram)
    parts: list[str] = []
    title = wrap(diagram.title, TITLE, plan.page - 2 * PAD, bold=True)
    parts.extend(_lines(title, PAD, PAD, TITLE, palette.INK, anchor="start", bold=True))
    y = 2 * PAD + _height(title, TITLE)
    heads = _heads(plan, y)
    top = y + heads.height
    y = top + PAD
    items: list[str] = []
    for item in diagram.items:
        drawn = _item(plan, item, y)
        label = f"<title>{content(_tooltip(item))}</title>"
        kind = type(item).__name__.lower()
        items.append(f'<g class="{kind}">{label}{"".join(drawn.elements)}</g>')
        y += drawn.height + PAD
    bottom = y + PAD / 2
    feet = _heads(plan, bottom) if len(diagram.items) >= FEET_FROM else _Drawn((), 0)
    parts.extend(_line(x, top, x, bottom, palette.LINE, dash="5 4") for x in plan.xs)
    parts.extend((*heads.elements, *items, *feet.elements))
    return _document(diagram.title, plan.page, bottom + feet.height + PAD, parts).encode()


def _plan(diagram: SequenceDiagram) -> _Plan:
    order = diagram.order()
    wanted = _wanted_gaps(diagram, order)
    last = len(wanted) - 1
    bounds = [MARGIN if index in (0, last) else GAP for index in range(len(wanted))]
    gaps = [min(max(want, lo), hi) for want, (lo, hi) in zip(wanted, bounds, strict=True)]
    squeeze = min(1.0, (PAGE - GUTTER - PAD) / sum(gaps))
    gaps = [gap * squeeze for gap in gaps]
    xs = tuple(GUTTER + sum(gaps[: index + 1]) for index in range(last))
    title = width(diagram.title, TITLE, bold=True) + 3 * PAD
    page = max(GUTTER + sum(gaps) + PAD, min(title, 640.0))
    return _Plan(diagram, tuple(gaps), xs, page, order)


def _wanted_gaps(diagram: SequenceDiagram, order: dict[str, int]) -> list[float]:
    """The spaces with which no text would need a line break."""
    gaps = [0.0] * (len(diagram.lifelines) + 1)

    def want(first: int, last: int, space: float) -> None:
        share = space / (last - first)
        for index in range(first, last):
            gaps[index] = max(gaps[index], share)

    for index, line in enumerate(diagram.lifelines):
        want(index, index + 2, width(line.label, TEXT, bold=True) + 5 * PAD)
    for item in diagram.items:
        match item:
            case Message():
                first, last = sorted((order[item.source], order[item.target]))
                text = max(width(item.text, TEXT), width(item.detail, SMALL)) + 4 * PAD
                own = first == last
                want(first + 1, last + 2 if own else last + 1, text + (TURN if own else 0))
            case Occurrence():
                at = order[item.at]
                want(at, at + 2, width(item.text, SMALL) + 6 * PAD)
            case NoteBlock() | Divider():
                pass
            case _:
                assert_never(item)
    return gaps


def _heads(plan: _Plan, y: float) -> _Drawn:
    labels = [
        wrap(line.label, TEXT, (plan.gaps[i] + plan.gaps[i + 1]) / 2 - 3 * PAD, bold=True)
        for i, line in enumerate(plan.diagram.lifelines)
    ]
    height = max(_height(lines, TEXT) for lines in labels) + 1.4 * PAD
    elements: list[str] = []
    for x, lines in zip(plan.xs, labels, strict=True):
        wide = max((width(line, TEXT, bold=True) for line in lines), default=0.0) + 2 * PAD
        wide = max(wide, min(90.0, min(plan.gaps) - PAD))
        box = (x - wide / 2, y, wide, height)
        elements.append(_box(box, palette.NODE_FILL, palette.NODE_LINE, radius=6, stroke=1.4))
        middle = y + (height - _height(lines, TEXT)) / 2
        elements.extend(_lines(lines, x, middle, TEXT, palette.INK, bold=True))
    return _Drawn(tuple(elements), height)


def _item(plan: _Plan, item: SequenceItem, y: float) -> _Drawn:
    match item:
        case Message():
            drawn = _message(plan, item, y)
        case Occurrence():
            drawn = _occurrence(plan, item, y)
        case NoteBlock():
            drawn = _note(plan, item, y)
        case Divider():
            drawn = _divider(plan, item, y)
        case _:
            assert_never(item)
    if item.step is None:
        return drawn
    number = _lines((str(item.step),), PAD, y, SMALL, palette.MUTED, anchor="start")
    return _Drawn((*drawn.elements, *number), drawn.height)


def _message(plan: _Plan, item: Message, y: float) -> _Drawn:
    start, end = plan.x(item.source), plan.x(item.target)
    if item.source == item.target:
        return _message_to_itself(plan, item, y)
    middle, room = (start + end) / 2, abs(end - start) - 2.4 * PAD
    colour = _colour(item)
    texts, below = _stack(item.text, item.detail, middle, y, room)
    line_y = y + below + 5
    direction = 1.0 if end > start else -1.0
    dash = "6 4" if item.kind == "reply" else ""
    if item.kind == "lost":
        stop = start + (end - start) * 0.72
        arrow = [_line(start, line_y, stop, line_y, colour, stroke=1.6), _cross(stop, line_y)]
    else:
        arrow = [
            _line(start, line_y, end - 7 * direction, line_y, colour, dash=dash, stroke=1.6),
            _head(end, line_y, direction, colour, is_open=item.kind == "reply"),
        ]
    rules, extra = _rules(item.rules, middle, line_y + 5, room)
    return _Drawn((*texts, *arrow, *rules), below + 9 + extra)


def _message_to_itself(plan: _Plan, item: Message, y: float) -> _Drawn:
    x, colour = plan.x(item.source), _colour(item)
    reach = TURN
    room = plan.gaps[plan.order[item.source] + 1] - reach - 2 * PAD
    text_x = x + reach + 6
    texts, below = _stack(item.text, item.detail, text_x, y, room, anchor="start")
    rules, extra = _rules(item.rules, text_x, y + below, room, anchor="start")
    height = max(below + extra, 26.0)
    first, last = y + 5, y + height - 5
    dash = "6 4" if item.kind == "reply" else ""
    lines = [
        _line(x, first, x + reach, first, colour, dash=dash, stroke=1.6),
        _line(x + reach, first, x + reach, last, colour, dash=dash, stroke=1.6),
    ]
    if item.kind == "lost":
        lines.append(_cross(x + reach, last))
    else:
        lines.append(_line(x + reach, last, x + 7, last, colour, dash=dash, stroke=1.6))
        lines.append(_head(x, last, -1.0, colour, is_open=item.kind == "reply"))
    return _Drawn((*texts, *rules, *lines), height)


def _occurrence(plan: _Plan, item: Occurrence, y: float) -> _Drawn:
    x, room = plan.x(item.at), plan.around(plan.order[item.at])
    lines = wrap(item.text, SMALL, room - 2 * PAD)
    wide = max((width(line, SMALL) for line in lines), default=0.0) + 2.4 * PAD
    height = _height(lines, SMALL) + 8
    box = (x - wide / 2, y, wide, height)
    outline = _box(box, palette.OCCURRENCE_FILL, palette.OCCURRENCE, radius=min(height / 2, 12.0))
    texts = _lines(lines, x, y + 4, SMALL, palette.INK)
    rules, extra = _rules(item.rules, x, y + height + 2, room)
    return _Drawn((outline, *texts, *rules), height + extra)


def _note(plan: _Plan, item: NoteBlock, y: float) -> _Drawn:
    first, last = plan.diagram.span(item)
    left, right = _reach(plan, first)[0], _reach(plan, last)[1]
    line, fill, ink = palette.tone(item.tone)
    bold = item.tone != "plain"
    texts = wrap(item.text, SMALL, right - left - 2 * PAD, bold=bold)
    rules = wrap(", ".join(item.rules), RULE, right - left - 2 * PAD)
    height = _height(texts, SMALL) + _height(rules, RULE) + 1.4 * PAD
    middle = (left + right) / 2
    return _Drawn(
        (
            _box((left, y, right - left, height), fill, line, radius=3),
            *_lines(texts, middle, y + 0.7 * PAD, SMALL, ink, bold=bold),
            *_lines(rules, middle, y + 0.7 * PAD + _height(texts, SMALL), RULE, palette.MUTED),
        ),
        height,
    )


def _divider(plan: _Plan, item: Divider, y: float) -> _Drawn:
    left, right = _reach(plan, 0)[0], _reach(plan, len(plan.xs) - 1)[1]
    middle = (left + right) / 2
    lines = wrap(item.text, SMALL, (right - left) * 0.7, bold=True)
    wide = max((width(line, SMALL, bold=True) for line in lines), default=0.0) + 2 * PAD
    height = _height(lines, SMALL) + 4
    rule_y = y + height / 2
    rules, extra = _rules(item.rules, middle, y + height, right - left)
    return _Drawn(
        (
            _line(left, rule_y, right, rule_y, palette.LINE, stroke=1.2),
            _box((middle - wide / 2, y, wide, height), palette.PAPER, palette.PAPER),
            *_lines(lines, middle, y + 2, SMALL, palette.MUTED, bold=True),
            *rules,
        ),
        height + extra,
    )


def _reach(plan: _Plan, index: int) -> tuple[float, float]:
    """How far a block over a lifeline reaches: to the page's edge outside, half a gap inside."""
    left, right = plan.gaps[index], plan.gaps[index + 1]
    last = len(plan.xs) - 1
    to_left = left - PAD if index == 0 else left / 2 - PAD
    to_right = right - PAD if index == last else right / 2 - PAD
    return plan.xs[index] - to_left, plan.xs[index] + to_right


def _stack(
    text: str, detail: str, x: float, y: float, room: float, anchor: str = "middle"
) -> tuple[tuple[str, ...], float]:
    """A text and its smaller detail, on a ground that hides lifelines; and their height."""
    large, small = wrap(text, TEXT, room), wrap(detail, SMALL, room)
    below = _height(large, TEXT)
    elements = (
        *_ground(large, x, y, TEXT, anchor),
        *_ground(small, x, y + below, SMALL, anchor),
        *_lines(large, x, y, TEXT, palette.INK, anchor=anchor),
        *_lines(small, x, y + below, SMALL, palette.MUTED, anchor=anchor),
    )
    return elements, below + _height(small, SMALL)


def _rules(
    rules: tuple[str, ...], x: float, y: float, room: float, anchor: str = "middle"
) -> tuple[tuple[str, ...], float]:
    lines = wrap(", ".join(rules), RULE, room)
    texts = _lines(lines, x, y, RULE, palette.MUTED, anchor=anchor)
    return (*_ground(lines, x, y, RULE, anchor), *texts), _height(lines, RULE)


def _colour(item: Message) -> str:
    match item.kind:
        case "call":
            return palette.CALL
        case "reply":
            return palette.REPLY
        case "lost":
            return palette.LOST


def _tooltip(item: SequenceItem) -> str:
    detail = item.detail if isinstance(item, Message) else ""
    number = "" if item.step is None else f"step {item.step}"
    parts = (number, item.text, detail, ", ".join(item.rules))
    return "\n".join(part for part in parts if part)


def _height(lines: tuple[str, ...], size: float) -> float:
    return len(lines) * size * LEADING


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _lines(
    lines: tuple[str, ...],
    x: float,
    y: float,
    size: float,
    colour: str,
    *,
    anchor: str = "middle",
    bold: bool = False,
) -> list[str]:
    weight = ' font-weight="bold"' if bold else ""
    style = f'font-size="{_number(size)}" fill="{colour}" text-anchor="{anchor}"{weight}'
    return [
        f'<text x="{_number(x)}" y="{_number(y + size * (1 + LEADING * index))}" {style}>'
        f"{content(line)}</text>"
        for index, line in enumerate(lines)
    ]


def _ground(lines: tuple[str, ...], x: float, y: float, size: float, anchor: str) -> list[str]:
    if not lines:
        return []
    wide = max(width(line, size) for line in lines) + 6
    left = x - wide / 2 if anchor == "middle" else x - 3
    return [_box((left, y, wide, _height(lines, size)), palette.PAPER, "none")]


def _box(
    place: tuple[float, float, float, float],
    fill: str,
    line: str,
    *,
    radius: float = 0.0,
    stroke: float = 1.0,
) -> str:
    x, y, wide, high = (_number(value) for value in place)
    return (
        f'<rect x="{x}" y="{y}" width="{wide}" height="{high}" rx="{_number(radius)}" '
        f'fill="{fill}" stroke="{line}" stroke-width="{_number(stroke)}"/>'
    )


def _line(
    x1: float, y1: float, x2: float, y2: float, colour: str, *, dash: str = "", stroke: float = 1.0
) -> str:
    pattern = f' stroke-dasharray="{dash}"' if dash else ""
    ends = f'x1="{_number(x1)}" y1="{_number(y1)}" x2="{_number(x2)}" y2="{_number(y2)}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{_number(stroke)}"{pattern}/>'


def _head(x: float, y: float, direction: float, colour: str, *, is_open: bool) -> str:
    back = x - 9 * direction
    points = " ".join(
        f"{_number(a)},{_number(b)}" for a, b in ((back, y - 4.5), (x, y), (back, y + 4.5))
    )
    if is_open:
        return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
    return f'<polygon points="{points}" fill="{colour}"/>'


def _cross(x: float, y: float) -> str:
    strokes = ((x - 6, y - 6, x + 6, y + 6), (x - 6, y + 6, x + 6, y - 6))
    return "".join(_line(*ends, palette.LOST, stroke=2.4) for ends in strokes)


def _document(title: str, wide: float, high: float, parts: list[str]) -> str:
    w, h = _number(wide), _number(high)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{attribute(title)}" '
        f'width="{w}" height="{h}" viewBox="0 0 {w} {h}" font-family="{FONTS}">\n'
        f"<title>{content(title)}</title>\n"
        f'<rect width="{w}" height="{h}" fill="{palette.PAPER}"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


RENDERERS: Final = (Renderer("svg", SequenceDiagram, draw),)
