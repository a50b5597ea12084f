"""Transition table -> a Markdown table whose columns also line up when nobody renders it."""

from __future__ import annotations

import re
from typing import Final

from ocpp_verify.diagrams.contract import DrawingOptions, Renderer
from ocpp_verify.diagrams.pictures import TransitionTable
from ocpp_verify.diagrams.xml_text import printable

WIDEST: Final = 100  # a longer cell sticks out: lining up with it would spread the others too far
_SPECIAL: Final = re.compile(r"[\\`*\[\]|~$]")
_OUTER_UNDERSCORE: Final = re.compile(r"(?<![A-Za-z0-9_])_|_(?![A-Za-z0-9_])")


def draw(table: TransitionTable, options: DrawingOptions) -> bytes:
    rows = [[escaped(cell) for cell in row] for row in (table.columns, *table.rows)]
    columns = zip(*rows, strict=True)
    widths = [max(3, *(min(len(cell), WIDEST) for cell in column)) for column in columns]
    header, *body = (_row(row, widths) for row in rows)
    rule = _row(["-" * width for width in widths], widths)
    title = [f"### {escaped(table.title)}", ""] if table.title else []
    return ("\n".join([*title, header, rule, *body]) + "\n").encode()


def escaped(text: str) -> str:
    r"""`text` as one cell that shows it letter for letter.

    >>> escaped("a|b <c> reserved_for")
    'a\\|b &lt;c&gt; reserved_for'
    """
    plain = _OUTER_UNDERSCORE.sub(r"\\_", _SPECIAL.sub(r"\\\g<0>", printable(text.strip())))
    coded = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "<br>".join(coded.splitlines())


def _row(cells: list[str], widths: list[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"


RENDERERS: Final = (Renderer("markdown", TransitionTable, draw),)
