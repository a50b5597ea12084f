"""JUnit XML: one test case for each property. Refuted is a failure, undecided an error."""

from __future__ import annotations

import re
from xml.etree import ElementTree as Xml

from ocpp_verify.events import CheckFinished, PropertyDecided
from ocpp_verify.reporters.colour import Paint
from ocpp_verify.reporters.text import trace_lines
from ocpp_verify.reporters.words import covered, verdict

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD]")


def render(result: CheckFinished) -> str:
    """The document. Times are those of the exploration that decided, which others may share."""
    refuted = [each for each in result.decided if _is_failure(each)]
    undecided = [
        each for each in result.decided if not each.is_as_expected and not _is_failure(each)
    ]
    suite = Xml.Element(
        "testsuite",
        name=f"ocpp-verify check {result.started.model}",
        tests=str(len(result.decided)),
        failures=str(len(refuted)),
        errors=str(len(undecided) + len(result.faults)),
        skipped="0",
        time=f"{result.seconds:.3f}",
    )
    for each in result.decided:
        _case(suite, result.started.model, each)
    for fault in result.faults:
        case = Xml.SubElement(suite, "testcase", classname="engines", name=_clean(fault.name))
        Xml.SubElement(case, "error", message=_clean(fault.message), type="internal error")
    if result.lint:
        told = "\n".join(f"{each.at}: {each.code} {each.message}" for each in result.lint)
        Xml.SubElement(suite, "system-out").text = _clean(told)
    root = Xml.Element("testsuites")
    root.append(suite)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(root, "unicode") + "\n"


def _is_failure(each: PropertyDecided) -> bool:
    return not each.is_as_expected and each.status in ("refuted", "proved")


def _case(suite: Xml.Element, model: str, each: PropertyDecided) -> None:
    case = Xml.SubElement(
        suite,
        "testcase",
        classname=f"{model}.{each.kind}",
        name=each.name,
        time=f"{each.seconds:.3f}",
    )
    if each.at.file:
        case.set("file", each.at.file)
        case.set("line", str(each.at.line))
    if each.is_as_expected:
        return
    kind = "failure" if _is_failure(each) else "error"
    message = covered(each) or (each.how if each.evidence is None else verdict(each))
    found = Xml.SubElement(case, kind, message=_clean(message), type=each.status)
    if each.evidence is not None:
        found.text = _clean("\n".join(trace_lines(each.evidence, Paint())))


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _FORBIDDEN.sub("?", text)
