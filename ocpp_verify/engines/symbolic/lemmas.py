"""Exclusion lemmas: some cells never have these values together. Mined from states that were seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ocpp_verify.ir.formula import among, every, negation
from ocpp_verify.ir.system import Formula, State, System


@dataclass(frozen=True, slots=True, order=True)
class Lemma:
    """No reachable state has, for every i, one of `values[i]` in `cells[i]`.

    Cells are ascending and different; one, two or more of them.
    """

    cells: tuple[int, ...]
    values: tuple[tuple[int, ...], ...]

    def excludes(self, state: State) -> bool:
        """Whether the lemma says that this state is unreachable."""
        return all(
            state[cell] in values for cell, values in zip(self.cells, self.values, strict=True)
        )

    def excluded(self, system: System) -> Formula:
        """The states that the lemma says are unreachable."""
        return every(
            among(cell, values, len(system.cells[cell].domain))
            for cell, values in zip(self.cells, self.values, strict=True)
        )

    def formula(self, system: System) -> Formula:
        """What the lemma says."""
        return negation(self.excluded(system))

    def shown(self, system: System) -> str:
        """The lemma in words.

        >>> from ocpp_verify.ir.system import Cell
        >>> cells = [Cell(n, ("none", "A"), (0,), "state", "csms") for n in ("user", "holder")]
        >>> Lemma((0, 1), ((1,), (0,))).shown(System("", tuple(cells), ()))
        'user == A never with holder == none'
        """
        parts = [
            _shown(system, cell, values)
            for cell, values in zip(self.cells, self.values, strict=True)
        ]
        if len(parts) == 1:
            return f"never {parts[0]}"
        return f"{parts[0]} never with {' and '.join(parts[1:])}"


_WORDS: Mapping[object, str] = {None: "none", True: "true", False: "false"}


def _shown(system: System, cell: int, values: Sequence[int]) -> str:
    """`cell == value`, or the shorter of `in` and `not in`."""
    domain = system.cells[cell].domain
    chosen, sign, word = list(values), "==", "in"
    if len(domain) - len(chosen) < len(chosen):
        chosen = [at for at in range(len(domain)) if at not in values]
        sign, word = "!=", "not in"
    texts = [_word(domain[at]) for at in chosen]
    name = system.cells[cell].name
    return f"{name} {sign} {texts[0]}" if len(texts) == 1 else f"{name} {word} {{{', '.join(texts)}}}"


def _word(meaning: object) -> str:
    if meaning is None or isinstance(meaning, bool):
        return _WORDS[meaning]
    return str(meaning)


def mined(system: System, cells: Sequence[int], states: Iterable[State]) -> Iterator[Lemma]:
    """Every exclusion of one or two of the cells that all the states respect, joined by values.

    For two cells: the values of the first that were seen with the same values of the second make
    one lemma. Nothing is claimed: with few states most of these are false.
    """
    distinct = list(dict.fromkeys(tuple(state[cell] for cell in cells) for state in states))
    sizes = [len(system.cells[cell].domain) for cell in cells]
    columns = [[state[at] for state in distinct] for at in range(len(cells))]
    used = [sorted(set(column)) for column in columns]
    for at, cell in enumerate(cells):
        never = tuple(value for value in range(sizes[at]) if value not in set(used[at]))
        if never:
            yield Lemma((cell,), (never,))
    for first in range(len(cells)):
        for second in range(first + 1, len(cells)):
            together: dict[int, set[int]] = {}
            for left, right in set(zip(columns[first], columns[second], strict=True)):
                together.setdefault(left, set()).add(right)
            groups: dict[tuple[int, ...], list[int]] = {}
            for left in used[first]:
                absent = tuple(v for v in used[second] if v not in together[left])
                if absent:
                    groups.setdefault(absent, []).append(left)
            for absent, lefts in groups.items():
                yield Lemma((cells[first], cells[second]), (tuple(lefts), absent))
