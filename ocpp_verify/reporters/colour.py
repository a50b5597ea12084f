"""Colours for a terminal, or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_CODES = {"good": "32", "bad": "31;1", "open": "33", "dim": "2", "strong": "1"}


@dataclass(frozen=True, slots=True)
class Paint:
    """Puts colours around words if it is on."""

    on: bool = False

    def __call__(self, kind: str, text: str) -> str:
        """`kind` is good, bad, open, dim or strong."""
        return f"\x1b[{_CODES[kind]}m{text}\x1b[0m" if self.on and text else text


def wanted(is_terminal: bool, environment: Mapping[str, str]) -> bool:
    """Whether to use colours: NO_COLOR and FORCE_COLOR decide, else whether it is a terminal."""
    if environment.get("NO_COLOR"):
        return False
    forced = environment.get("FORCE_COLOR")
    if forced is not None:
        return forced != "0"
    return is_terminal and environment.get("TERM") != "dumb"
