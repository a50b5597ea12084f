"""State and sequence diagrams -> mermaid text, for pages whose host draws mermaid."""

from __future__ import annotations

import json
import re
from typing import Final, assert_never

from ocpp_verify.diagrams import palette
from ocpp_verify.diagrams.bundles import Bundle, bundles
from ocpp_verify.diagrams.contract import DrawingOptions, Renderer
from ocpp_verify.diagrams.pictures import (
    Divider,
    Message,
    NoteBlock,
    Occurrence,
    SequenceDiagram,
    SequenceItem,
    StateDiagram,
    StateNode,
)
from ocpp_verify.diagrams.xml_text import printable

# Characters with no meaning to mermaid inside a text; any other ASCII one is written as a code.
_PLAIN: Final = re.compile(r"[A-Za-z0-9 _.,=()/+'!?*-]|[^\x00-\x7f]")
# Words that end or open a block even in the middle of a text.
_KEYWORD: Final = re.compile(r"\b(end)\b", re.IGNORECASE)
_ARROWS: Final = {"call": "->>", "reply": "-->>", "lost": "-x"}
_TONES: Final = {"plain": "", "good": "✓ ", "bad": "✗ "}


def escaped(text: str) -> str:
    """`text` as mermaid shows it letter for letter; line breaks become `<br/>`.

    >>> escaped('a: "b"; end')
    'a#58; #quot;b#quot;#59; #101;nd'
    """
    lines = printable(text).splitlines() or [""]
    return "<br/>".join(_escaped_line(line) for line in lines)


def _escaped_line(line: str) -> str:
    coded = "".join(char if _PLAIN.match(char) else _code(char) for char in line.strip())
    coded = coded.replace("--", "-#45;")
    return _KEYWORD.sub(lambda word: f"#{ord(word[0][0])};{word[0][1:]}", coded)


def _code(char: str) -> str:
    named = {'"': "quot", "<": "lt", ">": "gt", "&": "amp"}
    return f"#{named.get(char, ord(char))};"


def _front_matter(*texts: str) -> list[str]:
    title = " ".join(" ".join(text.split()) for text in texts if text)
    quoted = json.dumps(printable(title), ensure_ascii=False)
    return ["---", f"title: {quoted}", "---"] if title else []


def draw_state(diagram: StateDiagram, options: DrawingOptions) -> bytes:
    """Arrow emphasis has no form in mermaid: it is said in the label."""
    names = {node.id: f"s{index}" for index, node in enumerate(diagram.nodes)}
    note = f"({diagram.note})" if diagram.note else ""
    lines = [*_front_matter(diagram.title, note), "stateDiagram-v2"]
    for node in diagram.nodes:
        label = "<br/>".join(escaped(line) for line in (node.label, *node.lines))
        label = label or "#160;"  # mermaid cannot read an empty label
        lines.append(f'  state "{label}" as {names[node.id]}')
    lines.extend(f"  [*] --> {names[id]}" for id in diagram.entries())
    lines.extend(f"  {_arrow(arrow, names)}" for arrow in bundles(diagram))
    lines.extend(_classes(diagram.nodes, names))
    return ("\n".join(lines) + "\n").encode()


def _arrow(arrow: Bundle, names: dict[str, str]) -> str:
    marks = {"normal": (), "highlighted": ("(highlighted)",), "unreached": ("(never reached)",)}
    text = "<br/>".join(escaped(line) for line in (*arrow.label(), *marks[arrow.emphasis]))
    ends = f"{names[arrow.source]} --> {names[arrow.target]}"
    return f"{ends} : {text}" if text else ends


def _classes(nodes: tuple[StateNode, ...], names: dict[str, str]) -> list[str]:
    styles = {
        "highlighted": f"fill:{palette.HIGHLIGHT_FILL},stroke:{palette.HIGHLIGHT}",
        "unreached": f"fill:{palette.UNREACHED_FILL},stroke:{palette.UNREACHED_LINE}",
    }
    lines: list[str] = []
    for kind, style in styles.items():
        members = [names[node.id] for node in nodes if node.kind == kind]
        if members:
            lines.append(f"  classDef {kind} {style},color:{palette.INK}")
            lines.append(f"  class {','.join(members)} {kind}")
    return lines


def draw_sequence(diagram: SequenceDiagram, options: DrawingOptions) -> bytes:
    names = {line.id: f"p{index}" for index, line in enumerate(diagram.lifelines)}
    lines = [*_front_matter(diagram.title), "sequenceDiagram"]
    lines.extend(
        f"  participant {names[line.id]} as {escaped(line.label)}" for line in diagram.lifelines
    )
    lines.extend(f"  {_item(item, diagram, names)}" for item in diagram.items)
    return ("\n".join(lines) + "\n").encode()


def _item(item: SequenceItem, diagram: SequenceDiagram, names: dict[str, str]) -> str:
    match item:
        case Message():
            ends = f"{names[item.source]}{_ARROWS[item.kind]}{names[item.target]}"
            return f"{ends}: {_text(item, item.text, item.detail)}"
        case Occurrence():
            return f"Note over {names[item.at]}: {_text(item, item.text)}"
        case NoteBlock():
            text = _text(item, _TONES[item.tone] + item.text)
            return f"Note over {_span(diagram, names, *diagram.span(item))}: {text}"
        case Divider():
            span = _span(diagram, names, 0, len(diagram.lifelines) - 1)
            return f"Note over {span}: {_text(item, f'— {item.text} —')}"
        case _:
            assert_never(item)


def _span(diagram: SequenceDiagram, names: dict[str, str], first: int, last: int) -> str:
    ends = dict.fromkeys(names[diagram.lifelines[index].id] for index in (first, last))
    return ",".join(ends)


def _text(item: SequenceItem, *texts: str) -> str:
    number = "" if item.step is None else f"{item.step}. "
    first, *others = texts
    lines = (number + first, *others, ", ".join(item.rules))
    return "<br/>".join(escaped(line) for line in lines if line)


RENDERERS: Final = (
    Renderer("mermaid", StateDiagram, draw_state),
    Renderer("mermaid", SequenceDiagram, draw_sequence),
)
