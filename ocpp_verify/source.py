"""Source texts with positions. A `Place` is what every message points at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A stretch of one line of a source text; line and columns count from 1, `end` is exclusive."""

    file: str
    line: int
    column: int
    end: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


NOWHERE = Place("", 0, 0, 0)
"""The place of things that no text declares, such as the link variable."""


@dataclass(frozen=True, slots=True)
class Source:
    """A named text."""

    name: str
    text: str

    def line(self, number: int) -> str:
        """Line `number` (from 1) without its end; empty past the end of the text."""
        lines = self.text.splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""
