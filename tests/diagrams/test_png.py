from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
import zlib
from types import ModuleType

from ocpp_verify.diagrams.contract import DrawingOptions
from ocpp_verify.diagrams.pictures import Picture
from ocpp_verify.diagrams.render import render

SVG = "{http://www.w3.org/2000/svg}"


def pixels(png: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height and rows of RGBA bytes; enough of PNG for what resvg writes."""
    wide, high, depth, colours = struct.unpack(">IIBB", png[16:26])
    assert (depth, colours) == (8, 6)
    data, at = b"", 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        data += png[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    raw, rows, before = zlib.decompress(data), [], bytes(wide * 4)
    for y in range(high):
        start = y * (wide * 4 + 1)
        before = _unfiltered(raw[start], raw[start + 1 : start + 1 + wide * 4], before)
        rows.append(before)
    return wide, high, rows


def _unfiltered(kind: int, line: bytes, above: bytes) -> bytes:
    row = bytearray(line)
    for i in range(len(row)):
        left, up = row[i - 4] if i >= 4 else 0, above[i]
        corner = above[i - 4] if i >= 4 else 0
        guess = left + up - corner
        near = min((left, up, corner), key=lambda value: abs(guess - value))
        row[i] = (row[i] + (0, left, up, (left + up) // 2, near)[kind]) % 256
    return bytes(row)


def text_has_ink(picture: Picture, zoom: float, unit: float) -> dict[str, bool]:
    """Per text of the SVG, whether there are dark pixels where it stands."""
    root = ET.fromstring(render(picture, "svg"))
    _, _, rows = pixels(render(picture, "png", DrawingOptions(zoom=zoom)))
    graph = root.find(f"{SVG}g[@class='graph']")
    moved = "" if graph is None else graph.attrib["transform"]
    shift = re.search(r"translate\(([-\d.]+)[ ,]+([-\d.]+)\)", moved)
    dx, dy = (float(shift[1]), float(shift[2])) if shift else (0.0, 0.0)
    scale = zoom * unit
    found = {}
    for text in root.iter(f"{SVG}text"):
        size = float(text.get("font-size", "14"))
        x, y = float(text.attrib["x"]) + dx, float(text.attrib["y"]) + dy
        half = 4.0 if text.get("text-anchor") == "middle" else 0.0
        columns = range(int((x - half) * scale), int((x - half + 10) * scale))
        lines = range(int((y - size) * scale), int(y * scale))
        found[text.text or ""] = any(
            min(rows[b][4 * a : 4 * a + 3]) < 150 for a in columns for b in lines
        )
    return found


def test_every_label_of_a_state_diagram_has_ink(samples: ModuleType) -> None:
    found = text_has_ink(samples.status_diagram(), 4 / 3, 1.0)
    assert len(found) == 9 + 53 + 2
    assert [text for text, has_ink in found.items() if not has_ink] == []


def test_every_text_of_a_sequence_diagram_has_ink(samples: ModuleType) -> None:
    found = text_has_ink(samples.sequence(), 4 / 3, 3 / 4)
    assert [text for text, has_ink in found.items() if not has_ink] == []


def test_without_its_fonts_the_ink_test_would_fail(samples: ModuleType) -> None:
    # The trap this guards against: a family resvg does not know draws no text and no error.
    import resvg_py

    svg = render(samples.sequence(), "svg").decode()
    bare = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, background="#ffffff")
    assert len(bare) < len(render(samples.sequence(), "png")) / 2


def test_zoom_is_pixels_per_unit(samples: ModuleType) -> None:
    root = ET.fromstring(render(samples.status_diagram(), "svg"))
    points = float(root.attrib["width"].removesuffix("pt"))
    png = render(samples.status_diagram(), "png", DrawingOptions(zoom=2.0))
    assert abs(struct.unpack(">I", png[16:20])[0] - 2 * points) <= 2
