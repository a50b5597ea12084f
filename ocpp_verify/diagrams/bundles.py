"""Parallel arrows of a state diagram, merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ocpp_verify.diagrams.pictures import EdgeEmphasis, StateDiagram

SHOWN_LINES: Final = 3
ALL_LINES: Final = 14
FEW: Final = 6  # so many arrows leave room for all of their lines
SHOWN_CHARS: Final = 44


@dataclass(frozen=True, slots=True)
class Bundle:
    """All arrows from one node to another that have the same emphasis, as one arrow."""

    source: str
    target: str
    lines: tuple[str, ...]
    emphasis: EdgeEmphasis
    most: int = SHOWN_LINES

    def label(self) -> tuple[str, ...]:
        """The lines to draw: the first few, shortened, and how many more there are.

        A remainder of one line is drawn instead of counted.
        """
        if len(self.lines) <= self.most + 1:
            return tuple(shortened(line) for line in self.lines)
        shown = tuple(shortened(line) for line in self.lines[: self.most])
        return (*shown, f"+{len(self.lines) - self.most} more")


def bundles(diagram: StateDiagram) -> tuple[Bundle, ...]:
    """The arrows to draw, in the order in which their pair of nodes first occurs.

    Arrows of different emphasis stay apart: a label has one colour, and a highlighted step must
    not hide among the others. A line that occurs twice is kept once.
    """
    merged: dict[tuple[str, str, EdgeEmphasis], dict[str, None]] = {}
    for edge in diagram.edges:
        lines = merged.setdefault((edge.source, edge.target, edge.emphasis), {})
        lines.update(dict.fromkeys(edge.lines))
    most = ALL_LINES if len(merged) <= FEW else SHOWN_LINES
    return tuple(
        Bundle(source, target, tuple(lines), emphasis, most)
        for (source, target, emphasis), lines in merged.items()
    )


def shortened(line: str) -> str:
    """`line`, with an ellipsis in place of what goes beyond a readable label."""
    return line if len(line) <= SHOWN_CHARS else line[: SHOWN_CHARS - 1].rstrip() + "…"
