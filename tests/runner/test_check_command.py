"""`ocpp-verify check` as it is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ocpp_verify.cli import main
from tests.runner.cases import PARKING, PARKING_SPEC

GOOD = "spec Parking\ninvariant CableFirst\n  forall c: Connector . authorized[c] != none implies plugged[c]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "parking.model").write_text(PARKING, encoding="utf-8")
    (tmp_path / "parking.spec").write_text(PARKING_SPEC, encoding="utf-8")
    return tmp_path


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, ["check", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def test_refuted_is_1_and_all_as_expected_is_0(folder: Path) -> None:
    assert run(folder).exit_code == 1
    (folder / "parking.spec").write_text(GOOD, encoding="utf-8")
    result = run(folder)
    assert result.exit_code == 0
    assert "Parking: 1 as expected" in result.stdout


def test_undecided_is_3(folder: Path) -> None:
    (folder / "parking.spec").write_text(GOOD, encoding="utf-8")
    result = run(folder, "--engine", "explicit", "--depth", 1)
    assert result.exit_code == 3
    assert "this is not a proof" in result.stdout


def test_warnings_count_only_if_strict(folder: Path) -> None:
    model = PARKING.replace("csms    trait valid", "csms    state valid")
    (folder / "parking.model").write_text(model, encoding="utf-8")
    (folder / "parking.spec").write_text(GOOD, encoding="utf-8")
    result = run(folder)
    assert result.exit_code == 0
    assert "warning[OV606]: `valid` keeps its initial value in every run" in result.stdout
    assert run(folder, "--strict").exit_code == 1
    assert run(folder, "--strict", "--no-sanity").exit_code == 0


def test_sizes_and_configuration_are_chosen(folder: Path) -> None:
    result = run(folder, "--size", "Connector=1", "--config", "valid=false", "--json", "-")
    document = json.loads(result.stdout)
    assert document["sizes"] == {"Connector": 1, "IdTag": 2}
    assert document["config"] == {"valid": "false"}
    statuses = {each["name"]: each["status"] for each in document["properties"]}
    assert statuses["Unplugged"] == "proved"
    assert statuses["BothAuthorized"] == "refuted"


def test_reports_and_traces_are_written(folder: Path) -> None:
    out = folder / "out"
    result = run(
        folder, "--json", out / "a.json", "--junit", out / "a.xml", "--markdown", out / "a.md",
        "--trace-dir", out / "traces", "--witnesses",
    )  # fmt: skip
    assert result.exit_code == 1
    assert json.loads((out / "a.json").read_text())["schema_version"] == 1
    assert (out / "a.xml").read_text().startswith("<?xml")
    assert (out / "a.md").read_text().startswith("| property |")
    assert sorted(each.name for each in (out / "traces").iterdir()) == [
        "BothAuthorized.trace.json",
        "OnlyOnce.trace.json",
        "PlugThenAsk.trace.json",
        "Unplugged.trace.json",
    ]
    trace = json.loads((out / "traces" / "Unplugged.trace.json").read_text())
    assert trace["property"] == "Unplugged"
    assert len(trace["trace"]["steps"]) == 5
    assert f"trace: {out / 'traces' / 'Unplugged.trace.json'}" in result.stdout


def test_mistakes_in_a_model_are_shown_with_their_line(folder: Path) -> None:
    (folder / "parking.model").write_text(PARKING.replace("not plugged[", "not pluged["))
    result = run(folder)
    assert result.exit_code == 2
    assert "did you mean `plugged`?" in result.stderr
    assert "when not pluged[connectorId]" in result.stderr
    assert "1 error; nothing was checked" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.model"], "does not exist"),
        (["."], "holds no `.model` file"),
        (["parking.model", "--size", "Plug=2"], "no sort `Plug`"),
        (["parking.model", "--size", "Connector=two"], "no whole number"),
        (["parking.model", "--size", "Connector"], "not written `NAME=VALUE`"),
        (["parking.model", "--reading", "a=b"], "no reading `a`"),
        (["parking.model", "--config", "a=b"], "no configuration key or trait `a`"),
        (["parking.model", "--property", "CableFrist"], "no property `CableFrist`"),
        (["parking.model", "--engine", "magic"], "magic"),
        (["parking.model", "--json", "parking.model/x.json"], "cannot be written"),
    ],
)
def test_wrong_input_is_2_and_never_a_traceback(
    arguments: list[str], message: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if arguments == ["."]:
        (folder / "parking.model").unlink()
        (folder / "parking.spec").unlink()
    monkeypatch.chdir(folder)
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_progress_is_silent_where_no_terminal_is(folder: Path) -> None:
    assert run(folder).stderr == ""
