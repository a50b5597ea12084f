"""The measurements: that they run, that they agree, and that they are told as they were found."""

from __future__ import annotations

import json
from itertools import count

import pytest
from click.testing import CliRunner

from ocpp_verify.cli import main
from ocpp_verify.reporters import bench as reporter
from ocpp_verify.runner.bench import engines, live
from ocpp_verify.runner.bench.figures import Report, Row, Table, side_by_side
from ocpp_verify.runner.bench.slices import core, slice_of


def quiet(_: str) -> None:
    """Nobody looks on."""


def test_contenders_take_turns_and_the_median_counts() -> None:
    calls: list[str] = []
    numbers = count(1)

    def work(name: str) -> dict[str, float]:
        calls.append(name)
        return {"seconds": float(next(numbers))}

    rows = side_by_side("what", {"a": lambda: work("a"), "b": lambda: work("b")}, 3, quiet)
    assert calls == ["a", "b", "a", "b", "a", "b"]
    assert [(row.contender, row.figures["seconds"], row.runs) for row in rows] == [
        ("a", 3.0, 3),
        ("b", 4.0, 3),
    ]


def test_the_engines_agree_on_a_slice_and_different_counts_are_told() -> None:
    table = engines.measure(1, {"cable": "plugged use user fault"}, quiet)
    counts = {row.contender: row.figures["states"] for row in table.rows if not row.missing}
    assert set(counts) >= {engines.EXPLICIT, engines.BDD}
    assert len(set(counts.values())) == 1
    assert not table.wrong
    for row in table.rows:
        assert row.missing or row.figures["seconds"] > 0
    rows = [Row("s", "a", {"states": 3.0}, 1), Row("s", "b", {"states": 4.0}, 1)]
    assert list(engines.disagreements(rows)) == ["s: the engines count different states: a 3, b 4"]


def test_a_slice_of_unknown_variables_is_refused() -> None:
    with pytest.raises(ValueError, match="no such variables: plugd"):
        slice_of(core(), "plugd use")


@pytest.mark.loopback
@pytest.mark.timeout(120)
def test_both_servers_answer_the_same_caller() -> None:
    table = live.measure(1, quiet, rounds=30)
    assert [row.contender for row in table.rows] == [live.BARE, live.OURS]
    assert 0 < table.ratios["live_vs_bare_websockets"] < 2


def report() -> Report:
    rows = [
        Row("small", "ours", {"states": 12_345.0, "seconds": 0.25}, 5),
        Row("small", "theirs", missing="not installed: spin"),
    ]
    table = Table("t", "Title", "What it is.", rows, {"ours_vs_theirs": 2.5}, ["a: wrong"])
    return Report([table], {"cores": "2", "system": "S", "architecture": "A", "python": "3"}, 5)


def test_the_page_has_every_figure_and_what_is_missing() -> None:
    page = reporter.page(report())
    assert "## Title\n\nWhat it is.\n" in page
    assert "| ours   |              12,345 |    0.25 |" in page
    assert "| theirs | not installed: spin |         |" in page
    assert "ours_vs_theirs = 2.5" in page
    assert "WRONG: a: wrong" in page


def test_the_document_has_a_version_ratios_and_rows() -> None:
    document = json.loads(reporter.document(report()))
    assert document["schema_version"] == 1
    assert document["ratios"] == {"ours_vs_theirs": 2.5}
    assert document["wrong"] == ["a: wrong"]
    assert [row["missing"] for row in document["tables"][0]["rows"]] == [
        None,
        "not installed: spin",
    ]


def test_the_command_writes_json_to_standard_output() -> None:
    result = CliRunner().invoke(main, ["bench", "start", "--repeat", "1", "--json", "-"])
    assert result.exit_code == 0, result.output
    ratios = json.loads(result.stdout)["ratios"]
    assert ratios["version_vs_import_click"] > 0
