"""`ocpp-verify draw` on a small project: what it writes, where, and what it says when it cannot."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ocpp_verify.cli import main

MODEL = """
profile Parking
sort Connector = 1..2
sort IdTag = {A, B} symmetric
enum Status = {Available, Charging}
link charger, csms fifo
csms state valid[IdTag] : bool = any
charger state plugged[Connector] : bool = false
charger state user[Connector] : IdTag? = none
define status(connectorId: Connector) : Status = if user[connectorId] != none then Charging else Available
event NetworkUp() at charger when not online then connect
event PlugIn(connectorId: Connector) at charger
  when not plugged[connectorId]
  then plugged[connectorId] := true
event PlugOut(connectorId: Connector) at charger
  when plugged[connectorId]
  then plugged[connectorId] := false, user[connectorId] := none
call Authorize(idTag: IdTag, internal connectorId: Connector) from charger
  when plugged[connectorId] and user[connectorId] == none
  reply Accepted when valid[idTag]
    then for c: Connector if c == connectorId and plugged[c] { user[c] := idTag }
  reply Invalid when not valid[idTag]
"""
SPEC = """
spec Parking
transitions StatusChanges of status(connectorId: Connector) {
  AC: Available -> Charging
  CA: Charging -> Available
}
invariant NobodyTwice
  forall t: IdTag . count(c: Connector . user[c] == t) <= 1
invariant UsersArePlugged
  forall c: Connector . user[c] != none implies plugged[c]
reach Full
  forall c: Connector . user[c] != none
scenario Charge(c: Connector, t: IdTag) {
  PlugIn(connectorId = c);
  Authorize(idTag = t, connectorId = c).Accepted;
  state status(c) == Charging;
  PlugOut(connectorId = c);
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "parking.model").write_text(MODEL)
    (tmp_path / "parking.spec").write_text(SPEC)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def draw(*words: str) -> Result:
    return CliRunner().invoke(main, ["draw", "parking.model", *words])


def test_an_expression_becomes_a_state_diagram(folder: Path) -> None:
    result = draw("status(1)")
    assert result.exit_code == 0, result.output
    assert result.output == "out/status_1.svg\n"
    drawn = (folder / "out" / "status_1.svg").read_text()
    assert "AC Authorize.Accepted received" in drawn
    assert "CA PlugOut" in drawn


@pytest.mark.parametrize(("format", "start"), [("dot", "digraph"), ("mermaid", "---\ntitle")])
def test_one_picture_as_text_goes_to_the_screen(folder: Path, format: str, start: str) -> None:
    result = draw("user[1]", "--format", format)
    assert result.exit_code == 0
    assert result.output.startswith(start)
    assert not (folder / "out").exists()


def test_a_state_diagram_becomes_a_graph_for_other_programs(folder: Path) -> None:
    import networkx

    result = draw("status(1)", "--format", "graphml")
    assert result.exit_code == 0, result.output
    graph = networkx.parse_graphml(result.output, force_multigraph=True)
    assert ("Available", "Charging") in graph.edges()
    assert graph.nodes["Available"]["initial"]


def test_walks_make_every_change(folder: Path) -> None:
    result = draw("status(1)", "--walks", "--format", "markdown")
    assert result.exit_code == 0, result.output
    rows = [line.strip("| ").split("|") for line in result.output.splitlines()[4:]]
    steps = [(row[3].strip(), row[4].strip()) for row in rows]
    assert set(steps) == {("Available", "Charging"), ("Charging", "Available")}
    assert [row[2].strip() for row in rows] == ["AC", "CA"]
    assert all(one[1] == two[0] for one, two in pairwise(steps))


def test_the_suffix_chooses_the_format(folder: Path) -> None:
    assert draw("status(2)", "-o", "pictures/two.png").exit_code == 0
    assert (folder / "pictures" / "two.png").read_bytes().startswith(b"\x89PNG")


