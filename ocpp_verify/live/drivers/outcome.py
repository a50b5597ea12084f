"""What came of a stimulus, as its driver tells it. No verdict rests on it: the wire is the oracle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Done:
    """The driver says that it is done; `said` is what it told besides."""

    said: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The lab can do this, but did not now."""

    why: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The lab cannot do this at all: what depends on it is untestable here."""

    why: str


Outcome: TypeAlias = Done | Refused | Unavailable
