"""`ocpp-verify demo` as it is called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from ocpp_verify.cli import main
from ocpp_verify.cli.demo import _Show
from ocpp_verify.reporters.demo_text import failures
from ocpp_verify.reporters.html import Cell, Page, Paragraph, Picture, Section, Table, render
from ocpp_verify.runner.demo import weaken
from ocpp_verify.runner.demo_tests import repository, run_tests


@pytest.mark.slow
@pytest.mark.loopback
@pytest.mark.timeout(480)
def test_the_demonstration_comes_out_as_expected(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["demo", "-o", str(tmp_path)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.output
    assert "refuted: OnlyTheHolderStarts (RES-USE-001, RES-USE-008), shortest" in result.output
    assert re.search(r"^a good charger: pass: \d\d+ passed", result.output, re.MULTILINE)
    faulty = result.output.partition("(CP-V1): ")[2]
    assert re.match(r"fail: \d+ failed", faulty)
    assert re.search(r"failed: test_refuses\[.*RES-USE-001", faulty)
    assert re.search(r"^  test_refuses\[TakeTag.*:$", faulty, re.MULTILINE)
    assert "expected one of:" in faulty
    assert result.output.endswith(f"report: {tmp_path / 'report.html'}\n")
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "OnlyTheHolderStarts.svg",
        "ReservedThenUsed.svg",
        "connector_status.svg",
        "report.html",
        "tests",
    ]
    assert "?" not in (tmp_path / "connector_status.svg").read_text(encoding="utf-8")
    assert (tmp_path / "tests" / "ocpp16" / "test_reservation_charger.py").is_file()
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 3
    assert "expected one of" in page.partition('<section id="part-5">')[2]
    assert "<script" not in page
    assert "not as expected" not in page
    assert not external(page)


def test_what_was_done_before_an_interruption_is_in_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(show: object) -> Iterator[Section]:
        yield Section("Done", (Paragraph("this was done"),), "as expected", "good")
        raise KeyboardInterrupt

    monkeypatch.setattr(_Show, "all", interrupted)
    result = CliRunner().invoke(main, ["demo", "-o", str(tmp_path)])
    assert result.exit_code == 130
    assert "interrupted" in result.output
    assert "this was done" in (tmp_path / "report.html").read_text(encoding="utf-8")


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


def test_tests_that_cannot_run_are_no_pass(tmp_path: Path) -> None:
    root = repository()
    assert root is not None
    (found,) = run_tests(root, tmp_path / "test_missing.py", ("",), tmp_path, 60.0)
    assert found.verdict == "inconclusive"
    assert "test_missing.py" in found.broken


def test_passes_and_failures_are_counted_and_told(tmp_path: Path) -> None:
    root = repository()
    assert root is not None
    file = tmp_path / "test_two.py"
    file.write_text("def test_a(): pass\n\ndef test_b(): assert 1 == 2, 'one is not two'\n")
    (found,) = run_tests(root, file, ("",), tmp_path, 60.0)
    assert (found.verdict, found.passed, found.skipped) == ("fail", 1, 0)
    assert [each.test for each in found.failures] == ["test_b"]
    assert "one is not two" in "\n".join(failures(found))


def test_of_several_failures_one_about_the_broken_rule_is_shown(tmp_path: Path) -> None:
    root = repository()
    assert root is not None
    file = tmp_path / "test_generated.py"
    file.write_text(
        """import pytest

CLAUSES = (
    # some.model:7  CORE-STAT-001
    "StatusNotification",
)
REFUSALS = (
    # some.model:9  RES-USE-001, RES-ZERO-003
    ("TakeTag", "held[connectorId] == none"),
)

@pytest.mark.parametrize("clause", CLAUSES)
def test_shows(clause):
    raise AssertionError("expected one of: a")

@pytest.mark.parametrize(("step", "condition"), REFUSALS)
def test_refuses(step, condition):
    raise AssertionError("expected one of: nothing, which is a longer message")
"""
    )
    (found,) = run_tests(root, file, ("",), tmp_path, 60.0)
    assert [each.rules for each in found.failures] == [
        ("CORE-STAT-001",),
        ("RES-USE-001", "RES-ZERO-003"),
    ]
    names, _, told = "\n".join(failures(found)).partition("\n\n")
    assert "test_refuses[TakeTag-held[connectorId] == none]  RES-USE-001, RES-ZERO-003" in names
    assert "a longer message" in told
    assert "expected one of: a\n" not in told
