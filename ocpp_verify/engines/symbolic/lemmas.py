"""Exclusion lemmas: some cells never have these values together. `samples` suggests them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Lemma:
    """No reachable state has, for every i, one of `values[i]` in `cells[i]`.

    Cells are ascending and different; one, two or more of them.
    """

    cells: tuple[int, ...]
    values: tuple[tuple[int, ...], ...]
