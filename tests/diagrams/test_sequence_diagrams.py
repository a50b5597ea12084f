from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from types import ModuleType

import pytest

from ocpp_verify.diagrams.metrics import width, wrap
from ocpp_verify.diagrams.pictures import Lifeline, Message, NoteBlock, SequenceDiagram
from ocpp_verify.diagrams.render import render

SVG = "{http://www.w3.org/2000/svg}"


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def wordings(diagram: SequenceDiagram) -> list[str]:
    items = [item.text for item in diagram.items]
    details = [item.detail for item in diagram.items if isinstance(item, Message)]
    rules = [rule for item in diagram.items for rule in item.rules]
    return [diagram.title, *(line.label for line in diagram.lifelines), *items, *details, *rules]


def test_every_text_is_in_the_svg(samples: ModuleType) -> None:
    diagram = samples.sequence()
    root = ET.fromstring(render(diagram, "svg"))
    drawn = squeezed("".join(element.text or "" for element in root.iter(f"{SVG}text")))
    for wording in wordings(diagram):
        assert squeezed(wording) in drawn


def test_nothing_is_written_outside_the_page(samples: ModuleType) -> None:
    root = ET.fromstring(render(samples.sequence(), "svg"))
    page = float(root.attrib["width"])
    assert page <= 1600
    for text in root.iter(f"{SVG}text"):
        wide = width(text.text or "", float(text.attrib["font-size"]))
        x = float(text.attrib["x"])
        left = x - wide / 2 if text.attrib["text-anchor"] == "middle" else x
        assert left >= 0
        assert left + wide <= page + 1


@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_any_number_of_lifelines_fits_the_page(count: int) -> None:
    lines = tuple(Lifeline(str(n), f"a rather long name {n}") for n in range(count))
    notes = (NoteBlock((), "over all"), Message("0", str(count - 1), "there", "w" * 90))
    root = ET.fromstring(render(SequenceDiagram("", lines, notes), "svg"))
    assert float(root.attrib["width"]) <= 1600
    assert all(float(rect.attrib["width"]) > 0 for rect in root.iter(f"{SVG}rect"))


def test_a_lost_message_ends_in_a_cross_and_has_no_head() -> None:
    lines = (Lifeline("a", "a"), Lifeline("b", "b"))
    lost = SequenceDiagram("", lines, (Message("a", "b", "gone", kind="lost"),))
    came = SequenceDiagram("", lines, (Message("a", "b", "here"),))
    assert render(lost, "svg").count(b"<polygon") == 0
    assert render(came, "svg").count(b"<polygon") == 1
    assert render(lost, "svg").count(b"<line") == render(came, "svg").count(b"<line") + 2
    assert "X" in render(lost, "text").decode()


def test_every_text_is_in_the_plain_text(samples: ModuleType) -> None:
    diagram = samples.sequence()
    text = render(diagram, "text").decode()
    for word in ("BootNotification", "model=M", "CORE-BOOT-001", "plugs in", "set-up", "gives up"):
        assert word in text
    assert 'FAIL: wrong a<b> & "c"' in text
    assert "OK: as it should be" in text
    assert max(map(len, text.splitlines())) <= 100
    assert text.count("x") >= 300


def test_plain_text_of_an_exchange_reads_well() -> None:
    lines = (Lifeline("c", "charger"), Lifeline("s", "csms"))
    items = (
        Message("c", "s", "Authorize", "idTag=T1", step=1, rules=("CORE-AUTH-001",)),
        Message("s", "c", "Accepted", kind="reply", step=2),
    )
    assert render(SequenceDiagram("", lines, items), "text").decode() == EXCHANGE


EXCHANGE = """\
                        charger                                      csms
                           |                                           |
  1                        |                 Authorize                 |
                           |                 idTag=T1                  |
                           |              [CORE-AUTH-001]              |
                           |------------------------------------------>|
                           |                                           |
  2                        |                 Accepted                  |
                           |<- - - - - - - - - - - - - - - - - - - - - |
                           |                                           |
"""


def test_too_many_lifelines_for_a_terminal_give_a_list() -> None:
    lines = tuple(Lifeline(str(n), f"node {n}") for n in range(8))
    items = (Message("0", "7", "ping", "x=1", step=3, rules=("R-1",)),)
    text = render(SequenceDiagram("", lines, items), "text").decode()
    assert text == "  3  node 0 -> node 7: ping (x=1) [R-1]\n"


@pytest.mark.parametrize("format", ["svg", "png", "mermaid", "text"])
def test_the_same_sequence_gives_the_same_bytes(samples: ModuleType, format: str) -> None:
    assert render(samples.sequence(), format) == render(samples.sequence(), format)


def test_wrapping_loses_no_character_and_keeps_the_limit() -> None:
    text = "connectorId=1, idTag=" + "T" * 80 + " Übergröße 充电桩 end"
    lines = wrap(text, 12, 150)
    assert squeezed("".join(lines)) == squeezed(text)
    assert all(width(line, 12) <= 150 for line in lines)


def test_a_character_xml_cannot_hold_is_replaced() -> None:
    lines = (Lifeline("a", "a\x00b\x1b"),)
    svg = render(SequenceDiagram("\x07", lines, ()), "svg")
    assert "a\ufffdb\ufffd" in [element.text for element in ET.fromstring(svg).iter(f"{SVG}text")]


def test_a_message_from_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="no lifeline has the id 'z'"):
        SequenceDiagram("", (Lifeline("a", "a"),), (Message("z", "a", "?"),))
