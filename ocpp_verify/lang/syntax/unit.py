"""One file of the language."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from ocpp_verify.lang.syntax.model import ModelItem, ProfileHeader
from ocpp_verify.lang.syntax.spec import SpecHeader, SpecItem

Item: TypeAlias = ProfileHeader | SpecHeader | ModelItem | SpecItem


@dataclass(frozen=True, slots=True)
class Unit:
    """One file. `broken` are the words of items that did not parse: nothing is said about them."""

    file: str
    profile: ProfileHeader | None
    spec: SpecHeader | None
    items: tuple[ModelItem, ...]
    properties: tuple[SpecItem, ...]
    broken: frozenset[str] = field(default=frozenset())
