"""OV407: an unknown rule."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, did_you_mean, error
from ocpp_verify.lang.facts import Program
from ocpp_verify.lang.wire import rule_uses

CODE, TITLE = "OV407", "an unknown rule"


def check(program: Program) -> Iterator[Diagnostic]:
    """A clause names a rule that the catalogue does not have."""
    if program.vocabulary is None or program.vocabulary.rules is None:
        return
    rules = program.vocabulary.rules
    for rule in rule_uses(program):
        if rule.text not in rules:
            yield error(
                CODE,
                f"the catalogue has no rule `{rule.text}`",
                rule.at,
                help=did_you_mean(rule.text, rules) or "check its spelling",
            )
