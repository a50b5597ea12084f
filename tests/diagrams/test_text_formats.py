from __future__ import annotations

import html
import re
from types import ModuleType

import pytest

from ocpp_verify.diagrams.pictures import StateDiagram, StateNode, TransitionTable
from ocpp_verify.diagrams.render import formats, render
from ocpp_verify.diagrams.renderers import mermaid
from ocpp_verify.errors import WrongInput

FORMATS = ("dot", "graphml", "markdown", "mermaid", "png", "svg", "text")


def shown(text: str) -> str:
    """What mermaid makes of its own codes."""
    return html.unescape(re.sub(r"#(\d+);", r"&#\1;", re.sub(r"#([a-z]+);", r"&\1;", text)))


def test_the_formats_are_these() -> None:
    assert formats() == FORMATS


def test_mermaid_shows_escaped_text_letter_for_letter(samples: ModuleType) -> None:
    assert shown(mermaid.escaped(samples.NASTY)) == samples.NASTY


@pytest.mark.parametrize("harmful", ['"', "<", ">", ";", ":", "{", "}", "%", "[", "]", "&", "--"])
def test_mermaid_text_holds_nothing_that_breaks_it(harmful: str) -> None:
    escaped = mermaid.escaped(f"before {harmful} after")
    assert harmful not in re.sub(r"#\w+;", "", escaped)
    assert shown(escaped) == f"before {harmful} after"


def test_mermaid_text_holds_no_block_keyword() -> None:
    assert mermaid.escaped("the end") == "the #101;nd"
    assert mermaid.escaped("End endless") == "#69;nd endless"


def test_mermaid_lines_become_breaks() -> None:
    assert mermaid.escaped("a\nb") == "a<br/>b"


def test_a_mermaid_state_without_label_has_a_blank_one() -> None:
    text = render(StateDiagram("", (StateNode("a", ""),), ()), "mermaid").decode()
    assert text == 'stateDiagram-v2\n  state "#160;" as s0\n'


def test_a_mermaid_state_diagram_has_every_part(samples: ModuleType) -> None:
    text = render(samples.small_diagram(), "mermaid").decode()
    lines = text.splitlines()
    assert lines[3] == "stateDiagram-v2"
    assert "  [*] --> s0" in lines
    shown = "<br/>".join(f"way {number}" for number in range(14))
    assert f"  s2 --> s0 : {shown}<br/>+3 more" in lines
    assert "  s0 --> s3 : fault<br/>(never reached)" in lines
    assert "  class s1 highlighted" in lines


def test_a_mermaid_sequence_has_every_item(samples: ModuleType) -> None:
    lines = render(samples.sequence(), "mermaid").decode().splitlines()
    assert "  participant p2 as csms #amp; #lt;more#gt;" in lines
    assert "  p1->>p2: 1. BootNotification<br/>model=M<br/>CORE-BOOT-001" in lines
    assert "  p2-->>p1: 2. Accepted<br/>interval=300" in lines
    assert "  p1-xp2: 3. StatusNotification<br/>status=Available" in lines
    assert "  Note over p0: 4. plugs in<br/>CORE-X-001" in lines
    assert "  Note over p0,p2: ✓ as it should be" in lines


def test_markdown_cells_are_escaped_and_line_up(samples: ModuleType) -> None:
    lines = render(samples.table(), "markdown").decode().splitlines()
    assert lines[:2] == ["### Transitions", ""]
    assert len({len(line) for line in lines[2:]}) == 1
    assert len(re.findall(r"(?<!\\)\|", lines[-1])) == 3
    assert "a&lt;b&gt; &amp;" in lines[-1]


def test_a_markdown_cell_keeps_its_line_breaks_in_one_row() -> None:
    text = render(TransitionTable("", ("a",), (("x\ny",),)), "markdown").decode()
    assert "x<br>y" in text


def test_a_row_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="a row has 1 cells, the table 2"):
        TransitionTable("", ("a", "b"), (("x",),))


def test_a_format_that_cannot_show_a_picture_names_those_that_can(samples: ModuleType) -> None:
    with pytest.raises(WrongInput, match="a state diagram cannot be shown as text") as caught:
        render(samples.status_diagram(), "text")
    assert caught.value.help == "use one of dot, graphml, mermaid, png, svg"
    with pytest.raises(WrongInput, match="a sequence diagram cannot be shown as dot"):
        render(samples.sequence(), "dot")
    with pytest.raises(WrongInput, match="a transition table cannot be shown as svg"):
        render(samples.table(), "svg")


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(WrongInput, match="unknown picture format `pdf`") as caught:
        render(TransitionTable("", (), ()), "pdf")
    assert "svg" in caught.value.help