def test_a_scenario_becomes_a_run_that_shows_it(folder: Path) -> None:
    result = draw("Charge", "--format", "text")
    assert result.exit_code == 0, result.output
    for word in ("PlugIn", "Authorize.Accepted", "user, vehicle, site", "OK: here: status("):
        assert word in result.output


def test_a_refuted_property_becomes_its_counterexample(folder: Path) -> None:
    result = draw("NobodyTwice", "--format", "text")
    assert result.exit_code == 0, result.output
    assert "FAIL: NobodyTwice is not true here" in result.output


def test_there_is_no_picture_of_a_proof(folder: Path) -> None:
    result = draw("UsersArePlugged")
    assert result.exit_code == 2
    assert "is proved: there is no trace against it to draw" in result.output


def test_actions_and_transitions_are_tables(folder: Path) -> None:
    table = draw("Authorize", "-f", "markdown").output
    assert "plugged\\[connectorId\\] and user\\[connectorId\\] == none" in table
    changes = draw("StatusChanges", "-f", "markdown").output
    assert "| AC   | Available | Charging  | Authorize.Accepted received |" in changes


def test_without_a_name_the_usual_pictures_are_drawn(folder: Path) -> None:
    result = draw("-o", "pictures")
    assert result.exit_code == 0, result.output
    names = {each.name for each in (folder / "pictures").iterdir()}
    assert names == {"status_1.svg", "Charge.svg", "actions.md"}


def test_a_trace_file_is_drawn(folder: Path) -> None:
    CliRunner().invoke(main, ["check", "parking.model", "--trace-dir", "traces", "--no-sanity"])
    file = "traces/NobodyTwice.trace.json"
    result = CliRunner().invoke(main, ["draw", file, "-f", "text"])
    assert result.exit_code == 0, result.output
    assert "FAIL: NobodyTwice is not true here" in result.output
    document = json.loads(Path(file).read_text())
    document["trace"]["steps"][0]["action"] = "PlugOut"
    Path(file).write_text(json.dumps(document))
    result = CliRunner().invoke(main, ["draw", file])
    assert result.exit_code == 2
    assert "is not possible in the model" in result.output


def test_everything_with_a_name_is_listed(folder: Path) -> None:
    result = draw("--list")
    assert result.exit_code == 0
    for word in ("user[1]", "status(1)", "StatusChanges", "Charge", "Authorize", "Full"):
        assert word in result.output
    assert not (folder / "out").exists()


def test_sizes_are_chosen_on_the_command_line(folder: Path) -> None:
    assert draw("status(3)", "--size", "Connector=3", "-f", "dot").exit_code == 0
    assert draw("status(3)", "-f", "dot").exit_code == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["statu(1)"], "did you mean `status`?"),
        (["Autorize"], "did you mean `Authorize`?"),
        (["Charged"], "did you mean `Charge`?"),
        (["status"], "write `status(1)`"),
        (["status(1)", "--only", "PlugInn"], "did you mean `PlugIn`?"),
        (["status(1)", "user[1]", "-o", "one.svg"], "do not fit into `one.svg`"),
        (["Authorize", "-f", "png"], "cannot be shown as png"),
        (["gone.trace.json"], "cannot be read"),
        (["parking.trace.json"], "is no trace"),
        (["status(1)", "--size", "Connector"], "is not written"),
        (["status(1)", "-o", "parking.model/x/"], "cannot be written"),
        (["status(1)", "-o", "one.jpg"], "`.jpg` is no format"),
    ],
)
def test_what_is_wrong_is_said_without_a_traceback(
    folder: Path, words: list[str], message: str
) -> None:
    (folder / "parking.trace.json").write_text("[]")
    result = draw(*words)
    assert result.exit_code == 2, result.output
    assert message in result.output
    assert "Traceback" not in result.output


def test_a_model_with_errors_is_not_drawn(folder: Path) -> None:
    (folder / "parking.model").write_text(MODEL.replace("when not plugged", "when not pluged", 1))
    result = draw("status(1)")
    assert result.exit_code == 2
    assert "did you mean `plugged`?" in result.output
    assert "nothing was drawn" in result.output
