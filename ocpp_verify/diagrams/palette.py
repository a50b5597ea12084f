"""Every colour of every picture. Text has a contrast of at least 4.5 to 1 on its ground."""

from __future__ import annotations

from typing import Final

PAPER: Final = "#ffffff"
INK: Final = "#1f2933"
MUTED: Final = "#5b6770"
LINE: Final = "#8796a5"

NODE_FILL: Final = "#f3f6fa"
NODE_LINE: Final = "#4a6076"
INITIAL_LINE: Final = "#1f5fa8"
EDGE: Final = "#4a6076"

HIGHLIGHT: Final = "#b04a00"
HIGHLIGHT_FILL: Final = "#fff1d6"
UNREACHED: Final = "#66707a"
UNREACHED_LINE: Final = "#a3adb6"
UNREACHED_FILL: Final = "#fafafa"

CALL: Final = "#1f5fa8"
REPLY: Final = "#4a6076"
LOST: Final = "#b3261e"
OCCURRENCE: Final = "#8a6a00"
OCCURRENCE_FILL: Final = "#fff8e1"

# tone -> (line, fill, text)
TONES: Final = (
    ("plain", (LINE, "#eef2f7", INK)),
    ("good", ("#2a7a3b", "#e6f4e8", "#1d5a2a")),
    ("bad", ("#b3261e", "#fdecea", "#8c1d17")),
)

# One per source node in dense state diagrams; dark enough for 10 pt labels.
GROUPS: Final = (
    "#1f5fa8",
    "#a5541a",
    "#2a7a3b",
    "#7a3fa0",
    "#0b737a",
    "#806200",
    "#b0306a",
    "#555555",
    "#b3261e",
)


def tone(name: str) -> tuple[str, str, str]:
    """Line, fill and text colour of a note."""
    return dict(TONES)[name]
