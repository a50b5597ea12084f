"""How wide text is in Liberation Sans, without a font library: advances in 1/1000 of the size."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_REGULAR: Final = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 "
    "556 556 556 278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 "
    "722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 "
    "556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 "
    "260 334 584"
)
_ADVANCES: Final = tuple(int(number) for number in _REGULAR.split())
_BOLD_FACTOR: Final = 1.07  # the bold face is at most this much wider over a line of text
_BREAK_AFTER: Final = re.compile(r"(?<=[,;/|(=_.\-])")


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of one line in the unit of `size`. Beyond ASCII an estimate on the wide side.

    >>> round(width("Hi", 10))
    9
    """
    total = sum(_advance(char) for char in text) * size / 1000
    return total * _BOLD_FACTOR if bold else total


def wrap(text: str, size: float, limit: float, *, bold: bool = False) -> tuple[str, ...]:
    """`text` in lines no wider than `limit`: broken at spaces, else where it must.

    Line breaks in `text` are kept; runs of spaces become one. Joined without spaces, the lines hold
    every other character of `text` in order.
    """
    return tuple(line for part in text.splitlines() for line in _wrap_one(part, size, limit, bold))


def _advance(char: str) -> int:
    if " " <= char <= "~":
        return _ADVANCES[ord(char) - 32]
    if unicodedata.combining(char):
        return 0
    if unicodedata.east_asian_width(char) in "WF":
        return 1000
    base = unicodedata.normalize("NFD", char)[0]
    return _ADVANCES[ord(base) - 32] if " " <= base <= "~" else 800


def _wrap_one(text: str, size: float, limit: float, bold: bool) -> list[str]:
    lines: list[str] = []
    current = ""
    for word in text.split():
        joined = f"{current} {word}" if current else word
        if width(joined, size, bold=bold) <= limit:
            current = joined
            continue
        if current:
            lines.append(current)
        *full, current = _pieces(word, size, limit, bold)
        lines.extend(full)
    return [*lines, current] if current else lines


def _pieces(word: str, size: float, limit: float, bold: bool) -> list[str]:
    """A word cut so that each piece fits; at least one character each."""
    pieces = [""]
    for part in _BREAK_AFTER.split(word):
        if width(pieces[-1] + part, size, bold=bold) <= limit:
            pieces[-1] += part
            continue
        if pieces[-1]:
            pieces.append("")
        for char in part:
            if pieces[-1] and width(pieces[-1] + char, size, bold=bold) > limit:
                pieces.append("")
            pieces[-1] += char
    return pieces
