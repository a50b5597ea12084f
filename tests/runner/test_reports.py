"""Reports for people and machines."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from ocpp_verify.events import CheckFinished
from ocpp_verify.reporters import json as json_report
from ocpp_verify.reporters import junit, markdown, text
from ocpp_verify.reporters.colour import wanted
from ocpp_verify.runner.check import Settings, check
from ocpp_verify.runner.tactics import Limits
from tests.runner.cases import PARKING, PARKING_SPEC, parking, project_of


@pytest.fixture(scope="module")
def result() -> CheckFinished:
    return check(parking(), Settings(engine="explicit"))


@pytest.fixture(scope="module")
def undecided() -> CheckFinished:
    settings = Settings(
        engine="explicit", limits=Limits(depth=2), only=("CableFirst", "BothAuthorized")
    )
    return check(parking(), settings)


def test_a_trace_names_changes_actors_and_clauses(result: CheckFinished) -> None:
    shown = text.render(result)
    assert "refuted: Unplugged, shortest counterexample, 5 steps\n  parking.spec:2\n" in shown
    assert re.search(
        r" environment PlugIn\(.*\)  plugged\[1\]: false -> true +parking.model:11", shown
    )
    assert re.search(r" at charger  Authorize\(.*\)\.Accepted received +parking.model:16", shown)


def test_lines_fit(result: CheckFinished, undecided: CheckFinished) -> None:
    for each in (result, undecided):
        assert max(map(len, text.render(each).splitlines())) <= text.WIDTH


def test_the_table_has_one_row_for_each_property(result: CheckFinished) -> None:
    table = text.render(result).split("\n\n")[-3]
    assert re.search(r"^CableFirst +invariant +proved +explicit +\d", table, re.MULTILINE)
    assert re.search(r"^BothAuthorized +reach +reached +explicit +\d", table, re.MULTILINE)
    assert re.search(r"^Stranger +reach +unreachable", table, re.MULTILINE)


def test_reached_transitions_share_a_row_unless_verbose() -> None:
    model = PARKING + "define cable(c: Connector) : bool = plugged[c]\n"
    spec = """spec Parking
transitions Cable of cable(c: Connector) {
  In: false -> true
  Out: true -> false
}
"""
    found = check(project_of({"parking.model": model, "parking.spec": spec}))
    assert re.search(r"^Cable\.\* +transition +1 reached", text.render(found), re.MULTILINE)
    assert re.search(r"^Cable\.Out +transition +unreachable", text.render(found), re.MULTILINE)
    shown = text.render(found, verbose=True)
    assert re.search(r"^Cable\.In +transition +reached", shown, re.MULTILINE)


def test_what_is_undecided_says_what_was_covered(undecided: CheckFinished) -> None:
    shown = text.render(undecided)
    assert (
        "CableFirst: no counterexample up to 2 steps (the limit of 2 steps); this is not a proof"
        in shown
    )
    assert (
        "BothAuthorized: not reached within 2 steps (the limit of 2 steps); it may be further away"
        in shown
    )
    assert "\x1b[32m" not in text.render(undecided, colour=True)


def test_colours_follow_the_terminal_and_the_environment(result: CheckFinished) -> None:
    assert "\x1b" not in text.render(result)
    assert "\x1b[31;1mrefuted" in text.render(result, colour=True)
    assert wanted(True, {})
    assert not wanted(False, {})
    assert not wanted(True, {"NO_COLOR": "1"})
    assert wanted(False, {"FORCE_COLOR": "1"})
    assert not wanted(True, {"TERM": "dumb"})


def keys(value: object) -> object:
    """The shape of a document: keys and types."""
    if isinstance(value, dict):
        return {key: keys(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [keys(value[0])] if value else []
    return type(value).__name__


def test_the_json_document_keeps_its_shape(result: CheckFinished) -> None:
    document = json.loads(json_report.render(result))
    assert document["schema_version"] == 1
    assert list(document) == [
        "schema_version", "tool", "model", "sizes", "readings", "config", "interrupted", "seconds",
        "properties", "lint", "lint_left_open", "lint_open_questions", "faults",
    ]  # fmt: skip
    first = document["properties"][0]
    assert list(first) == [
        "name", "kind", "status", "expected", "wants", "engine", "confirmed_by", "how", "sizes",
        "depth", "states", "seconds", "trace", "rules", "at", "rests_on",
    ]  # fmt: skip
    assert (first["name"], first["status"], first["expected"]) == ("Unplugged", "refuted", "proved")
    assert first["at"] == {"file": "parking.spec", "line": 2, "column": 11}
    assert list(first["trace"]) == ["shortest", "initial", "steps"]
    step = first["trace"]["steps"][-1]
    assert list(step) == [
        "label", "phase", "action", "args", "outcome", "answer", "actor", "role", "changes", "at", "rules",
    ]  # fmt: skip
    assert document["properties"][1]["trace"] is None


def test_the_documented_keys_are_those_of_the_document(result: CheckFinished) -> None:
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    document = json_report.document(result)
    for key in (*document, *document["properties"][0]):
        assert f"`{key}`" in page


def test_junit_has_failures_and_errors(result: CheckFinished, undecided: CheckFinished) -> None:
    suite = ElementTree.fromstring(junit.render(result))[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("7", "3", "0")
    failure = suite.find("testcase[@name='Unplugged']/failure")
    assert failure is not None
    assert "Authorize(idTag=A" in (failure.text or "")
    suite = ElementTree.fromstring(junit.render(undecided))[0]
    assert (suite.get("failures"), suite.get("errors")) == ("0", "2")
    error = suite.find("testcase[@name='CableFirst']/error")
    assert error is not None
    assert "not a proof" in (error.get("message") or "")


def test_markdown_is_a_table_without_times(result: CheckFinished) -> None:
    shown = markdown.render(result)
    assert "| `Unplugged` | invariant | refuted | 5 |  |" in shown
    assert shown == markdown.render(check(parking(PARKING_SPEC), Settings(engine="explicit")))
