"""`ocpp-verify demo` as it is called."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from ocpp_verify.cli import main
from ocpp_verify.reporters.html import Cell, Page, Paragraph, Picture, Section, Table, render
from ocpp_verify.runner.demo import weaken


@pytest.mark.slow
@pytest.mark.loopback
@pytest.mark.timeout(240)
def test_the_demonstration_comes_out_as_expected(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["demo", "-o", str(tmp_path)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.output
    assert "refuted: OnlyTheHolderStarts (RES-USE-001, RES-USE-008), shortest" in result.output
    assert "pass: 3 of 3 purposes shown" in result.output
    faulty = result.output.partition("5/5 ")[2]
    assert re.search(r"fail: StartTransaction\(.*\bRES-USE-001\b", faulty, re.DOTALL)
    assert result.output.endswith(f"report: {tmp_path / 'report.html'}\n")
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "OnlyTheHolderStarts.svg",
        "ReservedThenUsed.svg",
        "connector_status.svg",
        "report.html",
    ]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 3
    assert "RES-USE-001" in page.partition('<section id="part-5">')[2]
    assert "<script" not in page
    assert "not as expected" not in page
    assert not external(page)


def external(page: str) -> list[str]:
    """What a browser would fetch: everything linked but places in the page itself."""
    linked = re.findall(r"""\b(?:href|src|srcset|data)\s*=\s*["']([^"']*)""", page)
    linked += re.findall(r"url\(\s*[\"']?([^)\"']*)", page) + re.findall(r"@import[^;]*", page)
    return [each for each in linked if not each.startswith("#")]


def test_the_weakened_design_says_what_was_dropped_and_keeps_its_lines() -> None:
    weakened = weaken()
    dropped = "\n".join(line for each in weakened.dropped for line in each.lines)
    assert "refine TakeTag" in dropped
    assert "holder[connectorId] == idTag" in dropped
    assert not weakened.project.has_errors
    for each in (*weakened.dropped, *weakened.narrowed):
        shipped = Path(each.file).read_text(encoding="utf-8").splitlines()
        changed = weakened.project.sources[each.file].text.splitlines()
        assert len(shipped) == len(changed)
        first = each.line - 1
        assert shipped[first] == each.lines[0]
        assert changed[first] == (each.others[0] if each.others else "")


def test_a_page_escapes_everything_but_its_pictures() -> None:
    table = Table(("<th>",), ((Cell("<td>", "good"),),))
    picture = Picture("<i>", '<?xml version="1.0"?>\n<svg><title>x</title></svg>')
    page = render(Page("<t>", "a & b", (Section("<h>", (Paragraph("<p>"), table, picture)),)))
    assert "&lt;t&gt;" in page
    assert "a &amp; b" in page
    assert "<p>&lt;p&gt;</p>" in page
    assert '<td class="good">&lt;td&gt;</td>' in page
    assert "<svg><title>x</title></svg>" in page
    assert "<?xml" not in page
    assert not external(page)
