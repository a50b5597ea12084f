"""Text in XML: escaping, and the characters XML cannot hold at all."""

from __future__ import annotations

import re
from typing import Final
from xml.sax.saxutils import escape

_FORBIDDEN: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(text: str) -> str:
    """`text` with every character that no XML document may hold replaced by U+FFFD."""
    return _FORBIDDEN.sub("\ufffd", text)


def content(text: str) -> str:
    """`text` for use between tags."""
    return escape(printable(text))


def attribute(text: str) -> str:
    """`text` for use between double quotes; line breaks survive."""
    return escape(printable(text), {'"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})
