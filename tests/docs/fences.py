"""The fenced blocks of a page: "```kind name" and what stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = (*sorted(DOCS.rglob("*.md")), ROOT / "README.md")

_FENCE = re.compile(r"^```(\w*)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fence:
    """One block. `span` is that of its text; `begin` and `end` are those of the whole block."""

    kind: str
    name: str
    text: str
    span: tuple[int, int]
    begin: int
    end: int


def fences(page: str) -> Iterator[Fence]:
    """All blocks of the page."""
    for found in _FENCE.finditer(page):
        yield Fence(
            found[1], found[2] or "", found[3], found.span(3), found.start(), found.end() + 1
        )
