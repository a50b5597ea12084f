"""What a picture says, before a format is chosen. Names nothing of the model or of a format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

NodeKind: TypeAlias = Literal["initial", "normal", "highlighted", "unreached"]
EdgeEmphasis: TypeAlias = Literal["normal", "unreached", "highlighted"]
MessageKind: TypeAlias = Literal["call", "reply", "lost"]
Tone: TypeAlias = Literal["plain", "good", "bad"]


@dataclass(frozen=True, slots=True)
class StateNode:
    """One box. `lines` stand below the label, separated by a rule."""

    id: str
    label: str
    lines: tuple[str, ...] = ()
    kind: NodeKind = "normal"


@dataclass(frozen=True, slots=True)
class StateEdge:
    """One arrow. Several between the same two nodes are merged by the renderers (see `bundles`)."""

    source: str
    target: str
    lines: tuple[str, ...] = ()
    emphasis: EdgeEmphasis = "normal"


@dataclass(frozen=True, slots=True)
class StateDiagram:
    """Boxes and arrows.

    An entry arrow points at every node in `initial` and at every node of kind "initial"; the two
    are separate so that an initial node can be highlighted. `note` stands below the title.

    >>> StateDiagram("Lock", (StateNode("o", "Open", kind="initial"),), ()).entries()
    ('o',)
    """

    title: str
    nodes: tuple[StateNode, ...]
    edges: tuple[StateEdge, ...]
    initial: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        known = _unique((node.id for node in self.nodes), "node")
        ends = [end for edge in self.edges for end in (edge.source, edge.target)]
        _all_known((*self.initial, *ends), known, "node")

    def entries(self) -> tuple[str, ...]:
        """Ids of the nodes with an entry arrow, in node order."""
        named = set(self.initial)
        return tuple(n.id for n in self.nodes if n.kind == "initial" or n.id in named)


@dataclass(frozen=True, slots=True)
class Lifeline:
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message; a `lost` one leaves its source and never arrives. `detail` is smaller print."""

    source: str
    target: str
    text: str
    detail: str = ""
    kind: MessageKind = "call"
    step: int | None = None
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that happens at one lifeline and is no message: an event, a hidden step."""

    at: str
    text: str
    step: int | None = None
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoteBlock:
    """A remark across the lifelines named in `over`; across all of them when it is empty."""

    over: tuple[str, ...]
    text: str
    tone: Tone = "plain"
    step: int | None = None
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Divider:
    text: str
    step: int | None = None
    rules: tuple[str, ...] = ()


SequenceItem: TypeAlias = Message | Occurrence | NoteBlock | Divider


@dataclass(frozen=True, slots=True)
class SequenceDiagram:
    """Lifelines from left to right, items from top to bottom."""

    title: str
    lifelines: tuple[Lifeline, ...]
    items: tuple[SequenceItem, ...]

    def __post_init__(self) -> None:
        if not self.lifelines:
            raise ValueError("a sequence diagram needs a lifeline")
        known = _unique((line.id for line in self.lifelines), "lifeline")
        _all_known((end for item in self.items for end in ends_of(item)), known, "lifeline")

    def order(self) -> dict[str, int]:
        """Position of each lifeline, from 0 at the left."""
        return {line.id: index for index, line in enumerate(self.lifelines)}

    def span(self, note: NoteBlock) -> tuple[int, int]:
        """Positions of the first and last lifeline a note covers."""
        order = self.order()
        covered = [order[id] for id in note.over] or [0, len(self.lifelines) - 1]
        return min(covered), max(covered)


@dataclass(frozen=True, slots=True)
class TransitionTable:
    """A table of plain text; every row has one cell per column."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"a row has {len(row)} cells, the table {len(self.columns)}")


Picture: TypeAlias = StateDiagram | SequenceDiagram | TransitionTable


def ends_of(item: SequenceItem) -> tuple[str, ...]:
    """The lifelines an item names."""
    match item:
        case Message():
            return (item.source, item.target)
        case Occurrence():
            return (item.at,)
        case NoteBlock():
            return item.over
        case Divider():
            return ()


def _unique(ids: Iterable[str], what: str) -> frozenset[str]:
    seen: set[str] = set()
    for id in ids:
        if id in seen:
            raise ValueError(f"two {what}s have the id {id!r}")
        seen.add(id)
    return frozenset(seen)


def _all_known(ids: Iterable[str], known: frozenset[str], what: str) -> None:
    for id in ids:
        if id not in known:
            raise ValueError(f"no {what} has the id {id!r}")
