"""JUnit XML of a live test: a case for each finding, and for each purpose; untestable is skipped."""

from __future__ import annotations

import re
from xml.etree import ElementTree as Xml

from ocpp_verify.reporters.colour import Paint
from ocpp_verify.reporters.live_text import block
from ocpp_verify.runner.verdicts import LiveFinished

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD]")


def render(result: LiveFinished) -> str:
    """The document. What only was not tried is skipped, as is what cannot be tested here."""
    skipped = [each for each in result.showings if not each.is_shown]
    errors = 1 if result.verdict == "inconclusive" else 0
    suite = Xml.Element(
        "testsuite",
        name=f"ocpp-verify test {result.started.sut}",
        tests=str(len(result.failures) + len(result.showings) + errors),
        failures=str(len(result.failures)),
        errors=str(errors),
        skipped=str(len(skipped)),
        time=f"{result.seconds:.3f}",
    )
    for found in result.failures:
        name = _clean(f"{found.number} {found.finding.kind}: {found.finding.message}"[:200])
        case = Xml.SubElement(suite, "testcase", classname="findings", name=name)
        kind = found.finding.kind
        failure = Xml.SubElement(case, "failure", message=_clean(found.finding.message), type=kind)
        failure.text = _clean("\n".join(block(found, result, Paint())))
    for each in result.showings:
        case = Xml.SubElement(suite, "testcase", classname=f"purposes.{each.kind}", name=each.name)
        if each.at.file:
            case.set("file", each.at.file)
            case.set("line", str(each.at.line))
        if not each.is_shown:
            Xml.SubElement(case, "skipped", message=_clean(each.why or "time was up"))
    if errors:
        case = Xml.SubElement(suite, "testcase", classname="verdict", name="the whole test")
        Xml.SubElement(case, "error", message=_clean(result.why), type="inconclusive")
    root = Xml.Element("testsuites")
    root.append(suite)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(root, "unicode") + "\n"


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _FORBIDDEN.sub("?", text)
