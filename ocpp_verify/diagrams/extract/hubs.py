"""A state that almost every other one leads to, or is left for, in the same way.

In a picture with many arrows, those are said in its box instead of being drawn: `Fault` from each
status, say. The codes of a table are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal, TypeAlias

from ocpp_verify.diagrams.bundles import SHOWN_CHARS
from ocpp_verify.diagrams.pictures import StateEdge, StateNode

MANY: Final = 20
"""Arrows that a picture has before it is made simpler."""
_FEWEST: Final = 4
_SHARE: Final = 0.6
"""Share of the other states that have the arrow."""

Codes: TypeAlias = dict[tuple[str, str], str]
Side: TypeAlias = Literal["from", "to"]


def fold(
    nodes: Sequence[StateNode], edges: Sequence[StateEdge], codes: Codes
) -> tuple[tuple[StateNode, ...], tuple[StateEdge, ...]]:
    """The same picture, with arrows of hubs as lines in their boxes."""
    if len(edges) < MANY:
        return tuple(nodes), tuple(edges)
    left = list(edges)
    found = []
    for node in nodes:
        lines = list(node.lines)
        for side in ("from", "to"):
            arrows = _alike(node, side, left, codes)
            others = len(nodes) - 1
            if len(arrows) >= max(_FEWEST, _SHARE * others):
                lines += _told(side, arrows, nodes, codes)
                left = [each for each in left if each not in arrows]
        found.append(replace(node, lines=tuple(lines)))
    return tuple(found), tuple(left)


def _alike(
    node: StateNode, side: Side, edges: Sequence[StateEdge], codes: Codes
) -> list[StateEdge]:
    """The largest group of arrows of the node on that side that say the same."""
    groups: dict[tuple[str, ...], list[StateEdge]] = {}
    for edge in edges:
        here = edge.target if side == "from" else edge.source
        if here == node.id and edge.source != edge.target and edge.emphasis == "normal":
            groups.setdefault(_steps(edge, codes), []).append(edge)
    return max(groups.values(), key=len, default=[])


def _steps(edge: StateEdge, codes: Codes) -> tuple[str, ...]:
    """What the arrow says, without its code."""
    code = codes.get((edge.source, edge.target), "")
    first, *others = edge.lines or ("",)
    return (first.removeprefix(code).lstrip(), *others)


def _told(
    side: Side, arrows: Sequence[StateEdge], nodes: Sequence[StateNode], codes: Codes
) -> list[str]:
    labels = {each.id: each.label for each in nodes}
    ends = [each.source if side == "from" else each.target for each in arrows]
    names = [labels[each] for each in ends]
    far = "every other state" if len(arrows) == len(nodes) - 1 else ", ".join(names)
    steps = ", ".join(_steps(arrows[0], codes))
    shown = [code for each in arrows if (code := codes.get((each.source, each.target)))]
    return [*_lines(f"{side} {far}: {steps}"), *_lines(" ".join(shown))]


def _lines(text: str) -> list[str]:
    """In lines that a box shows in full."""
    found: list[str] = []
    for word in text.split():
        if found and len(found[-1]) + 1 + len(word) <= SHOWN_CHARS:
            found[-1] += f" {word}"
        else:
            found.append(word)
    return found
