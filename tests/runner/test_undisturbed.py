"""Runs that show a scenario have nothing in them that it does not ask for, where that is possible."""

from __future__ import annotations

from pathlib import Path

from ocpp_verify.ir.properties import Scenario
from ocpp_verify.runner.project import Project, open_project
from ocpp_verify.runner.undisturbed import find_run, undisturbed

MODEL = """
profile Lamp
link charger, csms fifo
charger state lit : bool = false
charger state hot : bool = false
event NetworkUp() at charger when not online then connect
event Press() at charger then lit := not lit
event Warm() at charger when not hot then hot := true
call ClearCache() from csms
  reply Accepted then lit := false
call Heartbeat() from charger
  when lit
  reply
"""
SPEC = """
spec Lamp
scenario Lit() { Press(); Heartbeat(); }
scenario NeedsWarmth() { Press(); state hot; }
"""


def opened(folder: Path) -> Project:
    (folder / "lamp.model").write_text(MODEL)
    (folder / "lamp.spec").write_text(SPEC)
    project = open_project((folder / "lamp.model",))
    assert not project.has_errors
    return project


def scenario(project: Project, name: str) -> Scenario:
    found = next(each for each in project.properties if each.name == name)
    assert isinstance(found, Scenario)
    return found


def test_what_the_scenario_does_not_name_is_left_out(tmp_path: Path) -> None:
    project = opened(tmp_path)
    smaller = undisturbed(project, scenario(project, "Lit")).model
    assert smaller is not None
    assert [each.name for each in smaller.actions] == ["NetworkUp", "Press", "Heartbeat"]


def test_a_run_of_the_smaller_model_shows_it(tmp_path: Path) -> None:
    project = opened(tmp_path)
    decided = find_run(project, scenario(project, "Lit"), 20.0).decided[0]
    assert decided.status == "proved"
    assert decided.evidence is not None
    actions = {each.label.action for each in decided.evidence.lowering.system.commands}
    assert "Warm" not in actions


def test_the_whole_model_is_asked_where_the_smaller_one_has_no_run(tmp_path: Path) -> None:
    project = opened(tmp_path)
    decided = find_run(project, scenario(project, "NeedsWarmth"), 20.0).decided[0]
    assert decided.status == "proved"
    assert decided.evidence is not None
    actions = {each.label.action for each in decided.evidence.lowering.system.commands}
    assert "Warm" in actions
