"""The page about the shipped models, written about a small one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocpp_verify.events import CheckFinished
from ocpp_verify.reporters.dashboard import Shown, render
from ocpp_verify.runner.check import check
from ocpp_verify.runner.project import open_project

MODEL = """
profile Lamp
sort Bulb = 1..2
charger state lit[Bulb] : bool = false
event Press(bulb: Bulb) at charger
  when not lit[bulb]
  then lit[bulb] := true
"""
SPEC = """
spec Lamp
invariant Dark
  forall b: Bulb . not lit[b]
reach Bright
  forall b: Bulb . lit[b]
transitions Light of lit(bulb: Bulb) {
  press: false -> true
}
"""


@pytest.fixture
def finished(tmp_path: Path) -> CheckFinished:
    (tmp_path / "lamp.model").write_text(MODEL + "define lit_(bulb: Bulb) : bool = lit[bulb]\n")
    (tmp_path / "lamp.spec").write_text(SPEC.replace("of lit(", "of lit_("))
    project = open_project((tmp_path / "lamp.model",))
    assert not project.has_errors, project.diagnostics
    return check(project)


def test_the_page_has_a_row_for_every_property(finished: CheckFinished) -> None:
    page = render(finished, (Shown("Lamp", "pictures/lamp.svg"),), 2, "./dev models")
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    assert set(rows) == {"Dark", "Bright", "Light", "Light.press"}
    assert "| refuted |" in rows["Dark"]
    assert "| reached |" in rows["Bright"]
    assert "Bulb=2: 3 of 4 properties as expected" in page
    assert "![Lamp](pictures/lamp.svg)" in page
    assert page.index("## Transitions") > page.index("`Light`")
