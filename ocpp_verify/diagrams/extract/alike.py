"""Values that differ only in the names of interchangeable things, of which one stands for all.

A reservation may be called `R` or `S`; what can happen to either is the same, so one box is enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ocpp_verify.ir.show import shown_value
from ocpp_verify.ir.types import EnumType, OptionType, Type, Value


@dataclass(frozen=True, slots=True)
class Alike:
    """Which joint values stand for all that are alike.

    Attributes:
        parts: each shown value with what it consists of.
        sorts: for each part the sort whose values are interchangeable there; None: not so.
    """

    parts: Mapping[str, tuple[Value, ...]]
    sorts: tuple[EnumType | None, ...]

    def is_first(self, *names: str) -> bool:
        """Whether these values, one after the other, name things in the order of their sorts."""
        found = [value for name in names for value in self.parts[name]]
        return found == self._renamed(found, len(names))

    def stand_in(self, name: str) -> str:
        """The value that stands for this one."""
        return self._shown(self._renamed(self.parts[name], 1))

    def told(self, names: Iterable[str]) -> list[str]:
        """For a reader, what the things in these values stand for."""
        met: dict[tuple[str, str], None] = {}
        for name in names:
            for value, sort in zip(self.parts[name], self.sorts, strict=True):
                if sort is not None and value is not None:
                    met[shown_value(value), sort.name] = None
        return [f"{value} stands for any {sort}" for value, sort in met]

    def _renamed(self, found: Sequence[Value], times: int) -> list[Value]:
        first: dict[EnumType, dict[Value, Value]] = {}
        renamed: list[Value] = []
        for value, sort in zip(found, self.sorts * times, strict=True):
            if sort is None or value is None:
                renamed.append(value)
                continue
            known = first.setdefault(sort, {})
            if value not in known:
                known[value] = sort.values[len(known)]
            renamed.append(known[value])
        return renamed

    def _shown(self, found: Iterable[Value]) -> str:
        return ", ".join(map(shown_value, found))


def interchangeable(type: Type, singled_out: Iterable[Type]) -> EnumType | None:
    """The sort of values of this type, if none of them is named already."""
    of = type.of if isinstance(type, OptionType) else type
    if not isinstance(of, EnumType) or not of.symmetric or len(of.values) < 2:
        return None
    return None if of in singled_out else of
