"""A Markdown table for documentation. It leaves times out, so that equal verdicts make equal text."""

from __future__ import annotations

from ocpp_verify.events import CheckFinished, PropertyDecided
from ocpp_verify.reporters.words import common_grounds, covered, verdict


def render(result: CheckFinished) -> str:
    """A table of all properties, what they hold for, and the warnings."""
    started = result.started
    sizes = ", ".join(f"`{name}` = {size}" for name, size in started.sizes)
    lines = [
        "| property | kind | verdict | steps | rules |",
        "| --- | --- | --- | --- | --- |",
        *(_row(each) for each in result.decided),
        "",
        f"Model {started.model}" + (f", {sizes}." if sizes else "."),
    ]
    grounds = common_grounds(result.decided)
    if grounds:
        lines += ["", f"Rests on: {'; '.join(grounds)}."]
    if result.lint:
        lines += ["", *(f"- {each.code} {_cell(each.message)}" for each in result.lint)]
    return "\n".join(lines) + "\n"


def _row(each: PropertyDecided) -> str:
    steps = "" if each.evidence is None or each.depth is None else str(each.depth)
    told = verdict(each)
    if each.status in ("holds_to_depth", "unknown"):
        told = covered(each)
    rules = ", ".join(each.rules)
    return f"| `{each.name}` | {each.kind} | {_cell(told)} | {steps} | {rules} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
